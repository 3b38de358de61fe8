import { compileSignatures, type SignatureSet } from '../../../diagnosis/logs/compile.ts';
import { reasonOf } from '../../../diagnosis/no-answer.ts';
import type { Ask } from '../../../diagnosis/probe.ts';
import type { Component } from '../../../diagnosis/signatures/signature.ts';
import { isInfraError } from '../../../errors.ts';
import type { LogEvidence, LogMiss, LogWindow, WindowName } from '../../evidence/log-window.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { readWindow } from '../../evidence/scan-window.ts';

/** A log to read. */
export type LogTarget = {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly restarted: boolean;
};

/** A diagnosis is a guest: four streams at once, the newest first, and never more than this of one log at a time. */
const STREAMS = 4;
const LIMIT_BYTES = 16 * 1024 * 1024;

/** Signatures ready to scan with, by components: with `--wait` the same ones are needed every five seconds. */
const READY = new Map<string, SignatureSet>();

/** Every container of the pods that has ever run. */
export function targetsOf(pods: readonly PodFact[], only?: string): readonly LogTarget[] {
  return pods.flatMap(({ namespace, name: pod, containers }) =>
    containers
      .filter(
        ({ runningSince, endedAt, restarts }) => runningSince !== undefined || endedAt !== undefined || restarts > 0,
      )
      .filter(({ name }) => only === undefined || name === only || containers.length === 1)
      .map(({ name: container, restarts }) => ({ namespace, pod, container, restarted: restarts > 0 })),
  );
}

/**
 * Reads logs as a careful operator would: the last quarter of an hour of each; what ran before a restart; where a
 * cause was found, the log's beginning, to say since when; where a log has no line, or nothing at all was served, more
 * hours. A log that cannot be read is a miss. Throws only when none of the newest windows could be read.
 */
export async function readLogs(
  ask: Ask,
  targets: readonly LogTarget[],
  components: readonly Component[],
): Promise<LogEvidence> {
  const key = components.join(' ');
  const signatures = READY.get(key) ?? compileSignatures({ components });
  READY.set(key, signatures);
  const read: LogWindow[] = [];
  const missed: LogMiss[] = [];
  const failures: unknown[] = [];
  const all = async (wanted: readonly LogTarget[], window: WindowName): Promise<void> => {
    const waiting = [...wanted];
    const work = async (): Promise<void> => {
      for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
        const { pod, container } = target;
        try {
          read.push(await readOne(ask, target, window, signatures));
        } catch (error) {
          if (!isInfraError(error)) throw error;
          failures.push(error);
          missed.push({ pod, container, window, reason: reasonOf(error), message: error.message });
        }
      }
    };
    await Promise.all(Array.from({ length: STREAMS }, work));
  };
  await all(targets, 'newest');
  if (read.length === 0 && failures.length > 0) throw failures[0];
  await all(
    targets.filter(({ restarted }) => restarted),
    'previous',
  );
  const newestOf = ({ pod, container }: LogTarget): LogWindow | undefined =>
    read.find((one) => one.pod === pod && one.container === container && one.window === 'newest');
  const hasCause = (target: LogTarget): boolean =>
    newestOf(target)?.found.some(({ kind }) => kind === 'cause') === true;
  const noneServed = !targets.some(hasCause) && targets.every((target) => (newestOf(target)?.served ?? 0) === 0);
  await all(targets.filter(hasCause), 'beginning');
  await all(
    targets.filter((target) => noneServed || newestOf(target)?.lines === 0),
    'wider',
  );
  const order = (a: LogWindow | LogMiss, b: LogWindow | LogMiss): number =>
    `${a.pod} ${a.container} ${a.window}`.localeCompare(`${b.pod} ${b.container} ${b.window}`, 'en');
  return { read: read.sort(order), missed: missed.sort(order) };
}

async function readOne(ask: Ask, target: LogTarget, window: WindowName, signatures: SignatureSet): Promise<LogWindow> {
  const { namespace, pod, container } = target;
  const kubernetes = await ask.client('kubernetes');
  const request = { namespace, pod, container, limitBytes: LIMIT_BYTES, signal: ask.signal };
  return await readWindow(kubernetes, window, { request, signatures, now: ask.now });
}
