import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failsWith } from './vault-case.ts';
import { vaultCases } from './vault-cases.ts';
import { type VaultServer, vaultEnv } from './vault-client.ts';

/** A real Vault as the harness starts it. */
export type RealVault = {
  readonly address: string;
  readonly token: string;
  must(method: string, path: string, body?: unknown): Promise<unknown>;
  seal(): Promise<void>;
  unseal(): Promise<void>;
  stop(): Promise<void>;
};

/** Starts a real Vault: in memory and open, or on disk in the state asked for. */
export type StartRealVault = (options?: { storage: 'uninitialised' | 'unsealed' }) => Promise<RealVault>;

/** Defines the contract's tests against real servers: one open Vault for all cases, one of its own for those that seal. */
export function describeRealVault(start: StartRealVault): void {
  describe('Vault contract, on a real Vault', () => {
    let open: RealVault;
    beforeAll(async () => {
      open = await start();
      await open.must('POST', 'sys/mounts/transit', { type: 'transit' });
    });
    afterAll(() => open?.stop());

    for (const one of vaultCases.filter((candidate) => candidate.canSeal !== true)) {
      test(one.name, () => one.run(vaultEnv(serverOf(open))));
    }
  });

  describe('Vault contract, on a real Vault that can be sealed', () => {
    for (const one of vaultCases.filter((candidate) => candidate.canSeal === true)) {
      test(one.name, async () => {
        const vault = await start({ storage: 'unsealed' });
        try {
          await vault.must('POST', 'sys/mounts/secret', { type: 'kv', options: { version: '2' } });
          await vault.must('POST', 'sys/mounts/transit', { type: 'transit' });
          await one.run(vaultEnv(serverOf(vault)));
        } finally {
          await vault.stop();
        }
      });
    }

    test('a Vault that was never initialised says so, though it answers that it is sealed', async () => {
      const vault = await start({ storage: 'uninitialised' });
      try {
        const env = vaultEnv(serverOf(vault));
        const client = env.makeVault('hvs.AAAAAQmadeup');
        await failsWith(client.kvRead('secret/x'), 'vault.uninitialised');
        await failsWith(client.kvPut('secret/x', {}, 0), 'vault.uninitialised');
        expect(await client.health()).toMatchObject({ initialized: false, sealed: true });
      } finally {
        await vault.stop();
      }
    });
  });
}

function serverOf(vault: RealVault): VaultServer {
  return { address: vault.address, rootToken: vault.token, seal: () => vault.seal(), unseal: () => vault.unseal() };
}
