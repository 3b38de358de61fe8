import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeFiles } from '../../../../src/lib/clients/files/live.ts';
import type { Ask } from '../../../../src/lib/diagnosis/probe.ts';
import { clearedBy } from '../../../../src/lib/runbooks/authentik/judge/suspects.ts';
import { access } from '../../../../src/lib/runbooks/authentik/probes/access.ts';
import { ban } from '../../../../src/lib/runbooks/authentik/probes/ban.ts';
import { commits } from '../../../../src/lib/runbooks/authentik/probes/commits.ts';
import { drift } from '../../../../src/lib/runbooks/authentik/probes/drift.ts';
import { edgeHosts } from '../../../../src/lib/runbooks/authentik/probes/edge-hosts.ts';
import { outpostConfig } from '../../../../src/lib/runbooks/authentik/probes/outpost-config.ts';
import { rollouts } from '../../../../src/lib/runbooks/authentik/probes/rollouts.ts';
import { sessionValidity } from '../../../../src/lib/runbooks/authentik/probes/session-validity.ts';
import { userAccount } from '../../../../src/lib/runbooks/authentik/probes/user-account.ts';
import { userEntry } from '../../../../src/lib/runbooks/authentik/probes/user-entry.ts';
import { userLogins } from '../../../../src/lib/runbooks/authentik/probes/user-logins.ts';
import { authentik } from '../../../../src/lib/runbooks/authentik/runbook.ts';
import type { Site } from '../../../../src/lib/site/site.ts';
import { writeMemory } from '../../../../src/lib/stacks/drift/memory.ts';
import { makeSite } from '../../stacks/support/site.ts';
import { given } from './support.ts';

describe('one user', () => {
  const entry = {
    name: 'bob',
    email: 'bob@example.com',
    role: 'namespace-owner',
    direct: ['kubernetes-namespace-owners'],
    reached: ['Allow Login Users'],
  };
  const account = {
    username: 'bob@example.com',
    active: true,
    direct: ['kubernetes-namespace-owners'],
    reached: ['Allow Login Users', 'kubernetes-namespace-owners'],
  };
  const judge = (found: typeof account | null, needed: typeof entry | null = entry) =>
    userAccount.judge(
      { asked: 'bob', account: found },
      given({ 'authentik.user.entry': { entry: needed } }, { user: 'bob' }),
    );

  test('in the groups of the role is well', () => {
    expect(judge(account).verdict).toBe('PASS');
  });

  test.each([
    ['no account', null, 'authentik.user.no-account'],
    ['an account that is switched off', { ...account, active: false }, 'authentik.user.no-account'],
    ['a missing group', { ...account, direct: [] }, 'authentik.user.not-in-group'],
    ['a missing login group', { ...account, reached: ['kubernetes-namespace-owners'] }, 'authentik.user.not-in-group'],
  ])('%s is a cause', (_, found, code) => {
    expect(judge(found)).toMatchObject({ verdict: 'FAIL', causes: [{ code }] });
  });

  test('without an entry any group will do, and none will not', () => {
    expect(judge({ ...account, direct: [] }, null).verdict).toBe('PASS');
    expect(judge({ ...account, direct: [], reached: [] }, null).verdict).toBe('FAIL');
  });

  test('nobody asked about anybody: nothing is judged', () => {
    expect(userAccount.judge({ asked: null, account: null }, given()).verdict).toBe('SKIP');
    expect(userEntry.judge({ entry: null }, given()).verdict).toBe('SKIP');
    expect(userEntry.judge({ entry: null }, given({}, { user: 'bob' })).verdict).toBe('PASS');
    expect(userEntry.judge({ entry }, given({}, { user: 'bob' })).detail).toContain('namespace-owner');
  });

  test('somebody else’s login is not the user’s: names are compared exactly', () => {
    const logins = [{ at: '2026-04-18T08:09:00Z', username: 'bobby' }];
    const judged = userLogins.judge(logins, given({}, { user: 'bob' }));
    expect(judged.detail).toContain('none of bob');
    expect(judged.timeline).toHaveLength(1);
    expect(userLogins.judge([], given()).verdict).toBe('SKIP');
  });
});

