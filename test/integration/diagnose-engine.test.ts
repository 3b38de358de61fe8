/** What every `infra diagnose SUBJECT` does, tried with a runbook whose platform is a folder of files. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { diagnosisPayload } from '../../src/lib/documents/diagnosis.ts';
import { junitFaults } from '../unit/diagnosis/junit-rules.ts';
import { type Ended, emptyEnvironment, type RunOptions, run } from './cli/run-program.ts';

const CLI = join(import.meta.dirname, '../fixtures/diagnose-cli/run.ts');
const state = { root: '', env: emptyEnvironment() };

beforeEach(() => {
  state.root = mkdtempSync(join(tmpdir(), 'infra-door-'));
  state.env = emptyEnvironment();
  mkdirSync(join(state.root, 'house'));
  writeFileSync(join(state.root, 'infra.yaml'), '');
});

const door = (args: readonly string[] = [], options: RunOptions = {}): Promise<Ended> =>
  run(CLI, ['diagnose', 'door', '--repo', state.root, ...args], { env: state.env, ...options });
function says(parts: Readonly<Record<string, string>>): void {
  for (const [part, text] of Object.entries(parts)) writeFileSync(join(state.root, 'house', part), text);
}

/** The document, checked against the schema of every diagnosis, without what differs from run to run. */
function documentIn(stdout: string): Record<string, unknown> & { readonly exitStatus: number } {
  const { startedAt: _, durationMs: __, ...document } = JSON.parse(stdout) as Record<string, unknown>;
  if (document.error === undefined) diagnosisPayload.parse(document);
  return document as Record<string, unknown> & { readonly exitStatus: number };
}

test.each([
  ['a healthy door', {}, [], 0],
  ['a warning', { outside: 'slow' }, [], 1],
  ['a warning that may be', { outside: 'slow' }, ['--fail-on', 'fail'], 0],
  ['a failure', { outside: 'stuck' }, [], 2],
  ['a question without an answer', { outside: 'forbidden' }, [], 3],
  ['a defect of a probe', { outside: 'throw' }, [], 3],
  ['a probe that hangs', { outside: 'hang-deaf' }, ['--timeout', '50ms'], 3],
  ['a deadline', { outside: 'hang-deaf' }, ['--deadline', '100ms'], 124],
  ['a failure before the deadline', { inside: 'stuck', outside: 'hang-deaf' }, ['--deadline', '200ms'], 2],
])('%s', async (_, parts, args, status) => {
  says(parts);
  const ended = await door(['--json', ...args]);
  expect(documentIn(ended.stdout)).toMatchObject({ exitStatus: status, subject: 'door' });
  expect(ended.status).toBe(status);
});

test('--format json is --json', async () => {
  const [a, b] = await Promise.all([door(['--json']), door(['--format', 'json'])]);
  const times = { at: '', tookMs: 0 };
  const still = (stdout: string): unknown => ({ ...documentIn(stdout), ...times, findings: [], evidence: [] });
  expect(still(a.stdout)).toEqual(still(b.stdout));
});

test.each([
  [['--json', '--format', 'md'], '--json and --format md exclude each other'],
  [['--wait', 'soon'], '--wait soon is not a duration'],
])('%j is a usage error', async (args, message) => {
  const ended = await door(args);
  expect(ended.status).toBe(64);
  expect(ended.stdout + ended.stderr).toContain(message);
});

test('the first finding is on the screen while others still run; Ctrl-C prints what there is', async () => {
  says({ lock: 'jammed', inside: 'hang' });
  const child = await new Promise<Ended>((resolve) => {
    const seen = { stdout: '' };
    void import('node:child_process').then(({ spawn }) => {
      const program = spawn(process.execPath, [CLI, 'diagnose', 'door', '--repo', state.root], {
        env: state.env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      program.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        const isFirst = seen.stdout === '';
        seen.stdout += chunk;
        if (isFirst) program.kill('SIGINT');
      });
      program.on('close', (status) => resolve({ status, stdout: seen.stdout, stderr: '' }));
    });
  });
  expect(child.stdout).toMatch(/^FAIL {2}the key is stuck in the lock/);
  expect(child.stdout.match(/the key is stuck in the lock {3}/g)).toHaveLength(1);
  expect(child.stdout).toContain('no answer before the interruption');
  expect(child.stdout).toContain('door.lock.jammed');
  expect(child.status).toBe(130);
});

test('a recording replays to the same document with the platform gone', async () => {
  says({ lock: 'jammed', outside: 'stuck', inside: 'forbidden' });
  const folder = join(state.root, 'evidence');
  const live = await door(['--json', '--record', folder]);
  rmSync(join(state.root, 'house'), { recursive: true });
  rmSync(join(state.root, 'infra.yaml'));
  const elsewhere = { ...state.env, KUBECONFIG: '/nowhere', VAULT_ADDR: 'http://127.0.0.1:1' };
  const replayed = await run(CLI, ['diagnose', 'door', '--json', '--replay', folder], { env: elsewhere });
  expect(live.status).toBe(2);
  expect(replayed.status).toBe(2);
  expect(documentIn(replayed.stdout)).toEqual(documentIn(live.stdout));
  expect(replayed.stderr).toBe('');
});

