/** `infra mail check-ports` against the sandbox's mail server: the right hop, and good manners. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { documentOf, type PrintedDocument } from '../document.ts';
import { type Ended, INFRA, run } from './cli/run-program.ts';

type Check = PrintedDocument & {
  readonly rows: readonly {
    readonly hop: string;
    readonly protocol: string;
    readonly verdict: string;
    readonly reason?: string;
    readonly coveredBy?: string;
    readonly transcript?: readonly { readonly from: string; readonly text: string }[];
  }[];
  readonly conclusion?: {
    readonly state: string;
    readonly breaks: readonly { readonly code: string; readonly hop: string; readonly protocols: readonly string[] }[];
  };
  readonly connections: number;
  readonly planned?: readonly { readonly kind: string }[];
};

async function play(world: string): Promise<Sandbox> {
  const sandbox = await startSandbox({ world });
  onTestFinished(() => sandbox.stop());
  return sandbox;
}

const infra = (
  { env }: Sandbox,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<Ended> => run(INFRA, ['mail', 'check-ports', ...args], { env: { ...env, ...more } });

async function checked(sandbox: Sandbox, ...args: readonly string[]): Promise<Check> {
  const { stdout } = await infra(sandbox, ['--json', ...args]);
  return documentOf(stdout) as Check;
}

describe('the first broken hop', () => {
  test.each([
    ['mail-smtps-refused', 2, 'mail.haproxy.down haproxy smtps'],
    ['mail-outside-only', 2, 'mail.postfix.overlay-not-applied pod-proxy smtp smtps submission'],
    ['mail-smtp-gone', 2, 'mail.listener.missing pod smtp'],
    ['mail-submission-odd', 2, 'mail.proxy.not-accepted node-proxy submission'],
    ['mail-unready', 2, 'mail.service.no-endpoints service smtp smtps submission imaps'],
    ['mail-submission-closed', 2, 'mail.node.port node-health submission'],
    ['mail-nat-old-target', 2, 'mail.nat nat smtp smtps submission imaps'],
    ['mail-ipv6-dark', 2, 'mail.public.ipv6 public-ipv6 smtp smtps submission imaps'],
    ['mail-certificate', 2, 'mail.certificate node-health smtp smtps submission imaps'],
    ['mail-auth-in-the-clear', 2, 'mail.auth-before-tls node-health submission'],
    ['mail-not-arriving', 2, 'mail.roundtrip.stale roundtrip smtp'],
    ['mail-busy', 3, undefined],
    ['mail-no-ssh', 3, undefined],
    ['mail-port-25-blocked', 0, undefined],
    ['healthy', 0, undefined],
  ])('%s ends with %i: %s', async (world, exitStatus, expected) => {
    const sandbox = await play(world);
    const check = await checked(sandbox);
    const breaks = (check.conclusion?.breaks ?? []).map(({ code, hop, protocols }) =>
      [code, hop, ...protocols].join(' '),
    );
    expect({ breaks, exitStatus: check.exitStatus }).toEqual({
      breaks: expected === undefined ? [] : [expected],
      exitStatus,
    });
    const { stdout } = await infra(sandbox, [], { XDG_STATE_HOME: join(sandbox.dir, 'another-state') });
    for (const line of stdout.split('\n').filter((each) => !each.startsWith('        '))) {
      expect(line.length).toBeLessThanOrEqual(100);
    }
    if (expected !== undefined) expect(stdout).toContain(`[${expected.split(' ')[0]}]`);
  });
});

describe('a blocked port 25', () => {
  test('is not a failure, and a fresh roundtrip covers it', async () => {
    const check = await checked(await play('mail-port-25-blocked'));
    const open = check.rows.filter(({ verdict }) => verdict === 'INCONCLUSIVE');
    expect(open.map(({ hop, reason, coveredBy }) => `${hop} ${reason} ${coveredBy}`)).toEqual([
      'public-ipv4 local-egress roundtrip',
      ...(open.length === 3 ? ['public-ipv6 local-egress roundtrip'] : []),
      'second-mx local-egress roundtrip',
    ]);
  });

  test('is unknown where nothing covers it', async () => {
    const check = await checked(await play('mail-port-25-blocked'), '--hop', 'public-ipv4', '--hop', 'second-mx');
    expect(check).toMatchObject({ status: 'unknown', exitStatus: 3 });
  });
});

describe('manners', () => {
  test('one connection a port and hop, one command a line, a header where it is due and nowhere else', async () => {
    const sandbox = await play('healthy');
    const check = await checked(sandbox);
    const { visits, hasIpv6 } = sandbox.mail;
    // Seen from the pod: its health ports 3 times, one node 4, the balancer 4, from outside 4 and again over IPv6.
    expect(visits.filter(({ listener }) => listener === 'stock')).toHaveLength(3);
    expect(visits.filter(({ listener }) => listener === 'proxy')).toHaveLength(hasIpv6 ? 16 : 12);
    expect(check.connections).toBe(visits.length + 1);
    const ours = visits.filter(({ claimed }) => claimed === '192.0.2.250');
    expect(ours.map(({ protocol }) => protocol).sort()).toEqual(['imaps', 'smtp', 'smtps', 'submission']);
    const said = (protocol: string) =>
      new Set(visits.filter((each) => each.protocol === protocol).map(({ commands }) => commands.join(', ')));
    expect([...said('smtp')]).toEqual(['EHLO infra-check-ports.invalid, STARTTLS, QUIT']);
    expect([...said('smtps')]).toEqual(['EHLO infra-check-ports.invalid, QUIT']);
    expect([...said('submission')]).toEqual(['EHLO infra-check-ports.invalid, STARTTLS, QUIT']);
    expect([...said('imaps')]).toEqual(['a1 LOGOUT']);
  });

  test('a dry run lists what would be asked, and asks nothing', async () => {
    const sandbox = await play('healthy');
    const dry = await checked(sandbox, '--dry-run');
    expect(dry).toMatchObject({ exitStatus: 0, dryRun: true, rows: [], connections: 0 });
    expect(sandbox.mail.visits).toEqual([]);
    const { connections } = await checked(sandbox);
    expect(dry.planned?.filter(({ kind }) => kind === 'connect')).toHaveLength(connections);
  });

  test('a second run within a minute waits, and says so', async () => {
    const sandbox = await play('healthy');
    const folder = join(sandbox.env.XDG_STATE_HOME ?? '', 'infra');
    await mkdir(folder, { recursive: true });
    const stamp = JSON.stringify({ 'mail.sandbox.test': Date.now() - 52_000 });
    await writeFile(join(folder, 'mail-check-ports.json'), stamp);
    const { stderr, status } = await infra(sandbox, ['--hop', 'haproxy', '--port', 'imaps']);
    expect(stderr).toMatch(/^Waiting [1-8] s: mail\.sandbox\.test was asked less than a minute ago/);
    expect(status).toBe(0);
  });

  test('what connects to nothing waits for nothing, and makes nobody else wait', async () => {
    const sandbox = await play('healthy');
    const folder = join(sandbox.env.XDG_STATE_HOME ?? '', 'infra');
    await mkdir(folder, { recursive: true });
    const stamp = JSON.stringify({ 'mail.sandbox.test': Date.now() });
    await writeFile(join(folder, 'mail-check-ports.json'), stamp);
    const { stderr, status } = await infra(sandbox, ['--hop', 'pod']);
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('Waiting')]);
    expect(await readFile(join(folder, 'mail-check-ports.json'), 'utf8')).toBe(stamp);
  });

  test('a deep run asks every node, and that nobody gets in without a header', async () => {
    const sandbox = await play('healthy');
    const check = await checked(sandbox, '--deep', '--hop', 'node-proxy', '--port', 'imaps');
    expect(check.rows.map(({ verdict }) => verdict)).toEqual(
      Array.from({ length: 4 }, () => ['OK', 'EXPECTED-DROP']).flat(),
    );
  });
});

describe('asking for less', () => {
  test('--hop and --port choose cells; a ClusterIP is dialled where it answers', async () => {
    const sandbox = await play('healthy');
    const inPod = { KUBERNETES_SERVICE_HOST: '127.0.0.1' };
    const { stdout } = await infra(
      sandbox,
      ['--json', '--hop', 'service', '--port', 'submission', '--port', '993'],
      inPod,
    );
    const check = documentOf(stdout) as Check;
    expect(check.rows.map(({ hop, protocol, verdict }) => `${hop} ${protocol} ${verdict}`)).toEqual([
      'service submission OK',
      'service imaps OK',
    ]);
  });

  test('a port that does not exist is a usage error', async () => {
    const sandbox = await play('healthy');
    const { stdout, status } = await infra(sandbox, ['--json', '--port', 'smpt']);
    expect(status).toBe(64);
    expect(documentOf(stdout).error).toMatchObject({
      code: 'usage.unknown-port',
      hints: expect.arrayContaining(['Did you mean smtp?']),
    });
  });

  test('--watch goes on until Ctrl-C', async () => {
    const { env } = await play('healthy');
    const args = [INFRA, 'mail', 'check-ports', '--watch', '--hop', 'haproxy', '--port', 'imaps'];
    const child = spawn(process.execPath, args, { env: { ...env }, stdio: ['ignore', 'pipe', 'ignore'] });
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    child.kill('SIGINT');
    const [status] = (await once(child, 'close')) as [number];
    expect(String(first)).toMatch(/^\d{4}-\d\d-\d\dT[^\n]*Z\n[\s\S]*1 connection, from this machine/);
    expect(status).toBe(130);
  });

  test('--watch and --json exclude each other', async () => {
    const { status } = await infra(await play('healthy'), ['--json', '--watch']);
    expect(status).toBe(64);
  });
});
