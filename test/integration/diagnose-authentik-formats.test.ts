import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { authentik } from '../../src/lib/runbooks/authentik/runbook.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/start.ts';
import { loadWorld } from '../../src/sandbox/worlds/catalogue.ts';
import { junitFaults } from '../unit/diagnosis/junit-rules.ts';
import { type Ended, type InfraOptions, infra } from './user-add/infra.ts';
import { onRequest } from './user-add/platform.ts';

async function play(world: NonNullable<SandboxOptions['world']>): Promise<Sandbox> {
  const sandbox = await startSandbox({ world });
  onTestFinished(sandbox.stop);
  return sandbox;
}

const junit = (sandbox: Sandbox, more: readonly string[] = [], options: InfraOptions = {}): Promise<Ended> =>
  infra(sandbox, ['diagnose', 'authentik', '--format', 'junit', ...more], options);

test.each<readonly [string, number, (sandbox: Sandbox) => Promise<Ended>]>([
  [
    'infra.yaml is none',
    78,
    (sandbox) => {
      writeFileSync(join(sandbox.repo, 'infra.yaml'), 'vault: [');
      return junit(sandbox);
    },
  ],
  ['the kubeconfig is gone', 3, (sandbox) => junit(sandbox, [], { env: { KUBECONFIG: join(sandbox.dir, 'nowhere') } })],
  ['there is no time', 124, (sandbox) => junit(sandbox, ['--deadline', '1ms'])],
  [
    'Ctrl-C comes first',
    130,
    (sandbox) =>
      junit(sandbox, [], { onStart: (child) => onRequest(sandbox.kubernetes, '', () => child.kill('SIGINT')) }),
  ],
])('JUnit has a result for every probe although %s', async (_, status, run) => {
  const sandbox = await play('healthy');
  // What is asked has no answer before the signal comes.
  sandbox.kubernetes.inject({ path: '/*', delayMs: 300 });
  const ended = await run(sandbox);
  expect(ended.status, ended.stderr).toBe(status);
  expect(junitFaults(ended.stdout.trim())).toEqual([]);
  const named = [...ended.stdout.matchAll(/<testcase [^>]*name="([^"]*)"/g)];
  expect(named).toHaveLength(authentik.probes.length);
  expect(new Set(named.map(([, name]) => name)).size).toBe(authentik.probes.length);
  expect(ended.stdout).toContain('<error ');
});

test('the Markdown report has the headings of a post-mortem, and what is known under them', async () => {
  const { stdout, status } = await infra(await play('outpost-shm-full'), ['diagnose', 'authentik', '--format', 'md']);
  expect(status).toBe(2);
  const headings = [...stdout.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual([
    ...['Summary', 'Impact', 'Timeline (UTC)', 'Root Cause Chain', 'Why Diagnosis Took So Long'],
    ...['Contributing Factors', 'Detection Gaps', 'Prevention Plan', 'Lessons Learned', 'Findings'],
  ]);
  const chain = stdout.split('## Root Cause Chain')[1]?.split('\n## ')[0] ?? '';
  expect(chain).toContain('authentik.outpost.shm-full');
});

test('a hundred thousand sessions are counted by df and listed by nobody; too long a list is no answer', async () => {
  const world = await loadWorld('authentik-april');
  const { kubernetes } = world;
  const names = Array.from({ length: 100_000 }, (_, at) => `4096 session_${String(at).padStart(52, 'A')}\n`).join('');
  const df = `   1B-blocks      Used     Avail Inodes IUsed\n  2147483648 409600000 1737883648 4000000 100001\n`;
  const many = { namespace: 'authentik', pod: 'ak-outpost-*' };
  const counted = await play({
    ...world,
    kubernetes: { ...kubernetes, exec: [{ ...many, command: ['df', '*'], stdout: df }, ...kubernetes.exec] },
  });
  const folder = join(counted.dir, 'evidence');
  const evidence = (): string => readFileSync(join(folder, 'probes/authentik.outpost.shm.json'), 'utf8');
  await infra(counted, ['diagnose', 'authentik', '--only', 'authentik.outpost.shm', '--record', folder]);
  expect(evidence()).toContain('"files": 100000');
  expect(evidence().length).toBeLessThan(4096);
  const lists = counted.kubernetes.requests.filter(({ path }) => path.includes('command=ls'));
  expect(lists.length).toBeGreaterThan(0);
  for (const { path } of lists) expect(decodeURIComponent(path)).toContain('--ignore=session_*');

  const listed = await play({
    ...world,
    kubernetes: { ...kubernetes, exec: [{ ...many, command: ['ls', '*'], stdout: names }, ...kubernetes.exec] },
  });
  const answer = await infra(listed, ['diagnose', 'authentik', '--only', 'authentik.outpost.shm', '--json']);
  expect(answer.status).toBe(3);
  expect(answer.stdout).toContain('wrote more than is read');
  expect(answer.stdout.length).toBeLessThan(64 * 1024);
});
