import { randomBytes } from 'node:crypto';
import { makeClock } from '../../src/lib/clients/clock/live.ts';
import { makeFiles } from '../../src/lib/clients/files/live.ts';
import type { Vault } from '../../src/lib/clients/vault/client.ts';
import { makeVault } from '../../src/lib/clients/vault/live.ts';
import type { RawAnswer, VaultCaseEnv } from './vault-case.ts';

/** A server that the cases run against. */
export type VaultServer = {
  readonly address: string;
  readonly rootToken: string;
  readonly seal: () => Promise<void>;
  readonly unseal: () => Promise<void>;
};

/** The environment of one case on a server. */
export function vaultEnv(server: VaultServer): VaultCaseEnv {
  const clientOf = (token: string): Vault =>
    makeVault({
      address: server.address,
      env: { VAULT_TOKEN: token },
      home: '',
      files: makeFiles(),
      clock: makeClock(),
      trustedAddress: true,
      loopbackOnly: true,
    });
  return {
    ...server,
    vault: clientOf(server.rootToken),
    makeVault: clientOf,
    rawRequest: (method, path, body, headers = {}) => send(server, method, path, body, headers),
    unique: `case-${randomBytes(5).toString('hex')}`,
  };
}

async function send(
  server: VaultServer,
  method: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<RawAnswer> {
  const response = await fetch(`${server.address}/v1/${path}`, {
    method,
    headers: { 'x-vault-token': server.rootToken, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}
