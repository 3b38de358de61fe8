import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { documentOf } from '../document.ts';
import { type Ended, INFRA, run } from './cli/run-program.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

const infra = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  run(INFRA, args, { env: { ...sandbox.env, ...env } });

/** Exit status and both streams; commit ids of the sandbox change with its ports. */
const golden = (args: readonly string[], { status, stdout, stderr }: Ended): string =>
  `$ infra ${args.join(' ')}\n${stdout.replace(/\b[0-9a-f]{7}\b/g, 'abc1234')}--- stderr\n${stderr}--- status ${status}\n`;

describe('the repository of the sandbox, as an operator sees it', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['list', ['stack', 'list']],
    ['list-users', ['stack', 'list', 'k8s-*', 'rbac', '--tier', '1', '--no-locks']],
    ['graph', ['stack', 'graph']],
    ['graph-verified', ['stack', 'graph', '--verify']],
    ['graph-of-vault', ['stack', 'graph', 'vault']],
    ['graph-dot', ['stack', 'graph', 'platform', '--format', 'dot']],
    ['graph-mermaid', ['stack', 'graph', 'vault', '--up', '--format', 'mermaid']],
    ['affected-by-nothing', ['stack', 'affected']],
    ['unknown-stack', ['stack', 'graph', 'valut']],
    ['depth-without-stack', ['stack', 'graph', '--depth', '2']],
    ['unknown-base', ['stack', 'affected', '--base', 'nowhere']],
  ];
  test.each(rows)('%s', async (name, args) => {
    await expect(golden(args, await infra(args))).toMatchFileSnapshot(`../golden/stack/${name}.golden`);
  });

  test('changes that are not committed yet', async () => {
    const files = ['stacks/rbac/modules/rbac/main.tf', 'config.tfvars', 'README.md'];
    for (const file of files) await appendFile(join(sandbox.repo, file), '# changed\n');
    await mkdir(join(sandbox.repo, 'stacks/my app'));
    await writeFile(join(sandbox.repo, 'stacks/my app/terragrunt.hcl'), '');
    const args = ['stack', 'affected'];
    await expect(golden(args, await infra(args))).toMatchFileSnapshot('../golden/stack/affected.golden');
    expect((await infra([...args, '--exit-code'])).status).toBe(1);
    const document = documentOf((await infra([...args, '--json'])).stdout);
    expect(document).toMatchObject({ status: 'ok', removed: [], unattributed: ['README.md'] });
    await rm(join(sandbox.repo, 'stacks/my app'), { recursive: true });
  });
});

test('documents fit their schemas, and say what the text says', async () => {
  const list = documentOf((await infra(['stack', 'list', '--json'])).stdout);
  expect(list).toMatchObject({ command: 'stack list', total: 7, problems: [] });
  const graph = documentOf((await infra(['stack', 'graph', '--format', 'json', '--verify'])).stdout);
  expect(graph).toMatchObject({ command: 'stack graph', cycles: [], verified: { differences: [] } });
  const failed = documentOf((await infra(['stack', 'graph', 'nobody', '--json'])).stdout);
  expect(failed).toMatchObject({ exitStatus: 64, error: { code: 'usage.unknown-stack' } });
  const two = documentOf((await infra(['stack', 'graph', '--json', '--format', 'dot'])).stdout);
  expect(two).toMatchObject({ exitStatus: 64, error: { code: 'usage.two-formats' } });
});

test('a Vault that is not there leaves locks unknown and the list whole', async () => {
  const { status, stdout } = await infra(['stack', 'list', '--json'], { VAULT_ADDR: 'http://127.0.0.1:1' });
  const { stacks } = documentOf(stdout) as unknown as { stacks: { name: string; lock: { state: string } }[] };
  expect(status).toBe(0);
  expect(stacks.find(({ name }) => name === 'vault')?.lock).toMatchObject({ state: 'unknown' });
});

describe('a repository with everything wrong', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'infra-broken-'));
    const files: Readonly<Record<string, string>> = {
      'terragrunt.hcl': 'locals {\n  tier0_stacks = ["a", "nobody"]\n}\n',
      'stacks/a/terragrunt.hcl': 'dependency "b" {\n  config_path = "../b"\n}\n',
      'stacks/a/main.tf': '',
      'stacks/b/terragrunt.hcl':
        'dependency "a" {\n  config_path = "../a"\n}\ndependency "c" {\n  config_path = "../gone"\n}\n',
      'stacks/b/main.tf': 'locals {\n',
      'stacks/leaf/terragrunt.hcl': '',
    };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(root, path, '..'), { recursive: true });
      await writeFile(join(root, path), text);
    }
  });
  afterAll(() => rm(root, { recursive: true, force: true }));
  const there = (...args: string[]): Promise<Ended> => run(INFRA, [...args, '--repo', root], {});

  test('its problems come first, the worst before all, and make the status', async () => {
    const ended = await there('stack', 'list', '--no-locks');
    await expect(golden(['stack', 'list', '--no-locks'], ended)).toMatchFileSnapshot(
      '../golden/stack/broken-list.golden',
    );
    expect(ended.status).toBe(2);
  });

  test('the graph tells the cycle and draws the rest', async () => {
    const ended = await there('stack', 'graph');
    await expect(golden(['stack', 'graph'], ended)).toMatchFileSnapshot('../golden/stack/broken-graph.golden');
    expect(ended.status).toBe(2);
  });

  test('without git nothing can be told to be affected', async () => {
    const { status, stderr } = await there('stack', 'affected');
    expect([status, stderr]).toEqual([78, expect.stringMatching(/is\s+not\s+in\s+a\s+git\s+repository/)]);
  });
});

test('outside any repository every command says what is missing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'infra-nowhere-'));
  for (const word of ['list', 'graph', 'affected']) {
    const { status, stdout } = await run(INFRA, ['stack', word, '--json', '--repo', folder], {});
    expect(documentOf(stdout)).toMatchObject({ error: { code: expect.stringMatching(/^config\./) } });
    expect(status).toBe(78);
  }
  await rm(folder, { recursive: true });
});