test('a recording is its owner’s alone and never goes over something', async () => {
  const folder = join(state.root, 'evidence');
  expect((await door(['--record', folder])).status).toBe(0);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder).sort()).toEqual(['manifest.json', 'probes']);
  const again = await door(['--record', folder]);
  expect(again.status).toBe(64);
  expect(again.stderr).toContain('is not empty');
  expect(again.stdout).toBe('');
});

test('a damaged recording is 65 and names the file', async () => {
  const folder = join(state.root, 'evidence');
  await door(['--record', folder]);
  const file = join(folder, 'probes/door.lock.key.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('fine', 'fire'));
  const ended = await door(['--replay', folder, '--json']);
  expect(ended.status).toBe(65);
  expect(JSON.parse(ended.stdout).error).toMatchObject({
    code: 'recording.damaged',
    message: expect.stringContaining(file),
  });
});

test('--output holds the whole answer; only JSON is on stdout too', async () => {
  says({ lock: 'jammed' });
  const file = join(state.root, 'report.md');
  const report = await door(['--format', 'md', '--output', file]);
  expect(report).toMatchObject({ status: 2, stdout: '' });
  expect(readFileSync(file, 'utf8')).toContain('## Root Cause Chain');
  const json = join(state.root, 'report.json');
  const both = await door(['--json', '--output', json]);
  expect(documentIn(readFileSync(json, 'utf8'))).toEqual(documentIn(both.stdout));
});

test('an answer that cannot be written is printed after all', async () => {
  const ended = await door(['--output', join(state.root, 'infra.yaml', 'x')]);
  expect(ended.status).toBe(69);
  expect(ended.stdout).toContain('PASS  key in the lock');
});

test('evidence that cannot be kept does not cost the answer', async () => {
  says({ lock: 'jammed' });
  const ended = await door(['--json', '--record', join(state.root, 'infra.yaml', 'x')]);
  expect(ended.status).toBe(69);
  expect(JSON.parse(ended.stdout)).toMatchObject({
    rootCause: { code: 'door.lock.jammed' },
    error: { code: 'files.failed' },
  });
});

test('--list asks nothing and needs no repository', async () => {
  const ended = await run(CLI, ['diagnose', 'door', '--list'], { env: state.env });
  expect(ended.status).toBe(0);
  expect(ended.stdout).toContain('door.lock.key      passive  1 file');
});

test('--only takes layers, ids and patterns; what they need is asked too', async () => {
  const verdicts = async (...args: readonly string[]): Promise<unknown> =>
    (documentIn((await door(['--json', ...args])).stdout).findings as { readonly verdict: string }[]).map(
      ({ verdict }) => verdict,
    );
  says({ lock: 'jammed' });
  expect(await verdicts('--only', 'bell')).toEqual(['SKIP', 'SKIP', 'SKIP', 'PASS']);
  expect(await verdicts('--only', 'door.*side.open')).toEqual(['SKIP', 'PASS', 'PASS', 'SKIP']);
  // The bell is rung with the key's answer only: without the key nobody rings.
  expect(await verdicts('--skip', 'lock.key,inside')).toEqual(['SKIP', 'PASS', 'SKIP', 'SKIP']);
  expect(await verdicts('--first')).toEqual(['FAIL', 'SKIP', 'SKIP', 'SKIP']);
});

test('--changes tells what differs from the last whole run', async () => {
  expect((await door(['--changes'])).stderr).toContain('There is no earlier whole run to compare with.');
  expect((await door(['--changes'])).stdout).toContain('Nothing changed since the last run.');
  says({ lock: 'jammed' });
  await door(['--only', 'lock']);
  const ended = await door(['--changes', '--json']);
  expect(documentIn(ended.stdout).changes).toEqual([
    { id: 'rootCause', after: 'door.lock.jammed' },
    { id: 'door.lock.key', before: 'PASS', after: 'FAIL' },
  ]);
});

test('when set-up dies every probe still has a result', async () => {
  writeFileSync(join(state.root, 'infra.yaml'), 'vault: [');
  const ended = await door(['--format', 'junit']);
  expect(ended.status).toBe(78);
  expect(junitFaults(ended.stdout.trim())).toEqual([]);
  expect(ended.stdout.match(/<error /g)).toHaveLength(4);
  const document = JSON.parse((await door(['--json'])).stdout);
  expect(document).toMatchObject({ exitStatus: 78, verdict: 'UNKNOWN', error: { code: 'config.invalid' } });
  expect(document.findings).toHaveLength(4);
});

test('a defect leaves a crash report and says where', async () => {
  says({ inside: 'throw' });
  const ended = await door();
  expect(ended.stderr).toContain('warning: a defect of infra in door.inside.open; details: ');
  const file = /details: (.*)$/m.exec(ended.stderr)?.[1] ?? '';
  expect(existsSync(file)).toBe(true);
  expect(readFileSync(file, 'utf8')).toContain('TypeError: a defect');
});

test('an accepted finding is listed and counts for nothing', async () => {
  says({ outside: 'stuck' });
  const entry = { finding: 'door.outside.open', subject: 'outside', reason: 'the mason comes', expires: '2999-01-01' };
  writeFileSync(join(state.root, 'infra.yaml'), JSON.stringify({ ignore: [entry] }));
  const ended = await door();
  expect(ended.status).toBe(0);
  expect(ended.stdout).toContain('ignored  from outside');
  expect(ended.stdout).toContain('accepted until 2999-01-01');
});
