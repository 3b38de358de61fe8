import { expect } from 'vitest';
import { failsWith, must, type VaultCase } from './vault-case.ts';

/** KV version 2: states of a secret, compare-and-set, patch, listing. */
export const kvCases: readonly VaultCase[] = [
  {
    name: 'kv: a secret that was never written is absent',
    async run({ vault, unique }) {
      expect(await vault.kvRead(`secret/${unique}`)).toEqual({ state: 'absent' });
      expect(await vault.kvExists(`secret/${unique}`)).toBe(false);
    },
  },
  {
    name: 'kv: a written secret is present, with its version, data and text',
    async run({ vault, unique }) {
      expect(await vault.kvPut(`secret/${unique}`, { b: 'ü<&>', a: { deep: [1, null, true] } }, 0)).toBe(1);
      const found = await vault.kvRead(`secret/${unique}`);
      expect(found).toMatchObject({ state: 'present', version: 1, data: { a: { deep: [1, null, true] }, b: 'ü<&>' } });
      if (found.state === 'present') expect(JSON.parse(found.text)).toEqual(found.data);
    },
  },
  {
    name: 'kv: a secret without keys is present and empty',
    async run({ vault, unique }) {
      await vault.kvPut(`secret/${unique}`, {}, 0);
      expect(await vault.kvRead(`secret/${unique}`)).toEqual({ state: 'present', version: 1, data: {}, text: '{}' });
    },
  },
  {
    name: 'kv: a deleted version is deleted, not absent, and tells its version',
    async run(env) {
      await env.vault.kvPut(`secret/${env.unique}`, { a: 1 }, 0);
      await env.vault.kvPut(`secret/${env.unique}`, { a: 2 }, 1);
      await must(env, 'DELETE', `secret/data/${env.unique}`);
      expect(await env.vault.kvRead(`secret/${env.unique}`)).toEqual({ state: 'deleted', version: 2 });
      expect(await env.vault.kvExists(`secret/${env.unique}`)).toBe(true);
    },
  },
  {
    name: 'kv: an undeleted version is present again',
    async run(env) {
      await env.vault.kvPut(`secret/${env.unique}`, { a: 1 }, 0);
      await must(env, 'DELETE', `secret/data/${env.unique}`);
      await must(env, 'POST', `secret/undelete/${env.unique}`, { versions: [1] });
      expect(await env.vault.kvRead(`secret/${env.unique}`)).toMatchObject({ state: 'present', version: 1 });
    },
  },
  {
    name: 'kv: a destroyed version is destroyed',
    async run(env) {
      await env.vault.kvPut(`secret/${env.unique}`, { a: 1 }, 0);
      await must(env, 'POST', `secret/destroy/${env.unique}`, { versions: [1] });
      expect(await env.vault.kvRead(`secret/${env.unique}`)).toEqual({ state: 'destroyed', version: 1 });
      expect(await env.vault.kvExists(`secret/${env.unique}`)).toBe(true);
    },
  },
  {
    name: 'kv: without its metadata a secret is absent again',
    async run(env) {
      await env.vault.kvPut(`secret/${env.unique}`, { a: 1 }, 0);
      await must(env, 'DELETE', `secret/metadata/${env.unique}`);
      expect(await env.vault.kvRead(`secret/${env.unique}`)).toEqual({ state: 'absent' });
      expect(await env.vault.kvExists(`secret/${env.unique}`)).toBe(false);
    },
  },
  {
    name: 'kv: a mount that does not exist is an error, not an absent secret',
    async run({ vault, unique }) {
      const error = await failsWith(vault.kvRead(`${unique}/x`), 'vault.failed');
      expect(error.message).toContain('no handler for route');
    },
  },
  {
    name: 'kv: an update with the version read gives the next version',
    async run({ vault, unique }) {
      await vault.kvPut(`secret/${unique}`, { a: 1 }, 0);
      expect(await vault.kvReplace(`secret/${unique}`, '{"a":2}', 1)).toBe(2);
      expect(await vault.kvRead(`secret/${unique}`)).toMatchObject({ version: 2, data: { a: 2 } });
    },
  },
  {
    name: 'kv: creating what exists loses',
    async run({ vault, unique }) {
      await vault.kvPut(`secret/${unique}`, { a: 1 }, 0);
      await failsWith(vault.kvPut(`secret/${unique}`, { a: 2 }, 0), 'vault.cas-lost');
      expect(await vault.kvRead(`secret/${unique}`)).toMatchObject({ version: 1, data: { a: 1 } });
    },
  },
  {
    name: 'kv: an update with an older version loses, replacing and patching alike',
    async run({ vault, unique }) {
      await vault.kvPut(`secret/${unique}`, { a: 1 }, 0);
      await vault.kvPut(`secret/${unique}`, { a: 2 }, 1);
      await failsWith(vault.kvReplace(`secret/${unique}`, '{"a":3}', 1), 'vault.cas-lost');
      await failsWith(vault.kvPatch(`secret/${unique}`, { a: 3 }, 1), 'vault.cas-lost');
      expect(await vault.kvRead(`secret/${unique}`)).toMatchObject({ version: 2, data: { a: 2 } });
    },
  },
  {
    name: 'kv: updating what does not exist loses',
    async run({ vault, unique }) {
      await failsWith(vault.kvPut(`secret/${unique}`, { a: 1 }, 3), 'vault.cas-lost');
      expect(await vault.kvExists(`secret/${unique}`)).toBe(false);
    },
  },
  {
    name: 'kv: of many writers with the same version one wins',
    async run({ vault, unique }) {
      await vault.kvPut(`secret/${unique}`, {}, 0);
      const writing = Array.from({ length: 8 }, (_, writer) =>
        vault.kvPatch(`secret/${unique}`, { [`w${writer}`]: writer }, 1),
      );
      const results = await Promise.allSettled(writing);
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
      for (const result of results)
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'vault.cas-lost' });
      expect(await vault.kvRead(`secret/${unique}`)).toMatchObject({ version: 2 });
    },
  },
  {
    name: 'kv: a deleted secret can be written again with its last version',
    async run(env) {
      await env.vault.kvPut(`secret/${env.unique}`, { a: 1 }, 0);
      await must(env, 'DELETE', `secret/data/${env.unique}`);
      await failsWith(env.vault.kvPut(`secret/${env.unique}`, { a: 2 }, 0), 'vault.cas-lost');
      expect(await env.vault.kvPut(`secret/${env.unique}`, { a: 2 }, 1)).toBe(2);
    },
  },
  {
    name: 'patch: keeps every other key, and null removes one',
    async run({ vault, unique }) {
      await vault.kvPut(`secret/${unique}`, { keep: 'é', nested: { a: 1, b: 2 }, gone: 1, list: [1, 2] }, 0);
      expect(
        await vault.kvPatch(`secret/${unique}`, { k8s_users: '{}', gone: null, nested: { b: 3 }, list: [3] }, 1),
      ).toBe(2);
      expect(await vault.kvRead(`secret/${unique}`)).toMatchObject({
        version: 2,
        data: { keep: 'é', nested: { a: 1, b: 3 }, k8s_users: '{}', list: [3] },
      });
    },
  },
  {
    name: 'patch: of a secret that was never written loses',
    async run({ vault, unique }) {
      await failsWith(vault.kvPatch(`secret/${unique}`, { a: 1 }, 0), 'vault.cas-lost');
      await failsWith(vault.kvPatch(`secret/${unique}`, { a: 1 }, 1), 'vault.cas-lost');
      expect(await vault.kvExists(`secret/${unique}`)).toBe(false);
    },
  },
  {
    name: 'patch: of a deleted secret loses, and does not bring it back',
    async run(env) {
      await env.vault.kvPut(`secret/${env.unique}`, { a: 1 }, 0);
      await must(env, 'DELETE', `secret/data/${env.unique}`);
      await failsWith(env.vault.kvPatch(`secret/${env.unique}`, { b: 1 }, 1), 'vault.cas-lost');
      expect(await env.vault.kvRead(`secret/${env.unique}`)).toEqual({ state: 'deleted', version: 1 });
    },
  },
  {
    name: 'patch: without the media type of a merge-patch it is 415, on other paths 405',
    async run(env) {
      await env.vault.kvPut(`secret/${env.unique}`, { a: 1 }, 0);
      const wrong = await env.rawRequest(
        'PATCH',
        `secret/data/${env.unique}`,
        { data: { b: 1 } },
        { 'content-type': 'application/json' },
      );
      expect(wrong.status).toBe(415);
      const elsewhere = await env.rawRequest(
        'PATCH',
        'sys/policies/acl/default',
        {},
        { 'content-type': 'application/merge-patch+json' },
      );
      expect(elsewhere.status).toBe(405);
      expect(await env.vault.kvRead(`secret/${env.unique}`)).toMatchObject({ version: 1, data: { a: 1 } });
    },
  },
  {
    name: 'replace: keeps text byte for byte, digits in it too',
    async run({ vault, unique }) {
      const users = '{"alice":{"uid":12345678901234567890,"x":1.50,"__proto__":{},"quote":"\\"\\u003c"}}';
      await vault.kvReplace(`secret/${unique}`, JSON.stringify({ k8s_users: users }), 0);
      const found = await vault.kvRead(`secret/${unique}`);
      expect(found.state === 'present' ? found.data.k8s_users : undefined).toBe(users);
    },
  },
  {
    name: 'replace: numbers come back as a double holds them, which is what Vault reads them as',
    async run({ vault, unique }) {
      const numbers =
        '{"big":12345678901234567890,"edge":9007199254740993,"exact":9007199254740991,"fraction":1.50,"thousand":1e3}';
      await vault.kvReplace(`secret/${unique}`, numbers, 0);
      const found = await vault.kvRead(`secret/${unique}`);
      expect(found.state === 'present' ? found.text : undefined).toBe(
        '{"big":12345678901234567000,"edge":9007199254740992,"exact":9007199254740991,"fraction":1.5,"thousand":1000}',
      );
    },
  },
  {
    name: 'replace: what was read is written back unchanged',
    async run({ vault, unique }) {
      await vault.kvReplace(
        `secret/${unique}`,
        '{"__proto__":{"a":1},"constructor":"c","10":"x","9":-0.25,"é":"\\u2028"}',
        0,
      );
      const first = await vault.kvRead(`secret/${unique}`);
      if (first.state !== 'present') throw new Error(first.state);
      expect(Object.keys(first.data).sort()).toEqual(['10', '9', '__proto__', 'constructor', 'é']);
      await vault.kvReplace(`secret/${unique}`, first.text, 1);
      expect(await vault.kvRead(`secret/${unique}`)).toEqual({ ...first, version: 2 });
    },
  },
  {
    name: 'list: names secrets and folders, deleted secrets too; nothing is undefined',
    async run(env) {
      const { vault, unique } = env;
      expect(await vault.kvList(`secret/${unique}`)).toBeUndefined();
      await vault.kvPut(`secret/${unique}/a`, {}, 0);
      await vault.kvPut(`secret/${unique}/b`, {}, 0);
      await vault.kvPut(`secret/${unique}/folder/c`, {}, 0);
      await must(env, 'DELETE', `secret/data/${unique}/b`);
      expect(await vault.kvList(`secret/${unique}`)).toEqual(['a', 'b', 'folder/']);
      expect(await vault.kvList(`secret/${unique}/`)).toEqual(['a', 'b', 'folder/']);
      expect(await vault.kvList('secret')).toContain(`${unique}/`);
    },
  },
  {
    name: 'paths: a name with blanks, signs and umlauts is that name',
    async run({ vault, unique }) {
      const path = `secret/${unique}/a b?c#d%2f+größe&x=y`;
      await vault.kvPut(path, { here: true }, 0);
      expect(await vault.kvRead(path)).toMatchObject({ state: 'present', data: { here: true } });
      expect(await vault.kvList(`secret/${unique}`)).toEqual(['a b?c#d%2f+größe&x=y']);
    },
  },
];
