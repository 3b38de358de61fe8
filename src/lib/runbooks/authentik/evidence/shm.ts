import type { Ask } from '../../../diagnosis/probe.ts';
import { InfraError } from '../../../errors.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { maybe } from '../../evidence/shape.ts';
import { outpostContainer } from './outposts.ts';

/** `/dev/shm` of one container. */
export type ShmFact = {
  readonly pod: string;
  readonly sizeBytes: number;
  readonly usedBytes: number;
  /** Everything in it; undefined when the file system does not count. */
  readonly files?: number;
  /** What is in it besides sessions: sockets, lock files, metrics. */
  readonly otherFiles: number;
  readonly otherBytes: number;
  /** When it was measured, ISO 8601. */
  readonly at: string;
  /** Everything in it a while later, where two measurements were asked for. */
  readonly later?: { readonly files?: number; readonly usedBytes: number; readonly at: string };
};

/** A container that could not be measured. */
export type ShmMiss = { readonly pod: string; readonly reason: string; readonly message: string };

export type ShmEvidence = { readonly measured: readonly ShmFact[]; readonly missed: readonly ShmMiss[] };

/** One program each, and never a list of a hundred thousand names: `ls` leaves the sessions out by itself. */
export const DF = ['df', '-B1', '--output=size,used,avail,itotal,iused', '/dev/shm'] as const;
const LS = ['ls', '-A', '-s', '--block-size=1', '--ignore=session_*', '--ignore=.session_*', '/dev/shm'] as const;

const EXEC_MS = 8000;

/** Measures the pods' /dev/shm, four at a time. Throws only when none could be measured. */
export async function measureShm(ask: Ask, pods: readonly PodFact[]): Promise<ShmEvidence> {
  const measured: ShmFact[] = [];
  const missed: ShmMiss[] = [];
  const failures: unknown[] = [];
  const waiting = [...pods];
  const work = async (): Promise<void> => {
    for (let pod = waiting.shift(); pod !== undefined; pod = waiting.shift()) {
      try {
        measured.push(await measureOne(ask, pod));
      } catch (error) {
        if (!(error instanceof InfraError)) throw error;
        failures.push(error);
        missed.push({ pod: pod.name, reason: error.code, message: error.message });
      }
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  if (measured.length === 0 && failures.length > 0) throw failures[0];
  const byName = (a: { pod: string }, b: { pod: string }): number => a.pod.localeCompare(b.pod, 'en');
  return { measured: measured.sort(byName), missed: missed.sort(byName) };
}

async function measureOne(ask: Ask, pod: PodFact): Promise<ShmFact> {
  const container = outpostContainer(pod)?.name;
  const [kubernetes, clock] = await Promise.all([ask.client('kubernetes'), ask.client('clock')]);
  const run = async (command: readonly string[]): Promise<string> => {
    const done = await kubernetes.exec(pod.namespace, pod.name, container, command, { timeoutMs: EXEC_MS });
    // Half a list would be counted as a whole one.
    if (done.truncated === true) {
      const message = `${command[0]} in ${pod.name} wrote more than is read.`;
      throw new InfraError('authentik.shm.malformed', 'unavailable', message);
    }
    if (done.exitCode === 0) return done.stdout;
    const said = done.stderr.trim().split('\n')[0] ?? '';
    throw new InfraError(
      'authentik.shm.failed',
      'unavailable',
      `${command[0]} in ${pod.name} ended with ${done.exitCode}: ${said}`,
    );
  };
  const first = readDf(await run(DF), pod.name);
  const others = readLs(await run(LS));
  const at = clock.now().toISOString();
  const { sampleSeconds } = ask.options;
  if (typeof sampleSeconds !== 'number' || sampleSeconds <= 0) return { pod: pod.name, ...first, ...others, at };
  await clock.sleep(sampleSeconds * 1000, ask.signal);
  const { files, usedBytes } = readDf(await run(DF), pod.name);
  const later = { usedBytes, ...maybe('files', files), at: clock.now().toISOString() };
  return { pod: pod.name, ...first, ...others, at, later };
}

/** The line of numbers that GNU df prints. Errors: `authentik.shm.malformed` (69). */
export function readDf(text: string, pod: string): Pick<ShmFact, 'sizeBytes' | 'usedBytes' | 'files'> {
  const line = text.trim().split('\n').at(-1) ?? '';
  const [size, used, , total, inodes] = line.trim().split(/\s+/).map(Number);
  if (size === undefined || used === undefined || !Number.isFinite(size) || !Number.isFinite(used) || size <= 0) {
    throw new InfraError('authentik.shm.malformed', 'unavailable', `df in ${pod} printed no figures of /dev/shm.`);
  }
  // The folder itself is one of them. A file system that does not count inodes prints 0 or a dash.
  const counts = total !== undefined && total > 0 && inodes !== undefined && inodes > 0;
  return { sizeBytes: size, usedBytes: used, ...maybe('files', counts ? inodes - 1 : undefined) };
}

/** Files and their blocks from `ls -s`; its first line is the sum. */
export function readLs(text: string): Pick<ShmFact, 'otherFiles' | 'otherBytes'> {
  const sizes = text.split('\n').flatMap((line) => /^\s*([0-9]+) \S/.exec(line)?.[1] ?? []);
  return { otherFiles: sizes.length, otherBytes: sizes.reduce((sum, size) => sum + Number(size), 0) };
}
