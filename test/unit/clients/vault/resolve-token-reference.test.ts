import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFiles } from '../../../../src/lib/clients/files/live.ts';
import type { KvRead } from '../../../../src/lib/clients/vault/client.ts';
import { resolveTokenReference, type TokenSources } from '../../../../src/lib/clients/vault/resolve-token-reference.ts';
import { InfraError } from '../../../../src/lib/errors.ts';
import type { TokenReference } from '../../../../src/lib/site/site.ts';
import { failureOf, tempFolder } from './make-test-vault.ts';

const present = (data: Record<string, unknown>): KvRead => ({
  state: 'present',
  version: 1,
  data,
  text: JSON.stringify(data),
});

async function sources(more: Partial<TokenSources> = {}): Promise<TokenSources> {
  const root = await tempFolder();
  await writeFile(join(root, 'token'), 'from-file\n');
  return {
    env: { TOKEN: 'from-env', EMPTY: '', BROKEN: 'a\nb' },
    home: root,
    root,
    files: makeFiles(),
    vault: { kvRead: async () => present({ key: 'from-vault', number: 7, empty: '' }) },
    ...more,
  };
}

test.each<[TokenReference, string]>([
  [{ env: 'TOKEN' }, 'from-env'],
  [{ file: 'token' }, 'from-file'],
  [{ file: '~/token' }, 'from-file'],
  [{ vault: 'secret/platform#key' }, 'from-vault'],
])('%o gives its token', async (reference, token) => {
  const secret = await resolveTokenReference(reference, 'authentik.token', await sources());
  expect(secret.reveal()).toBe(token);
  expect(String(secret)).toBe('[secret]');
});

test.each<[TokenReference, string]>([
  [{ env: 'UNSET' }, 'environment variable UNSET, which does not exist'],
  [{ env: 'EMPTY' }, 'which is empty'],
  [{ env: 'BROKEN' }, 'characters that no token has'],
  [{ file: 'missing' }, 'missing, which does not exist'],
  [{ vault: 'secret/platform#other' }, "Vault's secret/platform#other, which does not exist"],
  [{ vault: 'secret/platform#number' }, 'which is not text'],
  [{ vault: 'secret/platform#toString' }, 'which does not exist'],
  [{ vault: 'secret/platform#empty' }, 'which is empty'],
])('%o is missing, and the setting is named', async (reference, reason) => {
  const error = await failureOf(resolveTokenReference(reference, 'authentik.token', await sources()));
  expect(error).toMatchObject({ code: 'token.missing', exitStatus: 77 });
  expect(error.message).toContain('authentik.token points to');
  expect(error.message).toContain(reason);
});

test.each(['secret/platform', '#key', 'secret/platform#', 'a#b#c'])(
  '{vault: "%s"} is a bad reference',
  async (vault) => {
    const error = await failureOf(resolveTokenReference({ vault }, 'authentik.token', await sources()));
    expect(error).toMatchObject({ code: 'token.bad-reference', exitStatus: 78 });
  },
);

test.each<KvRead['state']>(['absent', 'deleted', 'destroyed'])(
  'a secret that is %s is missing, and said to be',
  async (state) => {
    const vault = { kvRead: async (): Promise<KvRead> => ({ state, version: 1 }) as KvRead };
    const error = await failureOf(
      resolveTokenReference({ vault: 'secret/a#b' }, 'authentik.token', await sources({ vault })),
    );
    expect(error.message).toContain(`which is ${state}`);
  },
);

test('a Vault that refuses is not a missing token', async () => {
  const vault = { kvRead: () => Promise.reject(new InfraError('vault.denied', 'denied', 'no')) };
  const error = await failureOf(
    resolveTokenReference({ vault: 'secret/a#b' }, 'authentik.token', await sources({ vault })),
  );
  expect(error.code).toBe('vault.denied');
});
