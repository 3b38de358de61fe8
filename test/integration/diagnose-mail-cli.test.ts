/** `infra diagnose mail` as it is typed: statuses, manners, evidence that is kept, forms, triage. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { mail } from '../../src/lib/runbooks/mail/runbook.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { CANARIES } from '../../src/sandbox/worlds/canaries.ts';
import type { PrintedDocument } from '../document.ts';
import { junitFaults } from '../unit/diagnosis/junit-rules.ts';
import { infra, infraJson } from './user-add/infra.ts';

async function play(world: string): Promise<Sandbox> {
  const sandbox = await startSandbox({ world });
  onTestFinished(sandbox.stop);
  return sandbox;
}

type Finding = { readonly id: string; readonly verdict: string; readonly reason?: string; readonly detail: string };
const found = (document: PrintedDocument, id: string): Finding | undefined =>
  ((document as { readonly findings?: unknown }).findings as readonly Finding[]).find((one) => one.id === id);

test.each([
  ['healthy', 0, undefined],
  ['mail-dns-old-key', 1, 'mail.dns.dkim'],
  ['mail-smtps-refused', 2, 'mail.haproxy.down'],
  ['mail-no-ssh', 3, undefined],
] as const)('%s, by the command: status %i, cause %s', async (world, status, code) => {
  const ended = await infraJson(await play(world), ['diagnose', 'mail']);
  expect(ended.status).toBe(status);
  expect(ended.document.rootCause).toEqual(code === undefined ? undefined : expect.objectContaining({ code }));
  expect(ended.document).toMatchObject({ command: 'diagnose mail', subject: 'mail', exitStatus: status });
});

test('where port 25 is blocked on the way out, a fresh roundtrip covers it, and nothing is known to be wrong', async () => {
  const { document, status } = await infraJson(await play('mail-port-25-blocked'), ['diagnose', 'mail']);
  expect(status).toBe(0);
  expect(found(document, 'mail.outside.ipv4')).toMatchObject({
    verdict: 'PASS',
    data: expect.arrayContaining([expect.objectContaining({ protocol: 'smtp', coveredBy: 'roundtrip' })]),
  });
});

test('where nobody can say when a mail last came round, the same is unknown, and no failure', async () => {
  const sandbox = await play('mail-port-25-blocked');
  onTestFinished(sandbox.kubernetes.inject({ path: '/apis/batch/*', status: 403 }));
  const { document, status } = await infraJson(sandbox, ['diagnose', 'mail']);
  expect(status).toBe(3);
  expect(found(document, 'mail.outside.ipv4')).toMatchObject({ verdict: 'UNKNOWN', reason: 'local-egress' });
  expect(document.rootCause).toBeUndefined();
});

describe('manners', () => {
  test('one connection a port and hop, as mail check-ports makes them', async () => {
    const sandbox = await play('healthy');
    expect((await infra(sandbox, ['diagnose', 'mail'])).status).toBe(0);
    const { visits, hasIpv6 } = sandbox.mail;
    expect(visits.filter(({ listener }) => listener === 'stock')).toHaveLength(3);
    expect(visits.filter(({ listener }) => listener === 'proxy')).toHaveLength(hasIpv6 ? 16 : 12);
    const ours = visits.filter(({ claimed }) => claimed === '192.0.2.250');
    expect(ours.map(({ protocol }) => protocol).sort()).toEqual(['imaps', 'smtp', 'smtps', 'submission']);
    const said = new Set(visits.map(({ commands }) => commands.join(', ')));
    expect([...said].sort()).toEqual([
      'EHLO infra-check-ports.invalid, QUIT',
      'EHLO infra-check-ports.invalid, STARTTLS, QUIT',
      'a1 LOGOUT',
    ]);
  });

  test('a run within a minute of the last one waits before it connects, and says for how long', async () => {
    const sandbox = await play('healthy');
    const folder = join(sandbox.env.XDG_STATE_HOME ?? '', 'infra');
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, 'mail-check-ports.json'),
      JSON.stringify({ 'mail.sandbox.test': Date.now() - 52_000 }),
    );
    const { document, stderr } = await infraJson(sandbox, ['diagnose', 'mail']);
    expect(stderr).toMatch(/^Waiting [1-8] s: mail\.sandbox\.test was asked less than a minute ago/m);
    expect(found(document, 'mail.haproxy.ports')?.verdict).toBe('PASS');
    expect(found(document, 'mail.context.turn')?.detail).toMatch(/^waited [1-8] s/);
    const stamps: unknown = JSON.parse(await readFile(join(folder, 'mail-check-ports.json'), 'utf8'));
    expect((stamps as Record<string, number>)['mail.sandbox.test']).toBeGreaterThan(Date.now() - 52_000);
  });

  test('--no-exec runs nothing in a pod and nothing over ssh', async () => {
    const sandbox = await play('mail-smtps-refused');
    const { document, status } = await infraJson(sandbox, ['diagnose', 'mail', '--no-exec']);
    expect(status).toBe(2);
    expect(sandbox.kubernetes.requests.filter(({ path }) => path.includes('/exec'))).toEqual([]);
    const kinds = mail.probes.filter(({ kind }) => kind === 'exec').map(({ id }) => found(document, id)?.reason);
    expect(new Set(kinds)).toEqual(new Set(['no-exec']));
  });
});

test('what was recorded is judged again without a platform, to the same document', async () => {
  const sandbox = await startSandbox({ world: 'mail-half-of-them' });
  onTestFinished(sandbox.stop);
  const folder = join(sandbox.dir, 'incident');
  const live = await infraJson(sandbox, ['diagnose', 'mail', '--record', folder]);
  expect(live.document.rootCause).toMatchObject({ code: 'mail.proxy.local-frames', confidence: 'confirmed' });
  const before = sandbox.mail.visits.length;
  const nowhere = { KUBECONFIG: '/nowhere/config', PATH: '/nowhere' };
  const again = await infraJson(sandbox, ['diagnose', 'mail', '--replay', folder], { env: nowhere });
  const plain = ({ startedAt, durationMs, ...rest }: Readonly<Record<string, unknown>>) => rest;
  expect(plain(again.document)).toEqual(plain(live.document));
  expect(again.status).toBe(live.status);
  expect(sandbox.mail.visits).toHaveLength(before);
});

test('no secret is in any form of the answer, nor in what is kept', async () => {
  const sandbox = await play('mail-queue-relay');
  const folder = join(sandbox.dir, 'incident');
  const forms = [['--json', '--record', folder], ['--format', 'md'], ['--format', 'junit'], ['--short'], ['-v']];
  for (const form of forms) {
    const from = form.includes('--record') ? [] : ['--replay', folder];
    const { stdout, stderr, status } = await infra(sandbox, ['diagnose', 'mail', ...from, ...form]);
    expect(status, form.join(' ')).toBe(2);
    if (form.includes('junit')) expect(junitFaults(stdout.trim())).toEqual([]);
    for (const canary of Object.values(CANARIES)) {
      expect(stdout + stderr).not.toContain(canary);
      expect(stdout + stderr).not.toContain(Buffer.from(canary).toString('base64').slice(2, -4));
    }
  }
});

test('triage asks when mail last came round, connects to nobody, and sends whoever asks to mail', async () => {
  const sandbox = await play('mail-not-arriving');
  const { document, status } = await infraJson(sandbox, ['diagnose']);
  expect(status).toBe(2);
  expect(document).toMatchObject({ lookAt: { subject: 'mail', command: 'infra diagnose mail' } });
  expect(sandbox.mail.visits).toEqual([]);
});

test('runbook show mail has a chapter for every question and every cause', async () => {
  const { stdout, status } = await infra(await play('healthy'), ['runbook', 'show', 'mail']);
  expect(status).toBe(0);
  for (const { id } of mail.probes) expect(stdout).toContain(id);
  for (const { code } of mail.causes) expect(stdout).toContain(code);
});
