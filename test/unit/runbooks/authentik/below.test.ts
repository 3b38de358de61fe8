import { describe, expect, test } from 'vitest';
import type { DeploymentFact } from '../../../../src/lib/runbooks/authentik/evidence/deployments.ts';
import { toDeploymentFact } from '../../../../src/lib/runbooks/authentik/evidence/deployments.ts';
import { psqlCommand, type SqlAnswer } from '../../../../src/lib/runbooks/authentik/evidence/psql.ts';
import { authProxyPods } from '../../../../src/lib/runbooks/authentik/probes/auth-proxy-pods.ts';
import { databaseConnections } from '../../../../src/lib/runbooks/authentik/probes/database-connections.ts';
import { databaseLocks } from '../../../../src/lib/runbooks/authentik/probes/database-locks.ts';
import { databasePrimary } from '../../../../src/lib/runbooks/authentik/probes/database-primary.ts';
import { databaseSessions } from '../../../../src/lib/runbooks/authentik/probes/database-sessions.ts';
import { deployments } from '../../../../src/lib/runbooks/authentik/probes/deployments.ts';
import { poolerLogs } from '../../../../src/lib/runbooks/authentik/probes/pooler-logs.ts';
import { poolerReplicas } from '../../../../src/lib/runbooks/authentik/probes/pooler-pods.ts';
import { serverBudgets } from '../../../../src/lib/runbooks/authentik/probes/server-budgets.ts';
import { serverImages } from '../../../../src/lib/runbooks/authentik/probes/server-images.ts';
import { serverLogs } from '../../../../src/lib/runbooks/authentik/probes/server-logs.ts';
import { serverReplicas } from '../../../../src/lib/runbooks/authentik/probes/server-pods.ts';
import { serverRestarts } from '../../../../src/lib/runbooks/authentik/probes/server-restarts.ts';
import { serverShm } from '../../../../src/lib/runbooks/authentik/probes/server-shm.ts';
import { serverSpread } from '../../../../src/lib/runbooks/authentik/probes/server-spread.ts';
import type { PodFact } from '../../../../src/lib/runbooks/evidence/pods.ts';
import { container, find, given, logs, logWindow, MIB, NOW, outpostPod, serverPod, shm } from './support.ts';

const PODS = 'authentik.cluster.pods';
const DEPLOYMENTS = 'authentik.cluster.deployments';
const PRIMARY = { 'authentik.database.primary': [outpostPod({ name: 'pg-cluster-1', namespace: 'dbaas' })] };
const rows = (...lines: readonly string[]): SqlAnswer => ({
  state: 'rows',
  rows: lines.map((line) => line.split(',')),
});

describe('connections of the database', () => {
  const judge = (answer: SqlAnswer) => databaseConnections.judge(answer, given(PRIMARY));

  test.each([
    ['23,0,81,200', 'PASS', []],
    ['23,0,169,200', 'PASS', []],
    ['23,0,170,200', 'WARN', []],
    ['80,0,190,200', 'FAIL', ['authentik.database.connections']],
  ])('%s: %s', (line, verdict, causes) => {
    const judged = judge(rows(line));
    expect(judged.verdict).toBe(verdict);
    expect((judged.causes ?? []).map(({ code }) => code)).toEqual(causes);
  });

  test('a refused connection is an answer: none is left', () => {
    expect(judge({ state: 'exhausted', message: 'sorry, too many clients already' })).toMatchObject({
      verdict: 'FAIL',
      causes: [{ code: 'authentik.database.connections' }],
    });
  });

  test.each(['', 'a,b,c,d', '1,2,3,0'])('figures such as %j are none', (line) => {
    expect(judge(rows(line))).toMatchObject({ verdict: 'UNKNOWN', reason: 'malformed' });
  });

  test('psql is one program with one read, and gives up by itself', () => {
    const command = psqlCommand('select 1');
    expect(command[0]).toBe('psql');
    expect(command).toContain("set statement_timeout = '3s'");
    expect(command.join(' ')).not.toMatch(/sh -c|python|ak shell/);
  });
});

describe('the migration lock', () => {
  const judge = (...lines: readonly string[]) => databaseLocks.judge(rows(...lines), given(PRIMARY));

  test('held by an idle session for an hour is a ghost', () => {
    const judged = judge('4711,idle in transaction,5400,t', '4712,active,60,f');
    expect(judged).toMatchObject({
      verdict: 'FAIL',
      causes: [{ code: 'authentik.database.migration-lock' }],
      data: { holders: ['4711'], waiting: 1 },
    });
  });

  test('held for seconds, or by a session that works, is a start', () => {
    expect(judge('4711,idle in transaction,20,t').verdict).toBe('PASS');
    expect(judge('4711,active,5400,t', '4712,active,60,f')).toMatchObject({
      verdict: 'WARN',
      observations: [{ code: 'database.migration-running' }],
    });
  });

  test('held by nobody is well', () => {
    expect(judge().verdict).toBe('PASS');
  });

  test('is not known when the database refuses connections', () => {
    expect(databaseLocks.judge({ state: 'exhausted', message: 'x' }, given(PRIMARY)).verdict).toBe('UNKNOWN');
  });
});

