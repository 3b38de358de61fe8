/** `infra mail roundtrip` in the sandbox: the last result, a mail of one's own, and nothing left behind. */
import { expect, onTestFinished, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { CANARIES } from '../../src/sandbox/worlds/canaries.ts';
import { documentOf, type PrintedDocument } from '../document.ts';
import { type Ended, INFRA, type RunOptions, run } from './cli/run-program.ts';

type Roundtrip = PrintedDocument & {
  readonly send?: { readonly half?: string; readonly isDeleted?: boolean; readonly log?: readonly string[] };
  readonly findings: readonly { readonly verdict: string; readonly reason?: string }[];
};

async function play(world: string): Promise<Sandbox> {
  const sandbox = await startSandbox({ world });
  onTestFinished(() => sandbox.stop());
  return sandbox;
}

const infra = ({ env }: Sandbox, args: readonly string[], more: RunOptions = {}): Promise<Ended> =>
  run(INFRA, ['mail', 'roundtrip', ...args], { env, ...more });

/** Jobs and pods of the monitor that are there now. */
function leftIn({ kubernetes }: Sandbox): readonly string[] {
  const names = (key: string) => [...(kubernetes.state.objects.get(key)?.keys() ?? [])];
  return [...names('batch/jobs'), ...names('/pods').filter((name) => name.includes('email-roundtrip'))];
}

function withoutSecrets(...all: readonly Ended[]): void {
  for (const { stdout, stderr } of all) {
    for (const canary of Object.values(CANARIES)) expect(stdout + stderr).not.toContain(canary);
  }
}

test.each([
  ['healthy', 0, 'PASS'],
  ['mail-not-arriving', 2, 'FAIL stale'],
])('the last one in %s ends with %i: %s', async (world, status, expected) => {
  const sandbox = await play(world);
  const document = documentOf((await infra(sandbox, ['--json'])).stdout) as Roundtrip;
  const told = document.findings.map(({ verdict, reason }) => `${verdict}${reason === undefined ? '' : ` ${reason}`}`);
  expect([told, document.exitStatus]).toEqual([[expected], status]);
});

test.each([
  ['healthy', 0, 'none'],
  ['mail-round-key-refused', 2, 'sending'],
  ['mail-round-not-arriving', 2, 'receiving'],
  ['mail-round-mailbox-shut', 2, 'mailbox'],
  ['mail-round-unreadable', 2, 'unclear'],
])('sending in %s ends with %i: %s', async (world, status, half) => {
  const sandbox = await play(world);
  const json = await infra(sandbox, ['--send', '--yes', '--json']);
  const document = documentOf(json.stdout) as Roundtrip;
  expect({ half: document.send?.half, status: json.status }).toEqual({ half, status });
  expect(document.send?.isDeleted).toBe(true);
  expect(leftIn(sandbox)).toEqual([]);
  const text = await infra(sandbox, ['--send', '--yes']);
  expect(text.status).toBe(status);
  withoutSecrets(json, text);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s in the middle takes the Job away and ends with %i', async (signal, status) => {
  const sandbox = await play('mail-round-slow');
  const seen = { sent: false };
  const ended = await infra(sandbox, ['--send', '--yes', '--json'], {
    onStderr: (text, child) => {
      if (seen.sent || !text.includes('The mail is sent.')) return;
      seen.sent = true;
      expect(leftIn(sandbox)).toHaveLength(2);
      child.kill(signal);
    },
  });
  expect(ended.status).toBe(status);
  expect((documentOf(ended.stdout) as Roundtrip).send).toMatchObject({ isDeleted: true });
  expect(leftIn(sandbox)).toEqual([]);
});

test('nobody is asked without a terminal, and nothing is created', async () => {
  const sandbox = await play('healthy');
  const ended = await infra(sandbox, ['--send', '--json']);
  expect(documentOf(ended.stdout)).toMatchObject({ exitStatus: 4, error: { code: 'mail.not-confirmed' } });
  expect(sandbox.kubernetes.requests.filter(({ method }) => !['GET', 'POST'].includes(method))).toEqual([]);
  expect(leftIn(sandbox)).toEqual([]);
});

test('a dry run says what would be started, and for how long', async () => {
  const sandbox = await play('healthy');
  const ended = await infra(sandbox, ['--send', '--dry-run', '--json']);
  expect(documentOf(ended.stdout)).toMatchObject({ exitStatus: 0, send: { dryRun: true, waitSeconds: 430 } });
  expect((await infra(sandbox, ['--send', '--dry-run'])).stdout).toContain('Nothing was done.');
  expect(leftIn(sandbox)).toEqual([]);
});

test('missing rights are named before anything is created', async () => {
  const sandbox = await play('mail-round-forbidden');
  const ended = await infra(sandbox, ['--send', '--yes', '--json']);
  const { exitStatus, error } = documentOf(ended.stdout);
  expect([exitStatus, error?.code]).toEqual([77, 'mail.roundtrip-denied']);
  expect(error?.message).toContain('you may not create jobs, nor delete jobs in mailserver');
});

test('a Job that cannot be deleted is named, with what to type', async () => {
  const sandbox = await play('healthy');
  sandbox.kubernetes.inject({ method: 'DELETE', path: '/apis/batch/v1/*', status: 503, body: 'no' });
  const ended = await infra(sandbox, ['--send', '--yes', '--json']);
  const document = documentOf(ended.stdout) as Roundtrip;
  expect(document).toMatchObject({
    exitStatus: 5,
    error: { code: 'mail.roundtrip-left' },
    send: { half: 'none', isDeleted: false },
  });
  expect(document.error?.hints[0]).toMatch(/^kubectl -n mailserver delete job email-roundtrip-monitor-infra-/);
});

test('--yes without --send is a mistake', async () => {
  const { status } = await infra(await play('healthy'), ['--yes']);
  expect(status).toBe(64);
});
