import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { makeInfra } from './harness/infra.ts';
import { must } from './harness/run.ts';
import { rootFile, STACKS, unitFile } from './harness/stacks-files.ts';
import { makeToolbox } from './harness/toolbox.ts';
import { skipReason } from './harness/tools.ts';
import { makeWorkspace, type Workspace } from './harness/workspace.ts';

const reason = skipReason('tofu', 'terragrunt-1.0.0', 'terragrunt-1.1.0', 'git', 'psql', 'sops');
if (reason !== undefined) console.warn(`stack-graph.test.ts is skipped: ${reason}`);

type Edges = Readonly<Record<string, readonly string[]>>;

const unit = (...on: readonly string[]): string =>
  [
    'include "root" {\n  path = find_in_parent_folders()\n}\n',
    ...on.map(
      (name) => `dependency "${name.replace(/\W/g, '_')}" {\n  config_path  = "../${name}"\n  skip_outputs = true\n}\n`,
    ),
  ].join('\n');

const files = (edges: Edges): Record<string, string> =>
  Object.fromEntries(Object.entries(edges).map(([name, on]) => [`stacks/${name}/terragrunt.hcl`, unit(...on)]));

const whole = Object.fromEntries(Object.keys(STACKS).map((name) => [`stacks/${name}/terragrunt.hcl`, unitFile(name)]));

describe.skipIf(reason !== undefined).each(['1.0.0', '1.1.0'] as const)(
  'stack graph --verify with terragrunt %s',
  (version) => {
    let workspace: Workspace;
    let bin: string;
    beforeAll(async () => {
      workspace = await makeWorkspace('graph');
      bin = await makeToolbox(workspace.dir, version);
    });
    afterAll(() => workspace?.remove());

    /** A repository with these files, looked at by infra and terragrunt. `seen`: what the two disagree about. */
    async function graph(tree: Readonly<Record<string, string>>) {
      const dir = join(workspace.dir, 'repo');
      const root = {
        'terragrunt.hcl': rootFile('source'),
        'infra.yaml': 'stacks:\n  run: native\n',
        'config.tfvars': '',
      };
      for (const [path, text] of Object.entries({ ...root, ...tree })) {
        await mkdir(dirname(join(dir, path)), { recursive: true });
        await writeFile(join(dir, path), text);
      }
      onTestFinished(() => rm(dir, { recursive: true }));
      const env = {
        PATH: bin,
        HOME: workspace.home,
        TMPDIR: workspace.dir,
        LANG: 'C.UTF-8',
        VAULT_ADDR: 'http://127.0.0.1:9',
      };
      await must('git', ['init', '-q', dir], { env });
      const infra = await makeInfra({ dir, env });
      const document = await infra.json('stack', 'graph', '--verify');
      const differences = (document.verified?.differences ?? []) as { kind: string; stack: string; target?: string }[];
      return {
        document,
        seen: differences.map(({ kind, stack, target }) => [kind, stack, target].filter(Boolean).join(' ')),
      };
    }

    test('the fourteen stacks: both see the same graph', async () => {
      const { document, seen } = await graph(whole);
      expect([document.exitStatus, seen, document.missing, document.cycles]).toEqual([0, [], [], []]);
      expect(document.waves).toHaveLength(5);
    });

    test('both kinds of blocks, names with spaces, dots and umlauts', async () => {
      const { document, seen } = await graph({
        ...files({ a: [], 'my app': ['a'], ünï: ['my app'], 'a.b': ['ünï'] }),
        'stacks/mixed/terragrunt.hcl': `${unit('a')}dependencies {\n  paths = ["../my app", "../a.b"]\n}\n`,
      });
      expect([document.exitStatus, seen]).toEqual([0, []]);
      expect(document.edges).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ from: 'mixed', to: 'my app' }),
          expect.objectContaining({ from: 'a.b', to: 'ünï' }),
        ]),
      );
    });

    test.each([
      ['one of its targets is computed', `${unit('a')}dependency "b" {\n  config_path = local.nowhere\n}\n`],
      ['a switch of its dependency is computed', unit('a').replace('skip_outputs = true', 'enabled = local.nowhere')],
      ['its text is not HCL', `= = =\n${unit('a')}`],
    ])('terragrunt drops the edges of a unit and ends with 0, for %s: each is named', async (_why, text) => {
      const { document, seen } = await graph({ ...files({ a: [], ok: ['a'] }), 'stacks/broken/terragrunt.hcl': text });
      expect(seen).toEqual(['edge-hidden broken a']);
      expect(document.edges).toContainEqual(expect.objectContaining({ from: 'broken', to: 'a' }));
      expect(document.exitStatus).toBe(2);
    });

    test.each([
      ['calls a function that there is not', 'locals {\n  x = nosuchfunction()\n}\n'],
      ['takes its source from an output', 'terraform {\n  source = dependency.a.outputs.nothing\n}\n'],
    ])('a unit that %s keeps its edges in terragrunt: no difference', async (_what, broken) => {
      const { seen } = await graph({ ...files({ a: [] }), 'stacks/broken/terragrunt.hcl': `${unit('a')}${broken}` });
      expect(seen).toEqual([]);
    });

    test.each<[string, Edges, string[][]]>([
      ['of two, with an innocent that needs it', { a: ['b'], b: ['a'], c: ['a'], d: [] }, [['a', 'b']]],
      ['of four', { a: ['b'], b: ['c'], c: ['d'], d: ['a'] }, [['a', 'b', 'c', 'd']]],
    ])(
      'a cycle %s is told in full, and every unit that terragrunt takes out of it is named',
      async (_name, edges, cycles) => {
        const { document, seen } = await graph(files(edges));
        expect(document.cycles.map((cycle: string[]) => [...cycle].sort())).toEqual(cycles);
        expect(document.exitStatus).toBe(2);
        // Which one it takes out depends on where its search began; it is never none.
        expect(seen.some((line) => line.startsWith('stack-hidden '))).toBe(true);
        expect(document.stacks.map(({ name }: { name: string }) => name)).toEqual(Object.keys(edges));
      },
    );

    test('a stack that needs itself', async () => {
      const { document } = await graph(files({ a: ['a'], b: [] }));
      expect([document.exitStatus, document.cycles]).toEqual([2, [['a']]]);
    });

    test('a target that does not exist, and one outside of the stacks', async () => {
      const { document } = await graph({
        ...files({ a: [], b: ['gone'] }),
        'elsewhere/unit/terragrunt.hcl': unit(),
        'stacks/c/terragrunt.hcl': unit('../elsewhere/unit'),
      });
      expect(document.missing).toEqual([
        expect.objectContaining({ stack: 'b', kind: 'missing' }),
        expect.objectContaining({ stack: 'c', kind: 'outside' }),
      ]);
      expect(document.exitStatus).toBe(2);
    });
  },
);
