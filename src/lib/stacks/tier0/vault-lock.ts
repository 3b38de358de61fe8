import type { ProcessIdentity } from '../../clients/process/client.ts';
import type { KvRead } from '../../clients/vault/client.ts';
import { InfraError, isInfraError } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { StackDeps } from '../deps.ts';

/** How often the holder renews its lock, and how long others wait after the last renewal before they take it over. */
const HEARTBEAT_MS = 30_000;
export const EXPIRY_MS = 15 * 60_000;

/** An advisory lock in Vault. `finding` is a WARN when the token may not write locks: then nothing is held. */
export type VaultLock = {
  readonly finding: Finding | undefined;
  /** Names the child too, so that nobody takes the lock from a child that outlives infra. */
  setChild(child: ProcessIdentity | undefined): Promise<void>;
  /** Ends the heartbeat and frees the lock, if this run still holds it. */
  release(): Promise<void>;
};

/** Who holds a lock in Vault, as infra writes it there. */
export type Holder = {
  readonly infra: ProcessIdentity;
  readonly user: string;
  readonly run: string;
  readonly renewedAt: string;
  readonly child?: ProcessIdentity;
};
type LockDeps = Pick<StackDeps, 'clients' | 'site' | 'env' | 'runId'>;

/**
 * Takes the lock `<vault.locks>/<stack>` by compare-and-set. A holder on this machine counts as gone when infra and its
 * child are dead; one elsewhere when it has not renewed for 15 minutes.
 * Errors: `stack.locked` (75) naming the holder; those of `Vault` but `vault.denied`, which is a finding.
 */
export async function takeVaultLock(deps: LockDeps, stack: string): Promise<VaultLock> {
  const { vault, clock, processes } = deps.clients;
  const path = `${deps.site.vault.locks.value}/${stack}`;
  const infra = await processes.self();
  const user = deps.env.USER ?? deps.env.LOGNAME ?? 'unknown';
  let child: ProcessIdentity | undefined;
  const holder = (): Holder => ({
    infra,
    user,
    run: deps.runId,
    renewedAt: clock.now().toISOString(),
    ...(child ? { child } : {}),
  });

  let version: number;
  try {
    const found = await vault.kvRead(path);
    await refuseLiveHolder(deps, stack, path, found);
    version = await vault.kvPut(path, { holder: holder() }, found.state === 'absent' ? 0 : found.version);
  } catch (error) {
    if (isInfraError(error, 'vault.denied')) return unlocked(stack, path);
    if (isInfraError(error, 'vault.cas-lost')) throw lockedBy(stack, path, 'somebody who took it at this moment');
    throw error;
  }

  // Writes follow each other: a heartbeat and a change of the child must not race for the version. Once somebody else
  // has the lock, it is theirs.
  let order: Promise<unknown> = Promise.resolve();
  let isLost = false;
  const write = (data: () => Readonly<Record<string, unknown>>): Promise<void> => {
    const turn = order.then(async () => {
      if (isLost) return;
      try {
        version = await vault.kvPut(path, data(), version);
      } catch (error) {
        isLost = isInfraError(error, 'vault.cas-lost');
        throw error;
      }
    });
    order = turn.catch(() => undefined); // Only the order: the caller of `write` gets the error.
    return turn;
  };
  const stop = new AbortController();
  const beating = beat(deps, stop.signal, () => write(() => ({ holder: holder() })));
  return {
    finding: undefined,
    async setChild(next) {
      child = next;
      await quietly(write(() => ({ holder: holder() })));
    },
    async release() {
      stop.abort();
      await beating;
      await quietly(write(() => ({})));
    },
  };
}

async function beat(deps: LockDeps, signal: AbortSignal, renew: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      await deps.clients.clock.sleep(HEARTBEAT_MS, signal);
    } catch {
      return; // The lock is being released.
    }
    await quietly(renew());
  }
}

/**
 * A renewal or release that fails changes nothing for the apply: the lock is advisory, the state's own lock and the push
 * decide. It expires by itself. A defect is thrown on.
 */
async function quietly(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isInfraError(error)) throw error;
  }
}

async function refuseLiveHolder(deps: LockDeps, stack: string, path: string, found: KvRead): Promise<void> {
  if (found.state !== 'present' || Object.keys(found.data).length === 0) return;
  const holder = readHolder(found.data.holder);
  if (holder === undefined) throw lockedBy(stack, path, 'another program (the document is not one of infra)');
  const lives = await Promise.all(
    [holder.infra, holder.child].map((each) => (each === undefined ? 'dead' : deps.clients.processes.liveness(each))),
  );
  if (lives.every((life) => life === 'dead')) return;
  const age = deps.clients.clock.now().getTime() - Date.parse(holder.renewedAt);
  if (!lives.includes('alive') && age > EXPIRY_MS) return;
  const who = `${holder.user} on ${holder.infra.host} (pid ${holder.infra.pid}, run ${holder.run})`;
  throw lockedBy(stack, path, `${who}, renewed ${Math.max(0, Math.round(age / 1000))} s ago`);
}

/** The holder in a lock's document, or undefined when another program wrote it. */
export function readHolder(value: unknown): Holder | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { infra, user, run, renewedAt, child } = value as Partial<Record<keyof Holder, unknown>>;
  if (!isIdentity(infra) || typeof user !== 'string' || typeof run !== 'string') return undefined;
  if (typeof renewedAt !== 'string' || Number.isNaN(Date.parse(renewedAt))) return undefined;
  return { infra, user, run, renewedAt, ...(isIdentity(child) ? { child } : {}) };
}

/** Whether a stored value names a process. */
export function isIdentity(value: unknown): value is ProcessIdentity {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, startedAt, host } = value as Partial<Record<keyof ProcessIdentity, unknown>>;
  return typeof pid === 'number' && typeof startedAt === 'string' && typeof host === 'string';
}

function lockedBy(stack: string, path: string, who: string): InfraError {
  return new InfraError('stack.locked', 'busy', `Took the lock ${path}: ${stack} is held by ${who}.`, {
    hints: [
      'Wait for it and run the same command again.',
      `If the holder is gone for certain: vault kv metadata delete ${path}`,
    ],
  });
}

function unlocked(stack: string, path: string): VaultLock {
  const finding: Finding = {
    id: 'stack.vault-lock',
    title: `lock of ${stack}`,
    verdict: 'WARN',
    detail: `the token may not write ${path}: others are not told that ${stack} is being applied`,
    hint: `allow create, read and update on ${path.replace('/', '/data/')}`,
  };
  return { finding, setChild: async () => {}, release: async () => {} };
}
