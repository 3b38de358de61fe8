import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { makeFiles } from '../../../../src/lib/clients/files/live.ts';
import type { Vault } from '../../../../src/lib/clients/vault/client.ts';
import { makeVault, type VaultOptions } from '../../../../src/lib/clients/vault/live.ts';

/** A token whose every occurrence in an output is a leak. */
export const TOKEN = 'hvs.CAESI-canary-token-of-the-tests';

/** A live client with a token, an empty home, and pauses that pass at once; `pauses` collects their lengths. */
export function testVault(
  address: string | undefined,
  options: Partial<VaultOptions> = {},
): { vault: Vault; pauses: number[] } {
  const pauses: number[] = [];
  const clock = {
    now: () => new Date(),
    sleep: async (ms: number) => {
      pauses.push(ms);
    },
  };
  const vault = makeVault({
    address,
    env: { VAULT_TOKEN: TOKEN },
    home: '',
    files: makeFiles(),
    clock,
    trustedAddress: true,
    loopbackOnly: true,
    ...options,
  });
  return { vault, pauses };
}

/** An empty folder that is removed when the test ends. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'infra-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The error that a promise is rejected with; a fulfilled one fails the test. */
export async function failureOf(
  work: Promise<unknown>,
): Promise<Error & { code?: string; exitStatus?: number; hints?: readonly string[] }> {
  const outcome = await work.then(
    (value) => ({ value }),
    (error: unknown) => error,
  );
  if (outcome instanceof Error) return outcome;
  throw new Error(`It was expected to fail, and answered ${JSON.stringify(outcome)}.`);
}
