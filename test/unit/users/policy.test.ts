import { expect, test } from 'vitest';
import type { SpecOf } from '../../../src/lib/users/expected-object.ts';
import { expectedObjects } from '../../../src/lib/users/objects.ts';
import type { Outcome } from '../../../src/lib/users/verify/outcome.ts';
import type { VerifyClients } from '../../../src/lib/users/verify/platform.ts';
import { makePlatform } from '../../../src/lib/users/verify/platform.ts';
import { verifyVaultPolicy } from '../../../src/lib/users/verify/vault-policy.ts';
import { fakeSite } from '../../fakes/site.ts';
import { fakeVault } from '../../fakes/vault.ts';
import { alice } from './facts-for-tests.ts';

const site = fakeSite();
const spec = expectedObjects(alice(), 'extracted', site)
  .map((object) => object.spec)
  .find(
    (each): each is SpecOf<'vault-policy'> => each.kind === 'vault-policy' && each.name === 'namespace-owner-alice',
  );

async function verify(policy: string): Promise<Outcome> {
  if (spec === undefined) throw new Error('no policy is expected');
  const vault = fakeVault();
  vault.data.set('sys/policies/acl/namespace-owner-alice', { policy });
  return verifyVaultPolicy(makePlatform({ vault } as unknown as VerifyClients, site), spec);
}

const HEREDOC = `    # Read/write own secrets
    path "secret/data/alice" {
      capabilities = ["create", "read", "update", "delete", "list"]
    }
    path "secret/data/alice/*" { capabilities = ["create", "read", "update", "delete", "list"] }
    path "secret/metadata/alice" {
      capabilities = ["list", "read", "delete"]
    }
    path "secret/metadata/alice/*" {
      capabilities = ["list", "read", "delete"]
    }

    /* Dynamic credentials */
    path "kubernetes/creds/alice-deployer" { capabilities = ["read"] }
`;

test('spacing, comments and the order of rules do not count', async () => {
  expect(await verify(HEREDOC)).toEqual({ verdict: 'PASS', detail: '5 paths' });
  expect(
    (
      await verify(
        HEREDOC.split(/(?=path )/)
          .reverse()
          .join('\n'),
      )
    ).verdict,
  ).toBe('PASS');
});

test.each([
  ['', 'it lacks secret/data/alice;'],
  [HEREDOC.replace('alice/*', 'bob/*'), 'it lacks secret/data/alice/*; it grants secret/data/bob/* too'],
  [
    HEREDOC.replace('"list", "read", "delete"', '"deny"'),
    'secret/metadata/alice has no list, read, delete and deny too',
  ],
  [`${HEREDOC}path "sys/*" { capabilities = ["sudo"] }`, 'it grants sys/* too'],
])('what grants more, less or something else fails: %#', async (policy, detail) => {
  const outcome = await verify(policy);
  expect(outcome.verdict).toBe('FAIL');
  expect(outcome.detail).toContain(detail);
});
