import { access, chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { documentOf } from '../document.ts';
import { type Ended, INFRA, run } from './cli/run-program.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
  const folder = join(sandbox.repo, 'modules/kubernetes/ingress_factory');
  await mkdir(folder, { recursive: true });
  const names = ['name', 'namespace', 'host', 'port', 'service_name', 'auth', 'extra_annotations'];
  await writeFile(join(folder, 'main.tf'), names.map((name) => `variable "${name}" {\n  default = null\n}\n`).join(''));
});
afterAll(() => sandbox.stop());

const infra = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  run(INFRA, args, { env: { ...sandbox.env, ...env } });
const stacks = (): Promise<readonly string[]> => readdir(join(sandbox.repo, 'stacks'));

const BLOG = ['stack', 'new', 'blog', '--image', 'ghcr.io/example/blog:1.4.2', '--port', '8080', '--host', 'blog'];

test('--dry-run prints the files and writes none', async () => {
  const ended = await infra([...BLOG, '--secret', '--storage', '5Gi', '--dry-run']);
  const { stdout, stderr, status } = ended;
  await expect(`${stdout}--- stderr\n${stderr}--- status ${status}\n`).toMatchFileSnapshot(
    '../golden/stack/new-dry-run.golden',
  );
  expect(await stacks()).not.toContain('blog');
});

test('a new stack passes guards and validation, and is in list, graph and affected at once', async () => {
  const { status, stdout } = await infra([...BLOG, '--json']);
  const document = documentOf(stdout);
  expect(document).toMatchObject({ name: 'blog', folder: 'stacks/blog', dryRun: false, dependencies: ['platform'] });
  const findings = document.findings as { title: string; verdict: string }[];
  expect([status, findings.map(({ title, verdict }) => `${verdict} ${title}`)]).toEqual([
    0,
    ['PASS name in Vault', 'PASS guards', 'PASS tofu validate'],
  ]);
  expect((await infra(['stack', 'graph', 'blog', '--up'])).stdout).toContain('platform');
  expect((await infra(['stack', 'affected'])).stdout).toContain('stacks/blog/main.tf');
  expect((await infra(BLOG)).stderr).toContain('stack.new-exists');
});

test.each([
  ['a stack', 'vault', 'stack.new-exists'],
  ['a user', 'bob', 'stack.new-name-of-user'],
  ['a secret', 'authentik', 'stack.new-name-of-secret'],
  ['nothing else', 'feed', undefined],
])('the name of %s: %s', async (_what, name, code) => {
  const { stdout } = await infra(['stack', 'new', name, '--dry-run', '--json']);
  expect(documentOf(stdout).error?.code).toBe(code);
});

test('a Vault that does not answer leaves the name unknown, and the status says so', async () => {
  const { status, stdout } = await infra(['stack', 'new', 'feed', '--dry-run'], { VAULT_ADDR: 'http://127.0.0.1:1' });
  expect([status, stdout]).toEqual([3, expect.stringContaining('? name in Vault  UNKNOWN')]);
});

test('a guard that refuses leaves nothing behind', async () => {
  const guard = join(sandbox.repo, 'scripts/check-allowed-groups.py');
  await writeFile(guard, '#!/bin/sh\necho no; exit 1\n');
  await chmod(guard, 0o755);
  const before = await stacks();
  const { status, stdout } = await infra(['stack', 'new', 'feed', '--json']);
  expect([status, documentOf(stdout).error?.code]).toEqual([4, 'stack.guard-refused']);
  expect(await stacks()).toEqual(before);
  await expect(access(join(sandbox.repo, '.infra-new-feed'))).rejects.toThrow();
});
