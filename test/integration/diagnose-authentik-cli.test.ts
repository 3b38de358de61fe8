import { expect, onTestFinished, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { infra, infraJson } from './user-add/infra.ts';
import { onTerminal } from './user-add/terminal.ts';

async function play(world: string): Promise<Sandbox> {
  const sandbox = await startSandbox({ world });
  onTestFinished(sandbox.stop);
  return sandbox;
}

test.each([
  ['healthy', 0, undefined],
  ['host-not-gated', 1, undefined],
  ['outpost-shm-full', 2, 'authentik.outpost.shm-full'],
  ['cloudflare-worker', 2, 'edge.cloudflare'],
  ['logs-forbidden', 3, undefined],
] as const)('%s, by the command: status %i, cause %s', async (world, status, code) => {
  const ended = await infraJson(await play(world), ['diagnose', 'authentik']);
  expect(ended.status).toBe(status);
  expect(ended.document.rootCause).toEqual(code === undefined ? undefined : expect.objectContaining({ code }));
  expect(ended.document).toMatchObject({ command: 'diagnose authentik', subject: 'authentik', exitStatus: status });
});

test('without the edge nobody knocks there, no name is looked up, and no list of Ingresses is asked for', async () => {
  const sandbox = await play('outpost-shm-full');
  const { document, status } = await infraJson(sandbox, ['diagnose', 'authentik', '--skip', '*edge*']);
  expect(sandbox.edge.requests.cloudflare).toEqual([]);
  expect(sandbox.edge.requests.traefik).toEqual([]);
  expect(sandbox.kubernetes.requests.filter(({ path }) => path.includes('/ingresses'))).toEqual([]);
  expect(Object.keys(document.requests as object)).not.toContain('web');
  expect(Object.keys(document.requests as object)).not.toContain('dns');
  const findings = document.findings as readonly { readonly id: string; readonly verdict: string }[];
  expect(findings.find(({ id }) => id === 'authentik.server.ready')?.verdict).toBe('SKIP');
  expect(status).toBe(2);
});

test('an API server that hangs keeps nobody from asking the edge: the hosts of the last run, in time', async () => {
  const sandbox = await play('healthy');
  expect((await infraJson(sandbox, ['diagnose', 'authentik'])).status).toBe(0);
  const asked = sandbox.edge.requests.cloudflare.length;
  sandbox.kubernetes.inject({ path: '/*', until: new Promise(() => {}) });
  const args = ['diagnose', 'authentik', '--only', 'edge.hosts,edge.cloudflare,edge.direct', '--deadline', '60s'];
  const { document, status } = await infraJson(sandbox, args);
  expect(status).toBe(3);
  expect(document.ended).toBe('complete');
  const findings = document.findings as readonly { readonly id: string; readonly verdict: string }[];
  const of = (id: string) => findings.find((one) => one.id === `authentik.edge.${id}`);
  expect(of('hosts')).toMatchObject({
    ...{ verdict: 'UNKNOWN', reason: 'timeout' },
    detail: expect.stringMatching(/no answer within 5 s; asked are those of the run of .*\.sandbox\.test/),
  });
  expect([of('cloudflare')?.verdict, of('direct')?.verdict]).toEqual(['PASS', 'PASS']);
  expect(sandbox.edge.requests.cloudflare.length).toBeGreaterThan(asked);
});

test('the kubeconfig logs in through what is broken: the second login is used and named, the cause is found', async () => {
  const { document, status } = await infraJson(await play('login-broken'), ['diagnose', 'authentik']);
  expect(status).toBe(2);
  expect(document.rootCause).toMatchObject({ code: 'authentik.server.unready', confidence: 'confirmed' });
  const findings = document.findings as readonly { readonly id: string; readonly detail: string }[];
  const access = findings.find(({ id }) => id === 'authentik.context.access');
  expect(access?.detail).toMatch(/oidc discovery error/);
  expect(access?.detail).toContain('break-glass');
});

test('the first finding is on the screen while slower questions are still being asked', async () => {
  const sandbox = await play('outpost-shm-full');
  // The rules of Prometheus are told only when the first finding was seen: until then there is no verdict.
  const seen = Promise.withResolvers<void>();
  sandbox.prometheus.inject({ path: '/api/v1/rules', until: seen.promise });
  const terminal = onTerminal(sandbox, ['diagnose', 'authentik', '--timeout', '60s']);
  await terminal.shows('no space left on device');
  expect(terminal.screen()).not.toContain('Root cause');
  seen.resolve();
  expect(await terminal.ended).toBe(2);
  const screen = terminal.screen();
  expect(screen).toContain('authentik.outpost.shm-full');
  expect(screen.indexOf('no space left on device')).toBeLessThan(screen.indexOf('Root cause'));
});

test('no secret of the sandbox and of its logs is in what is printed', async () => {
  for (const world of ['outpost-shm-full-rust', 'outpost-sessions-not-shared']) {
    const { stderr, stdout } = await infra(await play(world), ['diagnose', 'authentik', '--json']);
    expect(`${stdout}${stderr}`).not.toMatch(/canary-/);
    expect(stdout).toContain('rootCause');
  }
});
