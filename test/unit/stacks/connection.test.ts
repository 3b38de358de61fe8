import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applicationName, unitOf } from '../../../src/lib/stacks/run/connection.ts';
import { writeTree } from './support/tree.ts';
import { makeWorld } from './support/world.ts';

describe('application name', () => {
  it('tells stack, user, host and run', () => {
    expect(applicationName('rbac', 'wizard', 'devvm.lan', '8f2c')).toBe(
      'infra stack=rbac user=wizard host=devvm run=8f2c',
    );
  });

  it('never exceeds 63 bytes and keeps stack and run whole while they fit, whatever the names', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 });
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z-]{1,20}$/), text, text, (stack, user, host) => {
        const name = applicationName(stack, user, host, '8f2c');
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
        expect(name.startsWith(`infra stack=${stack} user=`)).toBe(true);
        expect(name.endsWith(' run=8f2c')).toBe(true);
      }),
    );
  });
});

describe('a provider cache that stacks share', () => {
  const MAY_BREAK = 'TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE';
  async function cacheOf(
    files: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Readonly<Record<string, string>>> {
    const { deps, root, stack, folder } = await makeWorld();
    await writeTree(root, files);
    const given = {
      ...deps,
      env: { ...deps.env, PG_CONN_STR: 'postgres://x', ...env, HOME: `${folder}/${env.HOME ?? 'home'}` },
    };
    const { env: set } = await unitOf(given, stack('rbac'));
    return Object.fromEntries(Object.entries(set).filter(([name]) => name.startsWith('TF_PLUGIN')));
  }

  it('is used as it is by a stack without a lock file: nobody unpacks into it below the feet of others', async () => {
    expect(await cacheOf({})).toEqual({ [MAY_BREAK]: '1' });
    expect(await cacheOf({}, { TF_PLUGIN_CACHE_DIR: '/cache' })).toEqual({ [MAY_BREAK]: '1' });
  });

  it('leaves a lock file that is there as complete as it is, and what the operator has set', async () => {
    expect(await cacheOf({ 'stacks/rbac/.terraform.lock.hcl': '' })).toEqual({});
    expect(await cacheOf({}, { [MAY_BREAK]: 'false' })).toEqual({});
  });

  it('is that of the repository’s wrapper where it exists', async () => {
    const cached = await cacheOf({ 'home/.terraform.d/plugin-cache/x': '' }, { HOME: 'repo/home' });
    expect(cached).toEqual({ TF_PLUGIN_CACHE_DIR: expect.stringContaining('/plugin-cache'), [MAY_BREAK]: '1' });
  });
});
