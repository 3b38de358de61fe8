import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type StackChoice, selectStacks } from '../../src/lib/cli/stack-selection.ts';
import { commitFiles, gitIn, historyClients, initRepository, unit } from '../unit/stacks/support/history.ts';
import { makeSite } from '../unit/stacks/support/site.ts';
import { temporaryFolder } from '../unit/stacks/support/tree.ts';

let root: string;
const units: Readonly<Record<string, readonly string[]>> = {
  infra: [],
  platform: ['infra'],
  vault: ['platform'],
  'k8s-portal': ['vault'],
  'k8s-dashboard': ['platform'],
  'my app': ['platform'],
  ünï: [],
  _template: ['platform'],
};

beforeEach(async () => {
  root = await temporaryFolder();
  await initRepository(root);
  const files = Object.entries(units).map(([name, on]) => [`stacks/${name}/terragrunt.hcl`, unit(...on)]);
  await commitFiles(root, { ...Object.fromEntries(files), 'stacks/vault/modules/x/main.tf': '', 'README.md': '' });
});

const select = (choice: StackChoice, cwd = root) =>
  selectStacks({ clients: historyClients(), site: makeSite({ root }), cwd, env: {} }, choice);
const names = async (choice: StackChoice, cwd?: string) => (await select(choice, cwd)).stacks.map(({ name }) => name);
const refusal = (choice: StackChoice, cwd?: string) =>
  select(choice, cwd).then(
    ({ stacks }) => stacks.map(({ name }) => name),
    ({ code, status }) => `${code} ${status}`,
  );

describe('without a selection', () => {
  test('the stack of the working directory, at any depth', async () => {
    for (const folder of ['stacks/vault', 'stacks/vault/modules/x', 'stacks/my app', 'stacks/ünï']) {
      const chosen = await select({}, join(root, folder));
      expect(chosen).toMatchObject({ how: 'working-directory', stacks: [{ name: folder.split('/')[1] }] });
    }
  });

  test('never all: outside of a stack it is 64', async () => {
    for (const folder of ['.', 'stacks', 'stacks/vault/..'])
      expect(await refusal({}, join(root, folder))).toBe('usage.no-stack usage');
    expect(await refusal({ names: [] })).toBe('usage.no-stack usage');
    // A folder whose name only begins like a stack's.
    await mkdir(join(root, 'stacks/vault-old'));
    expect(await refusal({}, join(root, 'stacks/vault-old'))).toBe('usage.no-stack usage');
  });

  test('a link that leads into a stack means that stack', async () => {
    await symlink(join(root, 'stacks/vault/modules'), join(root, 'shortcut'));
    expect(await names({}, join(root, 'shortcut/x'))).toEqual(['vault']);
  });
});

describe('names', () => {
  test('come in the order of their dependencies, each once, with what all stacks are', async () => {
    const chosen = await select({ names: ['vault', 'infra', 'stacks/vault', 'vault/', 'my app'] });
    expect(chosen.stacks.map(({ name }) => name)).toEqual(['infra', 'my app', 'vault']);
    expect([chosen.how, chosen.known.map(({ name }) => name).sort()]).toEqual(['named', Object.keys(units).sort()]);
  });

  test.each([
    ['.', 'stacks/vault/modules', ['vault']],
    ['..', 'stacks/vault/modules', ['vault']],
    ['../infra', 'stacks/vault', ['infra']],
    ['stacks/vault/modules/x/main.tf', '.', ['vault']],
    ['./stacks/ünï/', '.', ['ünï']],
  ])('%s in %s', async (word, folder, expected) => {
    expect(await names({ names: [word] }, join(root, folder))).toEqual(expected);
  });

  test('an absolute path inside a stack', async () => {
    expect(await names({ names: [join(root, 'stacks/my app/x.tf')] }, '/')).toEqual(['my app']);
  });

  test.each([
    ['k8s-*', ['k8s-dashboard', 'k8s-portal']],
    ['k8s-[!d]*', ['k8s-portal']],
    ['?nf*', ['infra']],
    ['*', ['infra', 'platform', 'k8s-dashboard', 'my app', 'vault', 'k8s-portal', 'ünï']],
  ])('the pattern %s; scaffolds match none', async (pattern, expected) => {
    expect((await names({ names: [pattern] })).toSorted()).toEqual(expected.toSorted());
  });

  test('what names no stack is 64, with the nearest name', async () => {
    expect(await refusal({ names: ['x*'] })).toBe('usage.unknown-stack usage');
    expect(await refusal({ names: ['./modules'] })).toBe('usage.unknown-stack usage');
    expect(await refusal({ names: ['.'] })).toBe('usage.unknown-stack usage');
    await expect(select({ names: ['infra', 'valut'] })).rejects.toMatchObject({
      code: 'usage.unknown-stack',
      hints: expect.arrayContaining([expect.stringContaining('vault')]),
    });
  });

  test('a scaffold is never chosen', async () => {
    expect(await refusal({ names: ['_template'] })).toBe('usage.scaffold usage');
    expect(await refusal({}, join(root, 'stacks/_template'))).toBe('usage.scaffold usage');
    expect(await names({ all: true })).not.toContain('_template');
  });
});

describe('two selections', () => {
  test.each<StackChoice>([
    { names: ['infra'], all: true },
    { names: ['infra'], affected: true },
    { affected: true, all: true },
    { names: ['infra'], base: 'HEAD' },
    { all: true, base: 'HEAD' },
    { base: 'HEAD' },
  ])('%j is 64', async (choice) => {
    expect(await refusal(choice)).toBe('usage.two-selections usage');
  });
});

test('--all: every stack but scaffolds, each behind what it needs', async () => {
  const found = await names({ all: true });
  expect(found.toSorted()).toEqual(
    Object.keys(units)
      .filter((name) => name !== '_template')
      .toSorted(),
  );
  for (const name of found)
    for (const on of units[name] ?? []) expect(found.indexOf(name)).toBeGreaterThan(found.indexOf(on));
});

test('--affected: what changed, in order, and why; nothing changed is nothing chosen', async () => {
  await gitIn(root, 'branch', 'base');
  expect(await names({ affected: true, base: 'base' })).toEqual([]);
  await commitFiles(root, { 'stacks/vault/main.tf': '', 'stacks/infra/main.tf': '', 'stacks/_template/main.tf': '' });
  const chosen = await select({ affected: true, base: 'base' });
  expect(chosen).toMatchObject({
    how: 'affected',
    stacks: [{ name: 'infra' }, { name: 'vault' }],
    affected: { base: { ref: 'base' }, stacks: [{ name: 'infra' }, { name: 'vault' }] },
  });
});

test.each(['in.ra*', '*ault?', '(infra|vault)*', '[infra', '*8s'])(
  'the pattern %s matches none: a dot is a dot, a whole name is meant',
  async (word) => {
    expect(await refusal({ names: [word] })).toBe('usage.unknown-stack usage');
  },
);
