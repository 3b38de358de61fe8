import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFiles } from '../../../../src/lib/clients/files/live.ts';
import { InfraError } from '../../../../src/lib/errors.ts';
import { runPreflight, type Surroundings } from '../../../../src/lib/users/add/preflight.ts';
import type { AddContext, AddRequest } from '../../../../src/lib/users/add/request.ts';
import { readUsers } from '../../../../src/lib/users/document.ts';
import { fakeSite } from '../../../fakes/site.ts';
import { fakeVault } from '../../../fakes/vault.ts';
import { alice, present, secretText, USERS } from '../facts-for-tests.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'infra-same-'));
  await writeFile(join(root, 'terragrunt.hcl'), 'provider "vault" {\n  address = "http://127.0.0.1:8300"\n}\n');
});
afterEach(() => rm(root, { recursive: true }));

/** The preflight of `--no-apply` where the stacks name a Vault whose health is this. */
async function preflight(health: () => Promise<unknown>) {
  const vault = fakeVault();
  vault.put('secret/platform', secretText(USERS));
  vault.lists.set('secret', ['platform', 'bob/']);
  for (const path of ['sys/policies/acl', 'identity/entity/name', 'identity/group/name', 'transit/keys'])
    vault.lists.set(path, []);
  const site = fakeSite(root);
  const unreachable = async () => {
    throw new InfraError('kubernetes.unreachable', 'unavailable', 'no cluster here');
  };
  const context = {
    clients: { vault, files: makeFiles(), kubernetes: { list: unreachable, get: unreachable, target: unreachable } },
    site,
    interrupt: new AbortController().signal,
    onEvent: () => {},
    elsewhere: { vaultAt: () => ({ health }), kubernetesAt: () => ({ get: unreachable, target: unreachable }) },
  } as unknown as AddContext;
  const request = { user: alice(), noApply: true, confirmEmail: undefined } as unknown as AddRequest;
  const document = readUsers(present(secretText(USERS)), site);
  return runPreflight(context, request, { stacks: [], document } as unknown as Surroundings);
}

test('an entry is not written to a Vault that is proved to be another one than the stacks’', async () => {
  const { error } = await preflight(async () => ({ initialized: true, sealed: false, clusterId: 'another' }));
  expect(error).toMatchObject({ code: 'site.different-vault', status: 'config' });
});

test('a Vault of the stacks that cannot be reached from here does not stop an edit alone', async () => {
  const { error, findings } = await preflight(async () => {
    throw new InfraError('vault.unreachable', 'unavailable', 'no answer');
  });
  expect(error).toBeUndefined();
  expect(findings.find(({ id }) => id === 'users.add.same-target')).toMatchObject({ verdict: 'UNKNOWN' });
});