describe('what changed', () => {
  const rollout = {
    deployment: 'ak-outpost-a',
    at: '2026-04-18T11:00:00Z',
    images: ['x/proxy:2026.2.2'],
    before: ['x/proxy:2026.2.1'],
  };

  test('is named with the probe that clears it, and blames nobody', () => {
    const judged = rollouts.judge([rollout], given());
    expect(judged).toMatchObject({ verdict: 'PASS', data: [{ clearedBy: 'authentik.outpost.logs' }] });
    expect(judged.detail).toContain('2026.2.1 → 2026.2.2');
    expect(judged.causes).toBeUndefined();
  });

  test('again and again within two hours is a fight of two writers', () => {
    expect(rollouts.judge([rollout, rollout, rollout, rollout], given()).verdict).toBe('WARN');
    expect(rollouts.judge([rollout, rollout, rollout], given()).verdict).toBe('PASS');
  });

  test('commits carry the stacks that they touch', () => {
    const found = [{ id: 'abcdef123456', at: '2026-04-17T21:26:00Z', title: 'add a worker', stacks: ['cloudflared'] }];
    expect(commits.judge(found, given())).toMatchObject({
      verdict: 'PASS',
      data: [{ clearedBy: 'authentik.edge.compare' }],
    });
    expect(commits.judge([], given()).verdict).toBe('PASS');
  });

  test('every probe that clears something exists', () => {
    const ids = new Set(authentik.probes.map(({ id }) => id));
    for (const part of [
      'ak-outpost-x',
      'pgbouncer',
      'goauthentik-server',
      'auth-proxy',
      'traefik',
      'cloudflared',
      'dbaas',
      'authentik',
      'other',
    ])
      expect(ids).toContain(clearedBy(part));
  });

  test.each([
    ['nobody has looked', null, 'SKIP'],
    ['the last look is a week old', { lastClean: '2026-04-11T12:00:00Z' }, 'SKIP'],
    ['the last look found nothing', { lastClean: '2026-04-18T09:00:00Z' }, 'PASS'],
    ['the last look found drift', { firstSeen: '2026-04-16T09:00:00Z' }, 'WARN'],
  ])('drift is what the last look found, never measured here: %s', (_, evidence, verdict) => {
    expect(drift.judge(evidence, given())).toMatchObject({ verdict });
  });
});

test('drift asks the memory of infra stack drift, for this checkout', async () => {
  const stateFolder = await mkdtemp(join(tmpdir(), 'infra-drift-'));
  onTestFinished(() => rm(stateFolder, { recursive: true }));
  const files = makeFiles();
  const site = makeSite({ root: '/checkout' });
  const seen = { firstSeen: '2026-04-16T09:00:00Z' };
  await writeMemory({ clients: { files }, site, stateFolder }, { authentik: seen, traefik: {} });
  const ask = (from: Site) => drift.collect({ client: async () => files, site: from, stateFolder } as unknown as Ask);
  expect(await ask(site)).toEqual(seen);
  expect(await ask(makeSite({ root: '/elsewhere' }))).toBeNull();
});

describe('how we got in, and whether we are kept out', () => {
  test('a second login is told, with the failure of the first', () => {
    const judged = access.judge(
      { context: 'emergency', server: 's', insteadOf: { context: 'homelab', because: 'the plugin failed.' } },
      given(),
    );
    expect(judged).toMatchObject({ verdict: 'WARN', observations: [{ code: 'context.login-failed' }] });
    expect(judged.detail).toContain('emergency');
    expect(access.judge({ context: 'homelab', server: 's' }, given()).verdict).toBe('PASS');
    expect(access.judge({ failed: 'the plugin failed.' }, given()).detail).toContain('kubernetes.breakGlass');
  });

  test('decisions of CrowdSec are shown only when somebody refused us', () => {
    expect(ban.judge({ decisions: null }, given()).verdict).toBe('SKIP');
    expect(ban.judge({ decisions: [] }, given()).verdict).toBe('PASS');
    expect(
      ban.judge({ decisions: [{ value: '192.0.2.7', type: 'ban', scenario: 'http-probing' }] }, given()).detail,
    ).toContain('192.0.2.7');
  });
});

describe('what is configured', () => {
  test('a log level that hides warnings, and an outpost without providers, are told', () => {
    const outpost = { id: 'x', name: 'embedded', providers: 5, logLevel: 'info' };
    const judge = (more: object) =>
      outpostConfig.judge({ outposts: [{ ...outpost, ...more }], validities: [] }, given());
    expect(judge({}).verdict).toBe('PASS');
    expect(judge({ logLevel: 'warning' }).verdict).toBe('PASS');
    expect(judge({ logLevel: 'error' }).observations?.[0]?.code).toBe('outpost.log-level-hides');
    expect(judge({ providers: 0 }).observations?.[0]?.code).toBe('outpost.no-providers');
    expect(outpostConfig.judge({ outposts: [], validities: [] }, given()).verdict).toBe('UNKNOWN');
  });

  test('the validity in code, and hosts without any Ingress', () => {
    expect(sessionValidity.judge([{ file: 'main.tf', validity: 'hours=168' }], given()).detail).toContain('7 d');
    expect(sessionValidity.judge([], given()).verdict).toBe('SKIP');
    expect(edgeHosts.judge({ source: 'ingresses', hosts: [], found: 0 }, given())).toMatchObject({
      verdict: 'UNKNOWN',
      reason: 'empty',
    });
  });
});
