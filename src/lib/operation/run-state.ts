import type { Clients } from '../clients/clients.ts';
import { InfraError } from '../errors.ts';
import type { RunRecord } from './journal.ts';

/** What `run list` shows of one execution. */
export type RunSummary = {
  readonly id: string;
  readonly operation: string;
  readonly target: string;
  readonly site: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly state: string;
  readonly code?: string;
  readonly lastStep?: string;
};

/** Folds a journal into its summary; a run without an end is `running` only if its process is proved alive. */
export async function summariseRun(clients: Pick<Clients, 'processes'>, record: RunRecord): Promise<RunSummary> {
  const { id, operation, target, site } = record.header;
  const lastStep = record.lines.findLast((line) => line.step !== undefined)?.step;
  const base = {
    id,
    operation,
    target,
    site,
    startedAt: record.startedAt,
    ...(lastStep === undefined ? {} : { lastStep }),
  };
  if (record.end !== undefined) {
    const { at, status, code } = record.end;
    return { ...base, endedAt: at, state: status, ...(code === undefined ? {} : { code }) };
  }
  const alive = await clients.processes.liveness(record.header.process);
  return { ...base, state: alive === 'alive' ? 'running' : alive === 'unknown' ? 'on another host' : 'killed' };
}

/** True when the run changed something, or may have, and did not end well: the same command has to be run again. */
export function isUnfinished(record: RunRecord): boolean {
  // A run that went on from another has inherited what that one left open, even if it wrote nothing itself.
  const wrote = record.lines.some((line) => line.event === 'step-applying' || line.event === 'run-resumed');
  const undone = record.lines.findLast((line) => line.event === 'rolled-back')?.data?.outcome === 'undone';
  const endedWell = record.end?.status === 'ok' || (record.end !== undefined && undone);
  return wrote && !endedWell;
}

/** The one run whose id starts with `prefix`. Errors: `run.unknown` (64), `run.ambiguous` (64). */
export function findRun(records: readonly RunRecord[], prefix: string): RunRecord {
  const matches = records.filter((record) => record.header.id.startsWith(prefix));
  const [first] = matches;
  if (first === undefined) {
    throw new InfraError('run.unknown', 'usage', `No run has an id that starts with "${prefix}".`, {
      hints: ['infra run list'],
    });
  }
  if (matches.length > 1 && first.header.id !== prefix) {
    const ids = matches.map((record) => record.header.id).join(', ');
    throw new InfraError('run.ambiguous', 'usage', `"${prefix}" is the start of ${matches.length} runs: ${ids}.`, {
      hints: ['Type more of the id.'],
    });
  }
  return first;
}
