import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { type AffectedOptions, findAffected } from '../../../../src/lib/stacks/affected/affected.ts';
import { changeFiles, commitFiles, gitIn, historyClients, initRepository, unit } from '../support/history.ts';
import { makeSite } from '../support/site.ts';
import { temporaryFolder } from '../support/tree.ts';

let root: string;

const FILES = {
  'terragrunt.hcl': 'locals {}\n',
  'config.tfvars': 'x = 1\n',
  'tiers.tf': '',
  'README.md': '# Infrastructure\n',
  'stacks/infra/terragrunt.hcl': unit(),
  'stacks/infra/main.tf': 'locals { script = file("${path.module}/../../scripts/boot.sh") }\n',
  'stacks/vault/terragrunt.hcl': unit('platform'),
  'stacks/vault/main.tf': 'locals { roster = yamldecode(file("${path.root}/../../scripts/roster.yaml")) }\n',
  'stacks/platform/terragrunt.hcl': unit('infra'),
  'stacks/platform/main.tf': 'module "x" {\n  source = "./modules/x"\n}\n',
  'stacks/platform/modules/x/main.tf': '',
  'stacks/blog/terragrunt.hcl': unit('platform', 'vault'),
  'stacks/blog/main.tf': 'module "i" {\n  source = "../../modules/ingress"\n}\n',
  'stacks/_template/terragrunt.hcl': unit('platform'),
  'modules/ingress/main.tf': 'module "t" {\n  source = "../tls"\n}\n',
  'modules/tls/main.tf': '',
  'scripts/boot.sh': 'true\n',
  'scripts/roster.yaml': '[]\n',
  'secrets/fullchain.pem': 'x\n',
};

beforeEach(async () => {
  root = await temporaryFolder();
  await initRepository(root);
  await commitFiles(root, FILES);
  await symlink('../../secrets', join(root, 'stacks/blog/secrets'));
  await commitFiles(root, {}, 'link');
  await gitIn(root, 'branch', 'base');
});

const affected = (options: AffectedOptions = { base: 'base' }) =>
  findAffected(historyClients(), makeSite({ root }), options);
const names = async (options?: AffectedOptions) => (await affected(options)).stacks.map(({ name }) => name);

test('nothing changed: nothing is affected', async () => {
  expect(await affected()).toMatchObject({ changed: 0, stacks: [], removed: [], unattributed: [], behind: 0 });
});

test('a file of a stack touches it at any depth', async () => {
  await commitFiles(root, { 'stacks/platform/modules/x/deep/er/y.tf': '' });
  expect((await affected()).stacks).toEqual([
    { name: 'platform', reasons: [{ kind: 'own', path: 'stacks/platform/modules/x/deep/er/y.tf' }] },
  ]);
});

test.each(['terragrunt.hcl', 'config.tfvars', 'tiers.tf'])(
  '%s touches every stack but scaffolds, in order',
  async (path) => {
    await commitFiles(root, { [path]: '# changed\n' });
    const found = await affected();
    expect(found.stacks.map(({ name }) => name)).toEqual(['infra', 'platform', 'vault', 'blog']);
    expect(found.stacks[0]?.reasons).toEqual([{ kind: 'root', path }]);
  },
);

test('a module touches its callers at any distance, and says by which way', async () => {
  await commitFiles(root, { 'modules/tls/variables.tf': '' });
  expect((await affected()).stacks).toEqual([
    {
      name: 'blog',
      reasons: [{ kind: 'module', path: 'modules/tls/variables.tf', via: 'modules/ingress → modules/tls' }],
    },
  ]);
});

test('a file of another folder touches the stack that reads it, and says who names it', async () => {
  await commitFiles(root, { 'scripts/boot.sh': 'false\n', 'scripts/roster.yaml': '[1]\n' });
  expect((await affected()).stacks).toEqual([
    { name: 'infra', reasons: [{ kind: 'input', path: 'scripts/boot.sh', via: 'stacks/infra/main.tf' }] },
    { name: 'vault', reasons: [{ kind: 'input', path: 'scripts/roster.yaml', via: 'stacks/vault/main.tf' }] },
  ]);
});

test('what lies behind a link touches the stack that has the link', async () => {
  await commitFiles(root, { 'secrets/fullchain.pem': 'y\n' });
  expect((await affected()).stacks).toEqual([
    { name: 'blog', reasons: [{ kind: 'input', path: 'secrets/fullchain.pem', via: 'stacks/blog/secrets' }] },
  ]);
});

test('edits, staged files and untracked files count', async () => {
  await changeFiles(root, { 'stacks/infra/main.tf': '#\n', 'stacks/vault/new file ü.tf': '', 'stacks/blog/x.tf': '' });
  await gitIn(root, 'add', 'stacks/blog/x.tf');
  expect((await affected()).stacks).toMatchObject([
    { name: 'infra' },
    { name: 'vault', reasons: [{ path: 'stacks/vault/new file ü.tf' }] },
    { name: 'blog' },
  ]);
});

test('a deleted stack is told apart, and is not among the files without a stack', async () => {
  await gitIn(root, 'rm', '-rq', 'stacks/blog');
  await commitFiles(root, {});
  expect(await affected()).toMatchObject({ stacks: [], removed: ['blog'], unattributed: [] });
});

test('a renamed stack is one removed and one affected', async () => {
  await gitIn(root, 'mv', 'stacks/blog', 'stacks/my blog');
  await commitFiles(root, {});
  expect(await affected()).toMatchObject({ stacks: [{ name: 'my blog' }], removed: ['blog'] });
});

test('what touches no stack is listed', async () => {
  await commitFiles(root, { 'README.md': '#\n', 'stacks/_template/main.tf.example': '' });
  expect(await affected()).toMatchObject({
    stacks: [],
    unattributed: ['README.md', 'stacks/_template/main.tf.example'],
  });
});

test('what only the base has changed is not ours, but counted', async () => {
  await gitIn(root, 'checkout', '-q', 'base');
  await commitFiles(root, { 'stacks/vault/theirs.tf': '' });
  await gitIn(root, 'checkout', '-q', 'master');
  await commitFiles(root, { 'stacks/infra/ours.tf': '' });
  expect(await affected()).toMatchObject({ stacks: [{ name: 'infra' }], behind: 1 });
});

test('a pipeline compares with the commit of the pipeline before', async () => {
  const before = await commitFiles(root, { 'stacks/vault/a.tf': '' });
  await commitFiles(root, { 'stacks/infra/b.tf': '' });
  const env = { CI: 'woodpecker', CI_PREV_COMMIT_SHA: before };
  expect(await names({ env })).toEqual(['infra']);
  expect(await names({ env: { CI: 'woodpecker' } })).toEqual(['infra']);
});