describe('the primary and its sessions', () => {
  test('one ready primary is well; none, or two, is not', () => {
    const primary = outpostPod({ name: 'pg-cluster-1' });
    expect(databasePrimary.judge([primary], given()).verdict).toBe('PASS');
    expect(databasePrimary.judge([], given())).toMatchObject({ verdict: 'UNKNOWN', reason: 'empty' });
    expect(databasePrimary.judge([primary, primary], given()).verdict).toBe('WARN');
    expect(databasePrimary.judge([{ ...primary, ready: false }], given()).verdict).toBe('FAIL');
  });

  test('sessions in the database are told with the end of the newest; no table is April', () => {
    const day = Date.parse(NOW) / 1000 + 86_400;
    expect(databaseSessions.judge(rows(`812,${day}`), given(PRIMARY)).detail).toContain('24 h');
    expect(databaseSessions.judge({ state: 'no-table' }, given(PRIMARY)).verdict).toBe('SKIP');
    expect(databaseSessions.judge(rows('x,y'), given(PRIMARY)).verdict).toBe('UNKNOWN');
  });
});

const deployment = (name: string, more: Partial<DeploymentFact> = {}): DeploymentFact => ({
  name,
  labels: {},
  wanted: 3,
  ready: 3,
  images: [`ghcr.io/x/${name}:2026.8.0`],
  stuck: [],
  ...more,
});

describe('parts and their replicas', () => {
  test.each([
    [3, 'PASS', []],
    [2, 'WARN', []],
    [0, 'FAIL', ['authentik.server.unready']],
  ])('%d of 3 servers: %s', (ready, verdict, causes) => {
    const answers = { [PODS]: [serverPod()], [DEPLOYMENTS]: [deployment('goauthentik-server', { ready })] };
    const judged = serverReplicas.judge(null, given(answers));
    expect(judged.verdict).toBe(verdict);
    expect((judged.causes ?? []).map(({ code }) => code)).toEqual(causes);
  });

  test('what should be there is what the Deployment wants, not a number of a document', () => {
    const answers = {
      [PODS]: [serverPod()],
      [DEPLOYMENTS]: [deployment('goauthentik-server', { wanted: 1, ready: 1 })],
    };
    expect(serverReplicas.judge(null, given(answers)).verdict).toBe('PASS');
    expect(toDeploymentFact({ metadata: { name: 'x' }, spec: { replicas: 2 }, status: {} })).toMatchObject({
      wanted: 2,
      ready: 0,
    });
  });

  test('no pgbouncer ready is its cause; no pgbouncer at all is another kind of site', () => {
    const answers = { [PODS]: [], [DEPLOYMENTS]: [deployment('pgbouncer', { ready: 0 })] };
    expect(poolerReplicas.judge(null, given(answers)).causes?.[0]?.code).toBe('authentik.pgbouncer.down');
    expect(poolerReplicas.judge(null, given({ [PODS]: [], [DEPLOYMENTS]: [] })).verdict).toBe('SKIP');
  });

  test('a stuck rollout is told; no Deployment at all is not known', () => {
    expect(
      deployments.judge(
        [deployment('goauthentik-server', { stuck: ['Progressing: ProgressDeadlineExceeded'] })],
        given(),
      ).verdict,
    ).toBe('WARN');
    expect(deployments.judge([], given()).verdict).toBe('UNKNOWN');
  });

  test('the auth proxy down is its cause; where there is none, nobody knows', () => {
    const pod = outpostPod({ name: 'auth-proxy-a', labels: { app: 'auth-proxy' } });
    const dead = { ...pod, ready: false };
    expect(authProxyPods.judge({ pods: [pod], isDeployed: true }, given()).verdict).toBe('PASS');
    expect(authProxyPods.judge({ pods: [pod, dead], isDeployed: true }, given()).verdict).toBe('WARN');
    expect(authProxyPods.judge({ pods: [dead], isDeployed: true }, given()).causes?.[0]?.code).toBe(
      'authentik.auth-proxy.down',
    );
    expect(authProxyPods.judge({ pods: [], isDeployed: true }, given()).causes?.[0]?.code).toBe(
      'authentik.auth-proxy.down',
    );
    expect(authProxyPods.judge({ pods: [], isDeployed: false }, given()).verdict).toBe('UNKNOWN');
  });
});

