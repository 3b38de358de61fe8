import { Secret } from '../../secrets/secret.ts';
import type { Clock } from '../clock/client.ts';
import type { Files } from '../files/client.ts';
import { assertLoopback } from '../http/loopback.ts';
import { encodePath, parseAddress } from './address.ts';
import { type Answer, asObject, asStrings, parseBody } from './answer.ts';
import { ask, type Call, type CallerOptions, makeCall } from './caller.ts';
import type { Vault, VaultHealth } from './client.ts';
import { makeConnection } from './connection.ts';
import { noToken, readAnswer, unexpected } from './errors.ts';
import * as kv from './kv.ts';
import { once } from './once.ts';
import { obtainToken, type TokenOptions, tokenSource } from './token.ts';
import { toHealth, toToken } from './token-facts.ts';

/** What the live client needs. Nothing is checked, read or sent before the first call. */
export type VaultOptions = {
  /** Undefined: every call fails with `vault.no-address`. */
  readonly address: string | undefined;
  /** Undefined: VAULT_NAMESPACE. */
  readonly namespace?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of ~/.vault-token; empty: there is none. */
  readonly home: string;
  readonly files: Pick<Files, 'read' | 'list'>;
  readonly clock: Pick<Clock, 'sleep' | 'now'>;
  /** Mount and role of the login with a service account's token; by default `kubernetes` and `ci`. */
  readonly kubernetesLogin?: { readonly mount: string; readonly role: string | undefined };
  readonly serviceAccountTokenFile?: string;
  /** Milliseconds for one request, default 10 s. */
  readonly timeoutMs?: number;
  /** True when the address comes from the environment, or was accepted by `infra config trust`. */
  readonly trustedAddress: boolean;
  /** Refuse every address but this machine, as in the sandbox. */
  readonly loopbackOnly: boolean;
  readonly signal?: AbortSignal;
  /** Largest answer in bytes, default 64 MiB. */
  readonly maxBytes?: number;
  /** Told every token before it is used: a server may repeat it in an error. */
  readonly onSecret?: (value: string) => void;
};

/** Vault over node-vault and node:http(s). See the contract in client.ts. */
export function makeVault(options: VaultOptions): Vault {
  const connect = once(async (): Promise<CallerOptions> => {
    const address = parseAddress(options.address);
    const apiFor = makeConnection({
      address,
      namespace: options.namespace ?? options.env.VAULT_NAMESPACE,
      env: options.env,
      files: options.files,
      timeoutMs: options.timeoutMs ?? 10_000,
      signal: options.signal,
      maxBytes: options.maxBytes,
      onSecret: options.onSecret,
    });
    return { address: address.href, apiFor, clock: options.clock, signal: options.signal };
  });
  const connected = async (): Promise<CallerOptions> => {
    if (options.address !== undefined) assertLoopback(options.address, options.loopbackOnly);
    return connect();
  };
  const tokens: TokenOptions = {
    ...options,
    kubernetesLogin: options.kubernetesLogin,
    serviceAccountTokenFile: options.serviceAccountTokenFile,
    login: async (mount, role, jwt) => login(await connected(), mount, role, jwt),
  };
  const token = once(() => obtainToken(tokens));
  const caller: kv.Caller = {
    address: options.address ?? '',
    call: async (call) => {
      const connection = await connected();
      return makeCall(call, await token(), connection);
    },
  };
  return {
    ...makeCalls(caller),
    tokenSource: () => tokenSource(tokens),
    loginToken: async () => ((await tokenSource(tokens)) === 'kubernetes login' ? await token() : undefined),
    health: async () => health(await connected()),
  };
}

/** The calls that need a token. */
function makeCalls(caller: kv.Caller): Omit<Vault, 'tokenSource' | 'loginToken' | 'health'> {
  return {
    address: caller.address,
    async tokenSelf() {
      const call = reading('auth/token/lookup-self');
      const found = toToken(await caller.call(call));
      if (found === undefined) throw unexpected(call, caller.address, 'the facts of the token');
      return found;
    },
    capabilities: (paths) => capabilities(caller, paths),
    kvRead: (path) => kv.readSecret(caller, path),
    kvPatch: (path, data, cas) => kv.patchSecret(caller, path, JSON.stringify(data), cas),
    kvReplace: (path, text, cas) => kv.writeSecret(caller, path, text, cas),
    kvPut: (path, data, cas) => kv.writeSecret(caller, path, JSON.stringify(data), cas),
    kvExists: (path) => kv.secretExists(caller, path),
    kvList: (path) => kv.listSecrets(caller, path),
    list: (path) => kv.listKeys(caller, path),
    async read(path) {
      const call = reading(path);
      const answer = await caller.call(call);
      if (answer.status === 404) return undefined;
      const data = asObject(answer.body?.data);
      if (data === undefined) throw unexpected(call, caller.address, 'data');
      return data;
    },
    async write(path, body) {
      const call: Call = { verb: 'write', path, url: encodePath(path), body: JSON.stringify(body), writes: true };
      const answer = await caller.call(call);
      if (answer.status === 404)
        throw unexpected(call, caller.address, 'saying why: there is nothing to write to (404)');
      return asObject(answer.body?.data);
    },
  };
}

async function capabilities(
  caller: kv.Caller,
  paths: readonly string[],
): Promise<Readonly<Record<string, readonly string[]>>> {
  if (paths.length === 0) return {};
  const call: Call = { ...reading('sys/capabilities-self'), body: JSON.stringify({ paths }) };
  const data = asObject((await caller.call(call)).body?.data);
  return Object.fromEntries(
    paths.map((path) => {
      const allowed = asStrings(data?.[path]);
      if (allowed === undefined) throw unexpected(call, caller.address, `an answer for ${path}`);
      return [path, allowed];
    }),
  );
}

/** Health needs no token, and its statuses (429, 472, 473, 501, 503) are part of the answer. */
async function health(connection: CallerOptions): Promise<VaultHealth> {
  const call = reading('sys/health');
  const answer = await ask(call, undefined, connection, 'connection');
  const found = toHealth(parseBody(answer));
  if (found !== undefined) return found;
  readAnswer(answer, call, connection.address);
  throw unexpected(call, connection.address, 'the state of Vault');
}

async function login(connection: CallerOptions, mount: string, role: string, jwt: Secret): Promise<Secret> {
  const path = `auth/${mount}/login`;
  const call: Call = {
    verb: 'write',
    path,
    url: encodePath(path),
    body: JSON.stringify({ role, jwt: jwt.reveal() }),
    writes: true,
  };
  // An empty token is none, and unlike none at all it goes to the namespace.
  const answer: Answer = await makeCall(call, new Secret(''), connection);
  const token = asObject(answer.body?.auth)?.client_token;
  if (typeof token === 'string' && token !== '') return new Secret(token);
  throw noToken(`The Kubernetes login at ${path} as role ${role} gave no token.`, [
    `vault read ${path.replace(/login$/, `role/${role}`)}`,
  ]);
}

function reading(path: string): Call {
  return { verb: 'read', path, url: encodePath(path), writes: false };
}
