import { afterEach, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { documentOf } from '../document.ts';
import { INFRA, run } from './cli/run-program.ts';

const running: Sandbox[] = [];
afterEach(async () => {
  for (const sandbox of running.splice(0)) await sandbox.stop();
});

async function logsIn(world: string, ...args: readonly string[]) {
  const sandbox = await startSandbox({ world });
  running.push(sandbox);
  const where = ['--namespace', 'authentik', ...args, '--repo', sandbox.repo, '--json'];
  const { status, stdout } = await run(INFRA, ['diagnose', 'logs', ...where], { env: sandbox.env });
  return { status, document: documentOf(stdout) };
}

const OUTPOSTS = ['--selector', 'app.kubernetes.io/managed-by=goauthentik.io'] as const;

test.each(['outpost-shm-full', 'outpost-shm-full-text', 'outpost-shm-full-rust', 'outpost-shm-full-previous'])(
  '%s: the same cause, whoever wrote the line and in whichever log it stands',
  async (world) => {
    const { status, document } = await logsIn(world, ...OUTPOSTS);
    expect(status).toBe(2);
    expect(document.summary).toBe('authentik.session-store-full');
  },
);

test('healthy pods have no cause', async () => {
  const { status, document } = await logsIn('healthy', ...OUTPOSTS);
  expect(document.findings).not.toContainEqual(expect.objectContaining({ role: 'cause' }));
  expect([0, 3]).toContain(status);
});

test('who may not read logs is told which right is missing, and that is no verdict', async () => {
  const { status, document } = await logsIn('logs-forbidden', ...OUTPOSTS);
  expect(status).toBe(77);
  expect(document.verdict).toBeUndefined();
  expect(document.error?.message).toContain('pods/log');
});

test('no such pod is an error in the input', async () => {
  const { status, document } = await logsIn('healthy', '--pod', 'nope');
  expect({ status, code: document.error?.code }).toEqual({ status: 65, code: 'logs.no-pods' });
});
