import type { StackDeps } from '../deps.ts';
import { EXPIRY_MS, readHolder } from '../tier0/vault-lock.ts';
import type { Holder } from './holder.ts';

type VaultDeps = Pick<StackDeps, 'clients' | 'site'>;

/** A holder in Vault with the version that names it: whoever renews it makes another one. */
export type VaultSeen = { readonly holder: Holder; readonly version: number };

const pathOf = (deps: Pick<VaultDeps, 'site'>, stack: string): string => `${deps.site.vault.locks.value}/${stack}`;

/** Who holds the advisory lock of a Tier-0 stack in Vault. Errors: those of `Vault`. */
export async function lookAtVault(deps: VaultDeps, stack: string): Promise<VaultSeen | undefined> {
  const { vault, clock, processes } = deps.clients;
  const path = pathOf(deps, stack);
  const found = await vault.kvRead(path);
  if (found.state !== 'present' || Object.keys(found.data).length === 0) return undefined;
  const named = readHolder(found.data.holder);
  const shared = { place: 'vault', lock: 'stack', blocks: true } as const;
  if (named === undefined) {
    const evidence = [
      `${path} holds a document that infra did not write: nothing tells whether its writer still works.`,
    ];
    const who = 'another program';
    const id = `version-${found.version}`;
    const holder = {
      ...shared,
      id,
      who,
      since: undefined,
      lastSeen: undefined,
      life: 'unknown',
      evidence,
      hints: [`vault kv get ${path}`],
    } as const;
    return { version: found.version, holder };
  }
  const lives = await Promise.all(
    [named.infra, named.child].map((each) => (each === undefined ? 'dead' : processes.liveness(each))),
  );
  const silent = clock.now().getTime() - Date.parse(named.renewedAt);
  const base = {
    ...shared,
    id: named.run,
    who: `${named.user} on ${named.infra.host}, run ${named.run}`,
    since: undefined,
    lastSeen: named.renewedAt,
    hints: [`infra run show ${named.run}   (on ${named.infra.host})`],
  };
  const holder = ((): Holder => {
    if (lives.every((life) => life === 'dead')) {
      return { ...base, life: 'dead', evidence: ['Its processes, on this machine, have ended.'] };
    }
    if (lives.includes('alive'))
      return { ...base, life: 'alive', evidence: [`It works on this machine, pid ${named.infra.pid}.`] };
    const minutes = Math.round(EXPIRY_MS / 60_000);
    if (silent <= EXPIRY_MS) {
      return {
        ...base,
        life: 'alive',
        evidence: [
          `It renewed the lock ${Math.max(0, Math.round(silent / 1000))} s ago; a lost one is free after ${minutes} min.`,
        ],
      };
    }
    return { ...base, life: 'dead', evidence: [`It has not renewed the lock for more than ${minutes} min.`] };
  })();
  return { version: found.version, holder };
}

/**
 * Frees the lock, if it is still that version: a holder that renewed it meanwhile lives.
 * Errors: `vault.cas-lost` (75), those of `Vault`.
 */
export async function freeVault(deps: VaultDeps, stack: string, seen: VaultSeen): Promise<void> {
  await deps.clients.vault.kvPut(pathOf(deps, stack), {}, seen.version);
}
