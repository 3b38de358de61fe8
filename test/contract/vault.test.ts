import { describe, onTestFinished, test } from 'vitest';
import { listen } from '../../src/sandbox/http/listen.ts';
import { DEFAULT_POLICY } from '../../src/sandbox/vault/default-policy.ts';
import { parsePolicy } from '../../src/sandbox/vault/policy.ts';
import { createVault } from '../../src/sandbox/vault/server.ts';
import { addToken, emptyState } from '../../src/sandbox/vault/state.ts';
import { vaultCases } from './vault-cases.ts';
import { type VaultServer, vaultEnv } from './vault-client.ts';

/** The stand-in of the sandbox, empty, with a root token. */
async function startStandIn(): Promise<VaultServer> {
  const state = emptyState('contract');
  state.policies.set('default', parsePolicy('default', DEFAULT_POLICY));
  const root = addToken(state, { policies: ['root'], ttl: 0, displayName: 'token' });
  const listener = await listen(createVault(state));
  onTestFinished(() => listener.close());
  const put = async (path: string, body: unknown): Promise<void> => {
    const headers = { 'x-vault-token': root.id };
    await fetch(`${listener.url}/v1/${path}`, { method: 'PUT', headers, body: JSON.stringify(body) });
  };
  return {
    address: listener.url,
    rootToken: root.id,
    seal: () => put('sys/seal', {}),
    unseal: () => put('sys/unseal', { key: state.unsealKey }),
  };
}

describe('Vault contract, on the stand-in of the sandbox', () => {
  for (const one of vaultCases) {
    test(one.name, async () => one.run(vaultEnv(await startStandIn())));
  }
});
