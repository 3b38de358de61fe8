import { expect, test } from 'vitest';
import type { AccessQuestion } from '../../../../src/lib/clients/kubernetes/client.ts';
import { InfraError } from '../../../../src/lib/errors.ts';
import { checkAdminConfirmed } from '../../../../src/lib/users/add/checks/accounts.ts';
import { answer, ask, blocking, combined } from '../../../../src/lib/users/add/checks/check.ts';
import { checkClusterAccess } from '../../../../src/lib/users/add/checks/cluster-access.ts';
import { checkVaultAccess } from '../../../../src/lib/users/add/checks/vault-access.ts';
import type { User } from '../../../../src/lib/users/entry.ts';
import { fakeSite } from '../../../fakes/site.ts';

const user = (role: User['entry']['role'], namespaces: readonly string[] = []): User => ({
  name: 'alice',
  entry: { role, email: 'alice@example.com', namespaces, domains: [], quota: {} },
});
const site = fakeSite();

/** A Vault whose token has these capabilities, by the beginning of the path. */
function vaultWith(grants: Readonly<Record<string, readonly string[]>>) {
  const capabilities = async (paths: readonly string[]) =>
    Object.fromEntries(
      paths.map((path) => [path, Object.entries(grants).find(([start]) => path.startsWith(start))?.[1] ?? ['deny']]),
    );
  return { vault: { capabilities } as never };
}

test('a token that may only edit is told that --no-apply is possible', async () => {
  const clients = vaultWith({ 'secret/data/platform': ['create', 'read', 'update'] });
  const owner = user('namespace-owner', ['alice']);
  const full = await checkVaultAccess(clients, site, owner, false);
  expect(full.blocks).toBe('denied');
  expect(full.error?.hints.join()).toContain('--no-apply');
  expect((await checkVaultAccess(clients, site, owner, true)).finding.verdict).toBe('PASS');
});

test('a token that may not write the secret is denied with what it lacks', async () => {
  const clients = vaultWith({ 'secret/data/platform': ['read'] });
  const result = await checkVaultAccess(clients, site, user('admin'), true);
  expect(result.blocks).toBe('denied');
  expect(result.finding.detail).toContain('patch or update on secret/data/platform');
});

test('an explicit deny counts more than everything beside it', async () => {
  const clients = vaultWith({ 'secret/data/platform': ['read', 'patch', 'deny'] });
  expect((await checkVaultAccess(clients, site, user('admin'), true)).blocks).toBe('denied');
});

test('a cluster that would not show the result stops the run before it begins', async () => {
  const asked: AccessQuestion[] = [];
  const kubernetes = {
    target: async () => ({ context: 'lab', server: 'https://127.0.0.1', source: 'test', namespace: undefined }),
    allowed: async (question: AccessQuestion) => {
      asked.push(question);
      return question.resource !== 'secrets';
    },
  };
  const result = await checkClusterAccess({ kubernetes: kubernetes as never }, user('namespace-owner', ['alice-prod']));
  expect(result.blocks).toBe('denied');
  expect(result.finding.detail).toContain('get secrets in alice-prod');
  expect(asked.some((question) => question.resource === 'clusterrolebindings')).toBe(true);
});

test('the admin role needs the e-mail a second time, and exactly', () => {
  expect(checkAdminConfirmed(user('namespace-owner'), undefined)).toBeUndefined();
  expect(checkAdminConfirmed(user('admin'), undefined)?.blocks).toBe('refused');
  expect(checkAdminConfirmed(user('admin'), 'Alice@example.com')?.blocks).toBe('refused');
  expect(checkAdminConfirmed(user('admin'), 'alice@example.com')?.blocks).toBeUndefined();
});

test('a source that does not answer stops the run, unless it may stay unknown', async () => {
  const question = async () => {
    throw new InfraError('kubernetes.unreachable', 'unavailable', 'No answer.');
  };
  expect((await ask('x', 'x', false, question)).blocks).toBe('unavailable');
  const tolerated = await ask('x', 'x', true, question);
  expect(tolerated.blocks).toBeUndefined();
  expect(tolerated.finding.verdict).toBe('UNKNOWN');
});

test('several reasons to stop are one error with the worst status and every message', () => {
  const error = combined([
    answer('a', 'a', 'PASS', 'fine'),
    blocking('b', 'b', new InfraError('users.email-taken', 'data', 'Taken.', { hints: ['one'] })),
    blocking('c', 'c', new InfraError('users.forgejo-unclaimed', 'refused', 'Unclaimed.', { hints: ['two'] })),
  ]);
  expect(error?.status).toBe('refused');
  expect(error?.code).toBe('users.forgejo-unclaimed');
  expect(error?.violations.map((each) => each.code)).toEqual(['users.email-taken', 'users.forgejo-unclaimed']);
  expect(error?.hints).toEqual(['one', 'two']);
  expect(combined([answer('a', 'a', 'PASS', 'fine')])).toBeUndefined();
});
