import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFiles } from '../../../../src/lib/clients/files/live.ts';
import { listStacks } from '../../../../src/lib/stacks/listing/list-stacks.ts';
import { unit } from '../support/history.ts';
import { makeSite } from '../support/site.ts';
import { temporaryFolder, writeTree } from '../support/tree.ts';

const ALL = { names: undefined, tier: undefined, uses: undefined };
const SOURCES = { lockOf: async () => ({ state: 'free' }) as const, lastRuns: new Map() };

async function listed(files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>> = {}) {
  const root = await temporaryFolder();
  await writeTree(root, files);
  for (const [path, target] of Object.entries(links)) await symlink(target, join(root, path));
  return listStacks({ files: makeFiles() }, makeSite({ root }), ALL, SOURCES);
}

const problems = async (files: Readonly<Record<string, string>>, links?: Readonly<Record<string, string>>) =>
  (await listed(files, links)).problems.map(({ verdict, id, detail }) => `${verdict} ${id}: ${detail}`);

const stack = (name: string, ...on: readonly string[]) => ({
  [`stacks/${name}/terragrunt.hcl`]: unit(...on),
  [`stacks/${name}/main.tf`]: 'locals {}\n',
});

test('a repository in order has no problems', async () => {
  expect(await problems({ ...stack('infra'), ...stack('vault', 'infra') })).toEqual([]);
});

test('a cycle is told with its full path, and its members are listed nevertheless', async () => {
  const found = await listed({ ...stack('a', 'b'), ...stack('b', 'a', 'leaf'), ...stack('leaf') });
  expect(found.problems).toMatchObject([{ id: 'stacks.cycle', verdict: 'FAIL', detail: 'a → b → a' }]);
  expect(found.stacks.map(({ stack: { name } }) => name)).toEqual(['a', 'b', 'leaf']);
});

test('targets that are missing, outside or computed are three different things', async () => {
  const text = [
    'dependency "a" {\n  config_path = "../gone"\n}',
    'dependency "b" {\n  config_path = "../../elsewhere/b"\n}',
    'dependency "c" {\n  config_path = local.where\n}',
  ].join('\n');
  expect(await problems({ ...stack('app'), 'stacks/app/terragrunt.hcl': text })).toEqual([
    'FAIL stacks.missing-target: app depends on gone, which is not there',
    'WARN stacks.outside-target: app depends on elsewhere/b, outside stacks/',
    'UNKNOWN stacks.computed-target: app depends on ${local.where}, which only terragrunt can evaluate',
  ]);
});

test.each([
  ['stacks/app/terragrunt.hcl', 'dependency "infra" {\n  config_path = "../infra"\n', 'a { is never closed'],
  ['stacks/app/main.tf', 'locals {\n  x = "abc\n}\n', 'the quote before "abc" is never closed'],
  ['modules/m/main.tf', 'locals }\n', 'a } closes nothing'],
  ['terragrunt.hcl', 'locals {\n  x = [1, 2\n}\n', 'a } closes nothing'],
])('a %s that is no HCL is named, and its stack stays in the list', async (path, text, why) => {
  const found = await listed({
    ...stack('infra'),
    ...stack('app', 'infra'),
    'stacks/app/calls.tf': 'module "m" {\n  source = "../../modules/m"\n}\n',
    [path]: text,
  });
  expect(found.problems).toMatchObject([{ id: 'stacks.no-hcl', verdict: 'FAIL', detail: `${path}: ${why}` }]);
  expect(found.stacks).toHaveLength(2);
});

test('brackets and quotes in strings, comments and heredocs are none', async () => {
  const text = '# {\nlocals {\n  a = "} \\" {"\n  b = <<EOT\n{ "\nEOT\n  c = "${x["y"]}" /* ] */\n}\n';
  expect(await problems({ ...stack('app'), 'stacks/app/main.tf': text })).toEqual([]);
});

test('a unit without .tf is named; one with a source, and a scaffold, need none', async () => {
  expect(
    await problems({
      'stacks/hollow/terragrunt.hcl': unit(),
      'stacks/sourced/terragrunt.hcl': 'terraform {\n  source = "../../modules/m"\n}\n',
      'modules/m/main.tf': '',
      'stacks/_template/terragrunt.hcl': unit(),
    }),
  ).toEqual([
    'WARN stacks.no-tf: stacks/hollow has a terragrunt.hcl and no .tf',
    'SKIP stacks.scaffold: _template: never planned or applied',
  ]);
});

test('lists of Tier 0 that disagree, and names in them that are no stacks, are named', async () => {
  expect(
    await problems({
      ...stack('vault'),
      ...stack('dbaas'),
      'terragrunt.hcl': 'locals {\n  tier0_stacks = ["vault", "gone"]\n}\n',
      'scripts/tg': 'TIER0_STACKS="vault gone dbaas"\n',
      'scripts/state-sync': 'TIER0_STACKS="vault"\n',
    }),
  ).toEqual([
    'WARN stacks.tier-lists: the list in scripts/tg has dbaas too',
    'WARN stacks.tier-lists: the list in scripts/state-sync lacks gone',
    'WARN stacks.tier-unknown: gone: listed as Tier 0, but no stack here',
  ]);
});

test('units in deeper or hidden folders, and folders that only look like stacks, are named', async () => {
  expect(
    await problems({
      ...stack('app'),
      'stacks/group/db/terragrunt.hcl': unit(),
      'stacks/.hide/unit/terragrunt.hcl': unit(),
      'stacks/app/.terragrunt-cache/x/terragrunt.hcl': unit(),
      'stacks/loose/main.tf': '',
    }),
  ).toEqual([
    'WARN stacks.out-of-place: stacks/.hide/unit has a terragrunt.hcl, but stacks lie one level higher',
    'WARN stacks.out-of-place: stacks/group/db has a terragrunt.hcl, but stacks lie one level higher',
    'WARN stacks.out-of-place: stacks/loose has .tf files and no terragrunt.hcl',
  ]);
});

test('names of every kind are names, a link to a folder is a stack', async () => {
  const names = ['my app', 'ünï', '-dash', 'a.b', 'toString', 'constructor'];
  const found = await listed(Object.assign({}, ...names.map((name) => stack(name)), stack('real', 'my app')), {
    'stacks/linked': 'real',
  });
  expect(found.problems).toEqual([]);
  expect(found.stacks.map((each) => each.stack.name)).toEqual([...names, 'linked', 'real'].sort());
  expect(found.stacks.find((each) => each.stack.name === 'my app')?.dependants).toEqual({ direct: 2, all: 2 });
});
