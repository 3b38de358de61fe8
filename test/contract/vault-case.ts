import { expect } from 'vitest';
import type { Vault } from '../../src/lib/clients/vault/client.ts';

/** An answer as it came. */
export type RawAnswer = { readonly status: number; readonly text: string };

/** What a case gets. The server has KV v2 at `secret/`, transit at `transit/`, identity, and the policy `default`. */
export type VaultCaseEnv = {
  readonly address: string;
  readonly rootToken: string;
  /** The client with the root token. */
  readonly vault: Vault;
  /** A client with another token; '' for none. */
  readonly makeVault: (token: string) => Vault;
  /** A request without the client; `path` without /v1/, the root token unless `headers` says otherwise. */
  readonly rawRequest: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<RawAnswer>;
  /** A name that no other case uses. */
  readonly unique: string;
  /** Only for cases that need to seal. */
  readonly seal: () => Promise<void>;
  readonly unseal: () => Promise<void>;
};

/** One case; `canSeal` ones get a server of their own that may be sealed. */
export type VaultCase = { readonly name: string; readonly canSeal?: true; run(env: VaultCaseEnv): Promise<void> };

/** Asserts that a promise fails with a code of InfraError, and gives the error. */
export async function failsWith(work: Promise<unknown>, code: string): Promise<Error> {
  const outcome = await work.then(
    (value) => new Error(`answered ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  expect(outcome).toMatchObject({ code });
  return outcome as Error;
}

/** A raw request that has to succeed; gives the body. */
export async function must(
  env: VaultCaseEnv,
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const answer = await env.rawRequest(method, path, body);
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.text === '' ? {} : JSON.parse(answer.text);
}

/** A client whose token has exactly this policy (and `default`). */
export async function withPolicy(env: VaultCaseEnv, policy: string): Promise<Vault> {
  await env.vault.write(`sys/policies/acl/${env.unique}`, { policy });
  const answer = await must(env, 'POST', 'auth/token/create', { policies: [env.unique], ttl: '10m' });
  const token = (answer.auth as { client_token: string }).client_token;
  return env.makeVault(token);
}
