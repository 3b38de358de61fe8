/** `infra mail trace` in the sandbox and in files: the right end, by each key, and never "not received" where nobody knows. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { CANARIES } from '../../src/sandbox/worlds/canaries.ts';
import { documentOf, type PrintedDocument } from '../document.ts';
import { type Ended, INFRA, run } from './cli/run-program.ts';

type Trace = PrintedDocument & {
  readonly mails: readonly {
    readonly queueIds: readonly string[];
    readonly state: string;
    readonly recipients: readonly {
      readonly address: string;
      readonly state: string;
      readonly where?: string;
      readonly attempts: number;
    }[];
    readonly steps: readonly { readonly stage: string; readonly text: string }[];
    readonly now?: { readonly queue: string };
  }[];
  readonly more: number;
  readonly coverage: {
    readonly reachesBackTo?: string;
    readonly notes: readonly string[];
    readonly logs: readonly { readonly name: string }[];
  };
  readonly findings: readonly { readonly verdict: string; readonly reason?: string; readonly detail: string }[];
};

const CAPTURED = join(import.meta.dirname, '../fixtures/mail-log');

async function play(world: string): Promise<Sandbox> {
  const sandbox = await startSandbox({ world });
  onTestFinished(() => sandbox.stop());
  return sandbox;
}

const infra = ({ env }: Pick<Sandbox, 'env'>, ...args: readonly string[]): Promise<Ended> =>
  run(INFRA, ['mail', 'trace', ...args], { env });

test.each<[string, readonly string[], number, readonly string[]]>([
  ['healthy', ['--last'], 0, ['delivered']],
  ['mail-trace-waiting', ['--to', 'ann@example.com'], 1, ['deferred']],
  ['mail-trace-waiting', ['4gBn5TWKVz5Hk'], 1, ['deferred']],
  ['mail-trace-waiting', ['holiday@sandbox.test'], 1, ['deferred']],
  ['mail-trace-gone', ['--from', 'dave@sandbox.test'], 3, ['unknown']],
  ['mail-trace-refused', ['--from', 'ann@example.com', '--to', 'carol@sandbox.test'], 2, ['rejected']],
  ['mail-trace-refused', ['--to', 'dave@sandbox.test'], 2, ['greylisted', 'rejected']],
  ['mail-trace-refused', ['--from', 'new@example.com'], 1, ['greylisted']],
  ['mail-trace-refused', ['--message-id', '<win-big@example.org>'], 2, ['rejected']],
  ['mail-trace-elsewhere', ['--from', '@example.com'], 2, ['bounced', 'discarded', 'delivered']],
  ['mail-trace-elsewhere', ['--to', 'office@sandbox.test'], 2, ['bounced']],
  ['mail-trace-restarted', ['before@example.com'], 0, ['delivered']],
  // Only the queue knows it: what Postfix wrote about it is older than the log.
  ['mail-queue-held', ['--to', 'dave@sandbox.test'], 1, ['held', 'held']],
  ['mail-queue-postfix-down', ['--from', 'nobody@example.com'], 3, []],
  ['healthy', ['--from', 'nobody@example.com'], 3, []],
])('%s, %j ends with %i: %j', async (world, args, exitStatus, states) => {
  const sandbox = await play(world);
  const json = await infra(sandbox, ...args, '--json');
  const document = documentOf(json.stdout) as Trace;
  expect({ states: document.mails.map(({ state }) => state), exitStatus: document.exitStatus }).toEqual({
    states,
    exitStatus,
  });
  const text = await infra(sandbox, ...args);
  expect([json.status, text.status]).toEqual([exitStatus, exitStatus]);
  for (const line of text.stdout.split('\n').filter((each) => !/^ {8}\S/.test(each))) {
    expect(line.length).toBeLessThanOrEqual(80);
  }
  const written = json.stdout + json.stderr + text.stdout + text.stderr;
  for (const canary of Object.values(CANARIES)) {
    expect(written).not.toContain(canary);
    expect(written).not.toContain(Buffer.from(canary).toString('base64').slice(2, -4));
  }
});

test('nothing in the log is unknown, and it says how far back the log reaches', async () => {
  const { findings, coverage } = documentOf(
    (await infra(await play('healthy'), '--to', 'x@example.com', '--json')).stdout,
  ) as Trace;
  expect(findings).toEqual([expect.objectContaining({ verdict: 'UNKNOWN', reason: 'not-in-log' })]);
  const [day, minute] = [coverage.reachesBackTo?.slice(0, 10), coverage.reachesBackTo?.slice(11, 16)];
  expect(findings[0]?.detail).toContain(`the log reaches back to ${day} ${minute} UTC`);
});

test('a mail that a filter gave back is one mail with two ids and an alias', async () => {
  const { mails } = documentOf(
    (await infra(await play('mail-trace-elsewhere'), '4gBn5TGBZz7Hk', '--json')).stdout,
  ) as Trace;
  expect(mails.map(({ queueIds }) => queueIds)).toEqual([['4gBn5TFLTz6Hk', '4gBn5TGBZz7Hk']]);
  expect(mails[0]?.recipients.map(({ address, state }) => `${address} ${state}`)).toEqual([
    'bob@sandbox.test delivered',
    'dave@sandbox.test bounced',
  ]);
});

test('a mailbox that is not the first one is named', async () => {
  const { mails } = documentOf(
    (await infra(await play('mail-trace-elsewhere'), 'newsletter@example.com', '--json')).stdout,
  ) as Trace;
  expect(mails[0]?.recipients[0]).toMatchObject({ state: 'delivered', where: 'mailbox Junk' });
  expect(mails[0]?.steps.find(({ stage }) => stage === 'filter')?.text).toBe(
    'add header, score 6.4 of 11 (BAYES_SPAM 4.2, SUBJ_ALL_CAPS 2.1)',
  );
});

test('who may not read logs is told so, and a queue that cannot be asked is a note', async () => {
  const forbidden = await infra(await play('logs-forbidden'), '--last', '--json');
  const { exitStatus, error } = documentOf(forbidden.stdout);
  expect([exitStatus, error?.code]).toEqual([77, 'kubernetes.denied']);
  expect(error?.message).toContain('pods/log');
  const noExec = documentOf(
    (await infra(await play('exec-forbidden'), '--to', 'x@example.com', '--json')).stdout,
  ) as Trace;
  expect(noExec.exitStatus).toBe(3);
  expect(noExec.coverage.notes.join(' ')).toContain('The queue could not be asked (forbidden)');
});

test('files are read instead of the cluster, gzip or not, and need no platform', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'infra-trace-'));
  const packed = join(folder, 'postfix.log.2.gz');
  await writeFile(packed, gzipSync(await readFile(join(CAPTURED, 'postfix.log'))));
  const args = [
    '--message-id',
    'balanced-1@sender.example.org',
    '--file',
    packed,
    '--file',
    join(CAPTURED, 'dovecot.log'),
  ];
  const ended = await infra({ env: {} }, ...args, '--json');
  const { mails, exitStatus } = documentOf(ended.stdout) as Trace;
  expect([exitStatus, mails[0]?.recipients[0]?.where]).toEqual([0, 'mailbox INBOX']);
  const absent = await infra({ env: {} }, '--last', '--file', join(folder, 'absent.log'), '--json');
  expect(documentOf(absent.stdout)).toMatchObject({ exitStatus: 65, error: { code: 'logs.no-file' } });
});

test.each([
  [[]],
  [['--last', '--from', 'a@example.com']],
  [['4gBn5TWKVz5Hk', '--message-id', 'x@y']],
  [['warning']],
  [['--from', '']],
  [['--last', '--since', 'soon']],
])('%j does not name one mail', async (args) => {
  const ended = await infra({ env: {} }, ...args, '--json');
  expect(documentOf(ended.stdout).exitStatus).toBe(64);
});

test('more mails than are listed are counted', async () => {
  const document = documentOf(
    (await infra(await play('healthy'), '--to', 'bob@sandbox.test', '--limit', '3', '--json')).stdout,
  ) as Trace;
  expect(document.mails).toHaveLength(3);
  expect(document.more).toBeGreaterThan(10);
});
