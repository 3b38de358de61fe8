import { expect } from 'vitest';
import { failsWith, must, type VaultCase } from './vault-case.ts';

/** Other engines, system paths, and the states of the server. */
export const engineCases: readonly VaultCase[] = [
  {
    name: 'identity: an entity is found by name, and one that is missing is undefined',
    async run({ vault, unique }) {
      expect(await vault.write('identity/lookup/entity', { name: unique })).toBeUndefined();
      expect(await vault.read(`identity/entity/name/${unique}`)).toBeUndefined();
      const made = await vault.write('identity/entity', { name: unique, policies: ['default'] });
      expect(await vault.write('identity/lookup/entity', { name: unique })).toMatchObject({
        id: made?.id,
        name: unique,
        policies: ['default'],
      });
      expect(await vault.read(`identity/entity/name/${unique}`)).toMatchObject({ id: made?.id });
      expect(await vault.list('identity/entity/name')).toContain(unique);
    },
  },
  {
    name: 'identity: an alias leads to its entity',
    async run({ vault, unique }) {
      const auths = await vault.read('sys/auth');
      const accessor = (auths?.['token/'] as { accessor: string } | undefined)?.accessor;
      const made = await vault.write('identity/entity', { name: unique });
      await vault.write('identity/entity-alias', {
        name: `${unique}@example.com`,
        canonical_id: made?.id,
        mount_accessor: accessor,
      });
      const query = { alias_name: `${unique}@example.com`, alias_mount_accessor: accessor };
      expect(await vault.write('identity/lookup/entity', query)).toMatchObject({ id: made?.id });
      expect(
        await vault.write('identity/lookup/entity', { ...query, alias_name: 'nobody@example.com' }),
      ).toBeUndefined();
    },
  },
  {
    name: 'identity: a group knows its members',
    async run({ vault, unique }) {
      const entity = await vault.write('identity/entity', { name: `${unique}-member` });
      expect(await vault.read(`identity/group/name/${unique}`)).toBeUndefined();
      await vault.write('identity/group', { name: unique, member_entity_ids: [entity?.id], policies: ['default'] });
      expect(await vault.read(`identity/group/name/${unique}`)).toMatchObject({
        name: unique,
        member_entity_ids: [entity?.id],
      });
    },
  },
  {
    name: 'transit: a key is made, seen, used; a missing one is undefined',
    async run({ vault, unique }) {
      expect(await vault.read(`transit/keys/${unique}`)).toBeUndefined();
      await vault.write(`transit/keys/${unique}`, {});
      expect(await vault.read(`transit/keys/${unique}`)).toMatchObject({
        name: unique,
        latest_version: 1,
        deletion_allowed: false,
      });
      const plaintext = Buffer.from('state').toString('base64');
      const sealed = await vault.write(`transit/encrypt/${unique}`, { plaintext });
      expect(sealed?.ciphertext).toMatch(/^vault:v1:/);
      expect(await vault.write(`transit/decrypt/${unique}`, { ciphertext: sealed?.ciphertext })).toMatchObject({
        plaintext,
      });
      expect(await vault.list('transit/keys')).toContain(unique);
    },
  },
  {
    name: 'transit: a key that may not be deleted is not, and Vault says why',
    async run(env) {
      await env.vault.write(`transit/keys/${env.unique}`, {});
      const answer = await env.rawRequest('DELETE', `transit/keys/${env.unique}`);
      expect(answer.status).toBe(400);
      expect(answer.text).toContain('deletion is not allowed');
      await env.vault.write(`transit/keys/${env.unique}/config`, { deletion_allowed: true });
      await must(env, 'DELETE', `transit/keys/${env.unique}`);
      expect(await env.vault.read(`transit/keys/${env.unique}`)).toBeUndefined();
    },
  },
  {
    name: 'sys: mounts are read, and secret/ is KV version 2',
    async run({ vault }) {
      const mounts = await vault.read('sys/mounts');
      expect(mounts?.['secret/']).toMatchObject({ type: 'kv', options: { version: '2' } });
      expect(mounts?.['transit/']).toMatchObject({ type: 'transit' });
    },
  },
  {
    name: 'errors: a path that no engine knows is an error, not an absence',
    async run({ vault, unique }) {
      await failsWith(vault.read(`${unique}/x`), 'vault.failed');
      await failsWith(vault.write(`${unique}/x`, {}), 'vault.failed');
      await failsWith(vault.list(`${unique}/x`), 'vault.failed');
      await failsWith(vault.write(`auth/${unique}/login`, { role: 'r', jwt: 'j' }), 'vault.failed');
    },
  },
  {
    name: 'errors: a method that a path does not have is told as such',
    async run({ vault }) {
      await failsWith(vault.write('sys/health', {}), 'vault.method-not-allowed');
      await failsWith(vault.read('sys/capabilities-self'), 'vault.method-not-allowed');
    },
  },
  {
    name: 'errors: bad input comes back with the words of Vault',
    async run({ vault, unique }) {
      await vault.write(`transit/keys/${unique}`, {});
      const error = await failsWith(
        vault.write(`transit/decrypt/${unique}`, { ciphertext: 'nonsense' }),
        'vault.failed',
      );
      expect(error.message).toContain('invalid ciphertext: no prefix');
    },
  },
  {
    name: 'listings: the query of the HTTP API takes any true of Go',
    async run(env) {
      await env.vault.kvPut(`secret/${env.unique}/a`, {}, 0);
      for (const value of ['true', '1', 't']) {
        const answer = await env.rawRequest('GET', `secret/metadata/${env.unique}?list=${value}`);
        expect(answer.status).toBe(200);
        expect(JSON.parse(answer.text).data.keys).toEqual(['a']);
      }
    },
  },
  {
    name: 'sealed: every call says so, health is an answer, and nothing is lost',
    canSeal: true,
    async run(env) {
      await env.vault.kvPut(`secret/${env.unique}`, { a: 1 }, 0);
      await env.seal();
      await failsWith(env.vault.kvRead(`secret/${env.unique}`), 'vault.sealed');
      await failsWith(env.vault.kvPut(`secret/${env.unique}`, { a: 2 }, 1), 'vault.sealed');
      await failsWith(env.vault.kvPatch(`secret/${env.unique}`, { a: 2 }, 1), 'vault.sealed');
      await failsWith(env.vault.tokenSelf(), 'vault.sealed');
      await failsWith(env.vault.write(`transit/encrypt/${env.unique}`, { plaintext: '' }), 'vault.sealed');
      await failsWith(env.vault.capabilities(['sys/mounts']), 'vault.sealed');
      await failsWith(env.makeVault('hvs.AAAAAQmadeup').kvRead(`secret/${env.unique}`), 'vault.sealed');
      expect(await env.vault.health()).toMatchObject({ initialized: true, sealed: true, clusterId: undefined });
      await env.unseal();
      expect(await env.vault.kvRead(`secret/${env.unique}`)).toMatchObject({
        state: 'present',
        version: 1,
        data: { a: 1 },
      });
    },
  },
];
