import { createHash } from 'node:crypto';
import type { StackDeps } from '../deps.ts';
import type { StateFacts } from './state-file.ts';

/**
 * Evidence that a child of infra may have changed a Tier-0 state which is not yet in git: written before an apply begins,
 * removed when its state is proved to be encrypted and committed. Whoever finds it after a kill knows that a readable
 * state newer than the encrypted one is infra's own work, to be saved and not refused.
 */
export type Pending = {
  readonly run: string;
  readonly serial: number | undefined;
  readonly lineage: string | undefined;
};

type PendingDeps = Pick<StackDeps, 'clients' | 'site' | 'stateFolder' | 'runId'>;

/** Marks that the state is about to be changed, from `before` (undefined: there is none yet). */
export async function markPending(deps: PendingDeps, stack: string, before: StateFacts | undefined): Promise<void> {
  const pending: Pending = { run: deps.runId, serial: before?.serial, lineage: before?.lineage };
  await deps.clients.files.writeAtomic(pendingPath(deps, stack), `${JSON.stringify(pending)}\n`, 0o600);
}

/** True when an earlier apply of this stack from this checkout did not end with its state in git. */
export async function isPending(deps: PendingDeps, stack: string): Promise<boolean> {
  return (await deps.clients.files.info(pendingPath(deps, stack))) !== undefined;
}

/** The state is in git. */
export async function clearPending(deps: PendingDeps, stack: string): Promise<void> {
  await deps.clients.files.remove(pendingPath(deps, stack));
}

function pendingPath(deps: PendingDeps, stack: string): string {
  return `${deps.stateFolder}/tier0/${siteHash(deps.site.root.value)}-${stack}.json`;
}

/** Short name of a checkout in file names: two checkouts never share a lock or a marker. */
export function siteHash(root: string): string {
  return createHash('sha256').update(root).digest('hex').slice(0, 12);
}
