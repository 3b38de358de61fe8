import { expect } from 'vitest';
import { failsWith, must, type VaultCase, withPolicy } from './vault-case.ts';

/** Tokens, policies, capabilities, denials. */
export const accessCases: readonly VaultCase[] = [
  {
    name: 'health: needs no token and tells version and cluster',
    async run({ makeVault }) {
      expect(await makeVault('').health()).toMatchObject({
        initialized: true,
        sealed: false,
        standby: false,
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        clusterId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        clusterName: expect.stringContaining('vault-cluster-'),
      });
    },
  },
  {
    name: 'token: root never expires',
    async run({ vault }) {
      expect(await vault.tokenSelf()).toMatchObject({ ttlSeconds: 0, renewable: false, policies: ['root'] });
    },
  },
  {
    name: 'token: a token with a life tells what is left of it, its policies and its name',
    async run(env) {
      const body = { policies: ['default'], ttl: '1h', display_name: env.unique };
      const answer = await must(env, 'POST', 'auth/token/create', body);
      const own = env.makeVault((answer.auth as { client_token: string }).client_token);
      const facts = await own.tokenSelf();
      expect(facts).toMatchObject({ displayName: `token-${env.unique}`, renewable: true, policies: ['default'] });
      expect(facts.ttlSeconds).toBeGreaterThan(3500);
      expect(facts.ttlSeconds).toBeLessThanOrEqual(3600);
      expect(facts.entityId).toBeUndefined();
    },
  },
  {
    name: 'token: a made-up one is denied as not valid',
    async run({ makeVault, unique }) {
      const vault = makeVault('hvs.AAAAAQmadeupmadeupmadeupmadeup');
      const error = await failsWith(vault.kvRead(`secret/${unique}`), 'vault.denied');
      expect(error.message).toContain('not valid');
      await failsWith(vault.tokenSelf(), 'vault.denied');
    },
  },
  {
    name: 'token: an expired one is denied as not valid',
    async run(env) {
      const answer = await must(env, 'POST', 'auth/token/create', { policies: ['default'], ttl: '1s' });
      const vault = env.makeVault((answer.auth as { client_token: string }).client_token);
      const error = await firstFailure(() => vault.tokenSelf());
      expect(error).toMatchObject({ code: 'vault.denied', message: expect.stringContaining('not valid') });
    },
  },
  {
    name: 'token: a revoked one is denied as not valid',
    async run(env) {
      const answer = await must(env, 'POST', 'auth/token/create', { policies: ['default'] });
      const token = (answer.auth as { client_token: string }).client_token;
      await must(env, 'POST', 'auth/token/revoke', { token });
      await failsWith(env.makeVault(token).tokenSelf(), 'vault.denied');
    },
  },
  {
    name: 'token: none is told before anything is sent',
    async run({ makeVault, unique }) {
      await failsWith(makeVault('').kvRead(`secret/${unique}`), 'vault.no-token');
    },
  },
  {
    name: 'denied: a read names path and verb, and is not absence',
    async run(env) {
      const vault = await withPolicy(env, 'path "secret/data/elsewhere" { capabilities = ["read"] }');
      const error = await failsWith(vault.kvRead(`secret/${env.unique}`), 'vault.denied');
      expect(error.message).toContain(`read secret/data/${env.unique}`);
      expect(error.message).not.toContain('not valid');
      await failsWith(vault.kvExists(`secret/${env.unique}`), 'vault.denied');
      await failsWith(vault.kvList('secret'), 'vault.denied');
      await failsWith(vault.list('sys/policies/acl'), 'vault.denied');
    },
  },
  {
    name: 'denied: a token that may read may not write, and the other way round',
    async run(env) {
      await env.vault.kvPut(`secret/${env.unique}`, { a: 1 }, 0);
      const reader = await withPolicy(env, `path "secret/data/${env.unique}" { capabilities = ["read"] }`);
      expect((await reader.kvRead(`secret/${env.unique}`)).state).toBe('present');
      const written = await failsWith(reader.kvPut(`secret/${env.unique}`, { a: 2 }, 1), 'vault.denied');
      expect(written.message).toContain(`write secret/data/${env.unique}`);
      const patched = await failsWith(reader.kvPatch(`secret/${env.unique}`, { a: 2 }, 1), 'vault.denied');
      expect(patched.message).toContain(`patch secret/data/${env.unique}`);
      const writer = await withPolicy(env, `path "secret/data/${env.unique}" { capabilities = ["update"] }`);
      await failsWith(writer.kvRead(`secret/${env.unique}`), 'vault.denied');
      expect(await writer.kvPut(`secret/${env.unique}`, { a: 2 }, 1)).toBe(2);
    },
  },
  {
    name: 'denied: patch is a capability of its own',
    async run(env) {
      await env.vault.kvPut(`secret/${env.unique}`, { a: 1 }, 0);
      const vault = await withPolicy(
        env,
        `path "secret/data/${env.unique}" { capabilities = ["create", "read", "update"] }`,
      );
      await failsWith(vault.kvPatch(`secret/${env.unique}`, { b: 1 }, 1), 'vault.denied');
      expect(await vault.kvReplace(`secret/${env.unique}`, '{"a":1,"b":1}', 1)).toBe(2);
    },
  },
  {
    name: 'denied: creating needs create, and update does not cover it',
    async run(env) {
      const vault = await withPolicy(env, `path "secret/data/${env.unique}" { capabilities = ["update"] }`);
      await failsWith(vault.kvPut(`secret/${env.unique}`, { a: 1 }, 0), 'vault.denied');
    },
  },
  {
    name: 'capabilities: of root, of a policy, and of nothing',
    async run(env) {
      const path = `secret/data/${env.unique}`;
      expect(await env.vault.capabilities([path, 'sys/mounts'])).toEqual({ [path]: ['root'], 'sys/mounts': ['root'] });
      const vault = await withPolicy(env, `path "${path}" { capabilities = ["patch", "read"] }`);
      const found = await vault.capabilities([path, 'secret/data/other', 'sys/capabilities-self']);
      expect([...(found[path] ?? [])].sort()).toEqual(['patch', 'read']);
      expect(found['secret/data/other']).toEqual(['deny']);
      expect(found['sys/capabilities-self']).toEqual(['update']);
      expect(await vault.capabilities([])).toEqual({});
    },
  },
  {
    name: 'policies: are written, read, listed and removed; a missing one is undefined',
    async run(env) {
      const { vault, unique } = env;
      const policy = `path "secret/data/${unique}" {\n  capabilities = ["read"]\n}\n`;
      expect(await vault.read(`sys/policies/acl/${unique}`)).toBeUndefined();
      expect(await vault.write(`sys/policies/acl/${unique}`, { policy })).toBeUndefined();
      expect(await vault.read(`sys/policies/acl/${unique}`)).toMatchObject({ name: unique, policy });
      expect(await vault.list('sys/policies/acl')).toContain(unique);
      await must(env, 'DELETE', `sys/policies/acl/${unique}`);
      expect(await vault.read(`sys/policies/acl/${unique}`)).toBeUndefined();
    },
  },
  {
    name: 'policies: a wrong one is refused with the words of Vault',
    async run({ vault, unique }) {
      const work = vault.write(`sys/policies/acl/${unique}`, { policy: 'path "secret/x" { capabilities = ["reed"] }' });
      expect((await failsWith(work, 'vault.failed')).message).toContain('invalid capability "reed"');
    },
  },
];

/** Asks until it fails: time itself is what passes here. */
async function firstFailure(ask: () => Promise<unknown>): Promise<unknown> {
  for (const end = Date.now() + 15_000; Date.now() < end; ) {
    try {
      await ask();
    } catch (error) {
      return error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return new Error('it never failed');
}