describe('how the server stands', () => {
  const onNode = (name: string, node: string): PodFact => serverPod(name, { node });

  test('all pods of a part on one node is a warning; a single pod is not', () => {
    expect(serverSpread.judge(null, given({ [PODS]: [onNode('a', 'n1'), onNode('b', 'n1')] })).verdict).toBe('WARN');
    expect(serverSpread.judge(null, given({ [PODS]: [onNode('a', 'n1'), onNode('b', 'n2')] })).verdict).toBe('PASS');
    expect(serverSpread.judge(null, given({ [PODS]: [onNode('a', 'n1')] })).verdict).toBe('PASS');
  });

  test('a budget that allows nothing blocks a drain; one without pods says nothing', () => {
    const budget = { name: 'goauthentik-server', allowed: 1, healthy: 3, desired: 2, expected: 3 };
    expect(serverBudgets.judge([budget], given()).verdict).toBe('PASS');
    expect(serverBudgets.judge([{ ...budget, allowed: 0, healthy: 2 }], given()).verdict).toBe('WARN');
    expect(serverBudgets.judge([{ ...budget, allowed: 0, expected: 0 }], given()).verdict).toBe('PASS');
    expect(serverBudgets.judge([], given()).verdict).toBe('WARN');
  });

  test('an outpost of another release, or another pin than what runs, is told', () => {
    const judge = (outpost: string, ...pins: readonly string[]) =>
      serverImages.judge(
        { pins: pins.map((tag) => ({ file: 'values.yaml', tag })) },
        given({
          [DEPLOYMENTS]: [
            deployment('goauthentik-server', { images: ['ghcr.io/x/server:2026.8.0-patch3'] }),
            deployment('ak-outpost-a', { images: [`ghcr.io/x/proxy:${outpost}`] }),
          ],
        }),
      );
    expect(judge('2026.8.0', '2026.8.0-patch3').verdict).toBe('PASS');
    expect(judge('2026.8.0').verdict).toBe('PASS');
    expect(judge('2026.2.2', '2026.8.0-patch3').observations).toEqual([{ code: 'server.versions-differ' }]);
    expect(judge('2026.8.0', '2026.9.0').observations).toEqual([{ code: 'server.pin-differs' }]);
    expect(serverImages.judge({ pins: [] }, given({ [DEPLOYMENTS]: [] })).verdict).toBe('UNKNOWN');
  });

  test('restarts and serious warnings of the last hour are told; old and ordinary ones are not', () => {
    const judge = (events: Parameters<typeof serverRestarts.judge>[0], pod = serverPod()) =>
      serverRestarts.judge(events, given({ [PODS]: [pod] }));
    const event = { reason: 'BackOff', object: 'Pod/x', message: '', count: 3, last: NOW };
    expect(judge([]).verdict).toBe('PASS');
    expect(judge([event]).verdict).toBe('WARN');
    expect(judge([{ ...event, last: '2026-04-17T00:00:00Z' }]).verdict).toBe('PASS');
    expect(judge([{ ...event, reason: 'Unhealthy' }]).verdict).toBe('PASS');
    const killed = serverPod('s', { containers: [container({ restarts: 1, endedBy: 'OOMKilled', endedAt: NOW })] });
    expect(judge([], killed).observations?.[0]?.code).toBe('server.killed');
  });

  test('its /dev/shm is measured apart from the outpost’s, unless it is the outpost’s', () => {
    const judge = (usedBytes: number) =>
      serverShm.judge(
        { measured: [shm({ pod: 'goauthentik-server-a', usedBytes })], missed: [] },
        given({ [PODS]: [serverPod(), outpostPod()] }),
      );
    expect(judge(MIB).verdict).toBe('PASS');
    expect(judge(50 * MIB).verdict).toBe('WARN');
    expect(judge(60 * MIB)).toMatchObject({ verdict: 'FAIL', observations: [{ code: 'server.shm-full' }] });
    expect(serverShm.judge({ measured: [], missed: [] }, given({ [PODS]: [serverPod()] })).verdict).toBe('SKIP');
  });

  test('its logs: exhausted connections are the database’s cause, a few retries at a start are life', () => {
    const judge = (...found: Parameters<typeof find>[]) =>
      serverLogs.judge(logs(logWindow({ container: 'server', found: found.map((one) => find(...one)) })), given());
    expect(judge().verdict).toBe('PASS');
    expect(judge(['postgres.connections-exhausted'])).toMatchObject({
      causes: [{ code: 'authentik.database.connections' }],
    });
    expect(judge(['authentik.database-unreachable', { count: 2 }]).verdict).toBe('PASS');
    expect(judge(['authentik.database-unreachable', { count: 3 }]).verdict).toBe('WARN');
    expect(judge(['authentik.migration-lock-wait', { count: 1 }])).toMatchObject({ verdict: 'WARN', causes: [] });
  });

  test('pgbouncer’s logs: a database that cannot be reached fails although its port is open', () => {
    const pod = outpostPod({ name: 'pgbouncer-a', labels: { app: 'pgbouncer' } });
    const judge = (code: string) =>
      poolerLogs.judge(logs(logWindow({ pod: 'pgbouncer-a', found: [find(code)] })), given({ [PODS]: [pod] }));
    expect(judge('pgbouncer.backend-dns-failed')).toMatchObject({
      verdict: 'FAIL',
      observations: [{ code: 'pooler.backend-unreachable' }],
    });
    expect(judge('pgbouncer.client-login-timeout').verdict).toBe('PASS');
    expect(poolerLogs.judge(logs(), given({ [PODS]: [] })).verdict).toBe('SKIP');
  });
});
