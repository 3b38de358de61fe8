/** `infra mail queue` in the sandbox: what waits, why, and what could not be seen. */
import { expect, onTestFinished, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { CANARIES } from '../../src/sandbox/worlds/canaries.ts';
import { loadWorld } from '../../src/sandbox/worlds/catalogue.ts';
import { documentOf, type PrintedDocument } from '../document.ts';
import { INFRA, run } from './cli/run-program.ts';

type Queues = PrintedDocument & {
  readonly places: readonly { readonly place: string; readonly summary?: { readonly total: number } }[];
  readonly findings: readonly { readonly id: string; readonly verdict: string; readonly reason?: string }[];
};

async function play(world: Parameters<typeof startSandbox>[0]): Promise<Sandbox> {
  const sandbox = await startSandbox(world);
  onTestFinished(() => sandbox.stop());
  return sandbox;
}

const told = ({ findings }: Queues): readonly string[] =>
  findings.map(({ id, verdict, reason }) => `${id} ${verdict}${reason === undefined ? '' : ` ${reason}`}`);

test.each<[string, number, readonly string[]]>([
  ['healthy', 0, ['mail.queue.here PASS', 'mail.queue.second-mx PASS']],
  ['mail-queue-local', 2, ['mail.queue.here FAIL local-delivery', 'mail.queue.second-mx PASS']],
  ['mail-queue-relay', 2, ['mail.queue.here FAIL relay-credentials', 'mail.queue.second-mx PASS']],
  ['mail-queue-slow-receivers', 1, ['mail.queue.here WARN waiting', 'mail.queue.second-mx PASS']],
  ['mail-queue-second-mx', 2, ['mail.queue.here PASS', 'mail.queue.second-mx FAIL primary-refuses']],
  ['mail-queue-held', 1, ['mail.queue.here WARN held', 'mail.queue.second-mx PASS']],
  ['mail-queue-garbled', 3, ['mail.queue.here UNKNOWN malformed', 'mail.queue.second-mx PASS']],
  ['mail-queue-postfix-down', 2, ['mail.queue.here FAIL postfix-down', 'mail.queue.second-mx PASS']],
  ['mail-queue-second-mx-shut', 3, ['mail.queue.here PASS', 'mail.queue.second-mx UNKNOWN forbidden']],
  ['exec-forbidden', 3, ['mail.queue.here UNKNOWN forbidden', 'mail.queue.second-mx PASS']],
])('%s ends with %i: %j', async (world, exitStatus, expected) => {
  const { env } = await play({ world });
  const json = await run(INFRA, ['mail', 'queue', '--json'], { env });
  const document = documentOf(json.stdout) as Queues;
  expect({ told: told(document), exitStatus: document.exitStatus }).toEqual({ told: expected, exitStatus });
  const text = await run(INFRA, ['mail', 'queue'], { env });
  expect([json.status, text.status]).toEqual([exitStatus, exitStatus]);
  for (const line of text.stdout.split('\n').filter((each) => !/^ {8}\S/.test(each))) {
    expect(line.length).toBeLessThanOrEqual(80);
  }
  for (const canary of Object.values(CANARIES)) {
    const written = json.stdout + json.stderr + text.stdout + text.stderr;
    expect(written).not.toContain(canary);
    expect(written).not.toContain(Buffer.from(canary).toString('base64').slice(2, -4));
  }
});

test('a mail server without a running pod is unknown, and the second MX is asked all the same', async () => {
  const sandbox = await play({ world: await loadWorld('mail-queue-second-mx') });
  const pods = sandbox.kubernetes.state.objects.get('/pods');
  for (const key of pods?.keys() ?? []) if (key.startsWith('mailserver/')) pods?.delete(key);
  const { stdout } = await run(INFRA, ['mail', 'queue', '--json'], { env: sandbox.env });
  expect(told(documentOf(stdout) as Queues)).toEqual([
    'mail.queue.here UNKNOWN empty',
    'mail.queue.second-mx FAIL primary-refuses',
  ]);
});

test('a site without a second MX is told how to set it, and is not unknown for it', async () => {
  const sandbox = await play({ world: 'healthy' });
  const { writeFile, readFile } = await import('node:fs/promises');
  const file = `${sandbox.repo}/infra.yaml`;
  await writeFile(file, (await readFile(file, 'utf8')).replace(/, secondMx: backup-mx/, ''));
  const json = await run(INFRA, ['mail', 'queue', '--json'], { env: sandbox.env });
  expect(told(documentOf(json.stdout) as Queues)).toEqual([
    'mail.queue.here PASS',
    'mail.queue.second-mx SKIP not-configured',
  ]);
  expect(json.status).toBe(0);
});
