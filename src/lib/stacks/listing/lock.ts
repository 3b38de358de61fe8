import type { Clients } from '../../clients/clients.ts';
import { isInfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';
import { lookAtFile } from '../locks/look-file.ts';
import { lookAtRunLock } from '../run/run-lock.ts';
import type { Stack } from '../stack.ts';
import { readHolder } from '../tier0/vault-lock.ts';

/** Whether somebody works on a stack. Free only when every place that can hold its lock was looked at and is free. */
export type LockState =
  | { readonly state: 'free' }
  | { readonly state: 'held'; readonly by: string; readonly since?: string }
  | { readonly state: 'unknown'; readonly reason: string };

/** Looks at one place that can hold the lock of a stack. */
export type LockSource = (stack: Stack) => Promise<LockState>;

/** What is asked. `vault` and `postgres` are left out when they cannot be or need not be asked: then `reason` says why. */
export type LockDeps = {
  readonly clients: Pick<Clients, 'files' | 'machine' | 'processes'>;
  readonly site: Site;
  readonly stateFolder: string;
  readonly vault: Pick<Clients['vault'], 'kvRead'> | { readonly reason: string };
  /** The locks of the PostgreSQL backend; each Tier-1 stack is unknown without. */
  readonly postgres: LockSource | { readonly reason: string };
};

const FREE: LockState = { state: 'free' };

/**
 * The lock of a stack from all places that hold it: infra's lock file on this machine; for Tier 0 the local backend's
 * lock info and the advisory lock in Vault; for Tier 1 the backend. What cannot be asked is unknown, never free.
 */
export function lockReader(deps: LockDeps): LockSource {
  const { postgres } = deps;
  const backend: LockSource = typeof postgres === 'function' ? postgres : async () => unknown(postgres.reason);
  return async (stack) => {
    const places = stack.tier === 0 ? [localBackend(deps), vaultLock(deps)] : [backend];
    const found = await Promise.all([runLock(deps), ...places].map((look) => orUnknown(stack, () => look(stack))));
    return found.find(({ state }) => state === 'held') ?? found.find(({ state }) => state === 'unknown') ?? FREE;
  };
}

function runLock({ clients, site, stateFolder }: LockDeps): LockSource {
  return async (stack) => {
    const request = { stateFolder, siteRoot: site.root.value, target: `stack-${stack.name}` };
    const holder = await lookAtRunLock(clients, request);
    if (holder === undefined) return FREE;
    const { infra, child, run } = holder;
    const who = child === undefined ? `pid ${infra.pid}` : `pid ${infra.pid}, child ${child.pid}`;
    return { state: 'held', by: `run ${run} on ${infra.host} (${who})` };
  };
}

/** The local backend's lock: an info file that a killed process left behind holds nothing. */
function localBackend(deps: LockDeps): LockSource {
  return async (stack) => {
    const holder = await lookAtFile(deps, stack.name);
    if (holder?.blocks !== true) return FREE;
    return { state: 'held', by: holder.who, ...(holder.since === undefined ? {} : { since: holder.since }) };
  };
}

function vaultLock({ site, vault }: LockDeps): LockSource {
  return async (stack) => {
    if (!('kvRead' in vault)) return unknown(vault.reason);
    const read = await vault.kvRead(`${site.vault.locks.value}/${stack.name}`);
    if (read.state !== 'present' || Object.keys(read.data).length === 0) return FREE;
    const holder = readHolder(read.data.holder);
    if (holder === undefined) return { state: 'held', by: 'another program, by its document in Vault' };
    const { infra, user, run, renewedAt } = holder;
    return { state: 'held', by: `${user} on ${infra.host} (pid ${infra.pid}, run ${run})`, since: renewedAt };
  };
}

/** A reason names no stack, so that the same one for many is told once. */
async function orUnknown(stack: Stack, look: () => Promise<LockState>): Promise<LockState> {
  try {
    return await look();
  } catch (error) {
    if (!isInfraError(error)) throw error;
    return unknown(error.message.replace(`locks/${stack.name} `, 'locks/STACK '));
  }
}

function unknown(reason: string): LockState {
  return { state: 'unknown', reason };
}
