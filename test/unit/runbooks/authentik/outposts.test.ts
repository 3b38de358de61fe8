import { describe, expect, test } from 'vitest';
import { outpostsOf } from '../../../../src/lib/runbooks/authentik/evidence/outposts.ts';
import { outpostLimits } from '../../../../src/lib/runbooks/authentik/probes/outpost-limits.ts';
import { outpostPods } from '../../../../src/lib/runbooks/authentik/probes/outpost-pods.ts';
import { outpostService, type ServiceFact } from '../../../../src/lib/runbooks/authentik/probes/outpost-service.ts';
import { outpostSessions } from '../../../../src/lib/runbooks/authentik/probes/outpost-sessions.ts';
import { pods as podsProbe } from '../../../../src/lib/runbooks/authentik/probes/pods.ts';
import { type PodFact, toPodFact } from '../../../../src/lib/runbooks/evidence/pods.ts';
import { find, given, logs, logWindow, MIB, NOW, outpostPod, serverPod, shm } from './support.ts';

const PODS = 'authentik.cluster.pods';
const second = (): PodFact => outpostPod({ name: 'ak-outpost-b', node: 'node2' });

describe('which outposts there are', () => {
  test('is read from labels: one, several, or the server itself', () => {
    expect(outpostsOf([outpostPod(), serverPod()]).map(({ name, embedded }) => [name, embedded])).toEqual([
      ['authentik-embedded-outpost', false],
    ]);
    const [embedded] = outpostsOf([serverPod(), serverPod('goauthentik-server-b')]);
    expect(embedded).toMatchObject({ embedded: true });
    expect(embedded?.pods).toHaveLength(2);
  });

  test('an outpost pod with the server’s component label is no server, and a pod that leaves is nobody', () => {
    const patched = outpostPod({ labels: { ...outpostPod().labels, 'app.kubernetes.io/component': 'server' } });
    expect(outpostsOf([patched, outpostPod({ name: 'old', leaving: true })])[0]?.pods.map(({ name }) => name)).toEqual([
      'ak-outpost-a',
    ]);
  });

  test('a pod is read as the API gives it, whatever is missing', () => {
    expect(toPodFact({ metadata: { name: 'x' } })).toMatchObject({
      name: 'x',
      phase: 'Unknown',
      ready: false,
      containers: [],
    });
    const pod = toPodFact({
      metadata: { name: 'x', namespace: 'authentik' },
      spec: {
        containers: [
          {
            name: 'proxy',
            image: 'i',
            resources: { limits: { memory: '256Mi' } },
            envFrom: [{}],
            volumeMounts: [{ name: 'dshm', mountPath: '/dev/shm' }],
          },
        ],
        volumes: [{ name: 'dshm', emptyDir: { medium: 'Memory', sizeLimit: '512Mi' } }],
      },
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [
          {
            name: 'proxy',
            restartCount: 2,
            ready: true,
            state: { running: { startedAt: NOW } },
            lastState: { terminated: { reason: 'OOMKilled', exitCode: 137, finishedAt: NOW } },
          },
        ],
      },
    });
    expect(pod).toMatchObject({ ready: true, shm: { sizeLimitBytes: 512 * MIB } });
    expect(pod.containers[0]).toMatchObject({
      restarts: 2,
      endedBy: 'OOMKilled',
      memoryLimitBytes: 256 * MIB,
      database: 'maybe',
    });
  });

  test('an empty namespace is not known, and one without a server is an outage', () => {
    expect(podsProbe.judge([], given()).verdict).toBe('UNKNOWN');
    expect(podsProbe.judge([outpostPod()], given()).verdict).toBe('FAIL');
    expect(podsProbe.judge([outpostPod(), serverPod()], given()).verdict).toBe('PASS');
  });
});

describe('outpost pods', () => {
  const judge = (...found: readonly PodFact[]) => outpostPods.judge(null, given({ [PODS]: found }));

  test('that run are well', () => {
    expect(judge(outpostPod(), second())).toMatchObject({ verdict: 'PASS', causes: [] });
  });

  test('killed for their memory name the limit', () => {
    const killed = outpostPod(
      { ready: false },
      {
        restarts: 3,
        endedBy: 'OOMKilled',
        endedWith: 137,
        endedAt: NOW,
        memoryLimitBytes: 256 * MIB,
        waiting: 'CrashLoopBackOff',
      },
    );
    const judged = judge(killed);
    expect(judged).toMatchObject({ verdict: 'FAIL' });
    expect(judged.causes?.map(({ code }) => code)).toEqual(['authentik.outpost.oom-killed']);
    expect(judged.detail).toContain('256 MiB');
  });

  test('killed last week is history', () => {
    const old = outpostPod({}, { restarts: 1, endedBy: 'OOMKilled', endedWith: 137, endedAt: '2026-04-10T00:00:00Z' });
    expect(judge(old).verdict).toBe('PASS');
  });

  test('none ready is the outpost down, one of two is not', () => {
    const down = outpostPod({ ready: false, phase: 'Pending' }, { waiting: 'ImagePullBackOff', ready: false });
    expect(judge(down).causes?.map(({ code }) => code)).toEqual(['authentik.outpost.down']);
    expect(judge(down, second())).toMatchObject({ verdict: 'FAIL', causes: [] });
  });

  test('servers that are the outpost are judged as servers', () => {
    expect(judge(serverPod('s', { ready: false })).causes).toEqual([]);
  });
});

describe('the outpost’s Service', () => {
  const service = (more: Partial<ServiceFact> = {}): ServiceFact => ({
    name: 'ak-outpost-authentik-embedded-outpost',
    selector: { 'app.kubernetes.io/name': 'authentik-outpost-proxy' },
    outpost: 'authentik-embedded-outpost',
    ready: ['ak-outpost-a'],
    notReady: 0,
    ...more,
  });
  const judge = (one: ServiceFact, ...found: readonly PodFact[]) =>
    outpostService.judge([one], given({ [PODS]: found }));

  test('selects its pods', () => {
    expect(judge(service(), outpostPod()).verdict).toBe('PASS');
  });

  test.each([[[]], [['goauthentik-server-a']]])('flipped to the server, with %j behind it, is the cause', (ready) => {
    const flipped = service({ selector: { 'app.kubernetes.io/name': 'authentik' }, ready });
    expect(judge(flipped, outpostPod(), serverPod())).toMatchObject({
      verdict: 'FAIL',
      causes: [{ code: 'authentik.outpost.service-selector' }],
    });
  });

  test('without addresses because no pod is ready is not the Service’s fault', () => {
    const judged = judge(service({ ready: [] }), outpostPod({ ready: false }));
    expect(judged).toMatchObject({ verdict: 'FAIL', causes: [], observations: [{ code: 'outpost.no-endpoints' }] });
  });

  test('of an embedded outpost selects the server', () => {
    const embedded = service({ selector: { 'app.kubernetes.io/name': 'authentik' }, ready: ['goauthentik-server-a'] });
    expect(judge(embedded, serverPod()).verdict).toBe('PASS');
  });

  test('with fewer addresses than ready pods is worth a look; no Service at all is not known', () => {
    expect(judge(service(), outpostPod(), second()).verdict).toBe('WARN');
    expect(outpostService.judge([], given({ [PODS]: [outpostPod()] })).verdict).toBe('UNKNOWN');
  });
});

describe('the memory limit', () => {
  const judge = (limit: number | undefined, size: number | undefined) => {
    const pod = outpostPod(
      size === undefined ? {} : { shm: { sizeLimitBytes: size } },
      limit === undefined ? {} : { memoryLimitBytes: limit },
    );
    return outpostLimits.judge([{ name: 'tier-defaults', memoryBytes: 256 * MIB }], given({ [PODS]: [pod] }));
  };

  test('below the folder’s size kills before it is full, and names who gave it', () => {
    const judged = judge(256 * MIB, 512 * MIB);
    expect(judged).toMatchObject({ verdict: 'WARN', observations: [{ code: 'outpost.limit-below-shm' }] });
    expect(judged.detail).toContain('tier-defaults');
  });

  test('as large as the folder leaves nothing for the process', () => {
    expect(judge(2048 * MIB, 2048 * MIB).verdict).toBe('WARN');
  });

  test('with headroom is well, and so is none, and so is no volume', () => {
    expect(judge(2560 * MIB, 2048 * MIB).verdict).toBe('PASS');
    expect(judge(undefined, 2048 * MIB).verdict).toBe('PASS');
    expect(judge(256 * MIB, undefined).verdict).toBe('PASS');
  });
});

describe('where sessions are kept', () => {
  const SHM = 'authentik.outpost.shm';
  const ROWS = 'authentik.database.sessions';
  const LOGS = 'authentik.outpost.logs';
  const CONFIG = 'authentik.outpost.config';
  const measured = (files: number) => ({ measured: [shm({ files, usedBytes: files * 4096 })], missed: [] });
  const alive = { state: 'rows', rows: [['812', String(Date.parse(NOW) / 1000 + 2_000_000)]] };
  const judge = (found: readonly PodFact[], answers: Record<string, unknown> = {}) =>
    outpostSessions.judge(null, given({ [PODS]: found, ...answers }));
  const withDatabase = (name = 'ak-outpost-a'): PodFact => outpostPod({ name }, { database: 'yes' });

  test('in files, by a single pod without the database: April', () => {
    expect(judge([outpostPod()])).toMatchObject({ verdict: 'PASS', data: [{ used: 'files' }] });
  });

  test('in the database, by two pods that were given it: August', () => {
    const judged = judge([withDatabase(), withDatabase('ak-outpost-b')], { [SHM]: measured(9), [ROWS]: alive });
    expect(judged).toMatchObject({ verdict: 'PASS', data: [{ used: 'database' }] });
  });

  test('one signal is not enough', () => {
    expect(judge([withDatabase()])).toMatchObject({ verdict: 'UNKNOWN', reason: 'too-few-signals' });
  });

  test('in files of two pods without the database: not shared', () => {
    expect(judge([outpostPod(), second()])).toMatchObject({
      verdict: 'FAIL',
      causes: [{ code: 'authentik.outpost.sessions-not-shared' }],
    });
  });

  test.each([
    ['many files', { [SHM]: measured(51_840), [ROWS]: alive }],
    [
      'a session file that could not be written',
      { [LOGS]: logs(logWindow({ found: [find('authentik.session-store-full')] })) },
    ],
  ])('given the database, and %s: the silent fallback', (_, answers) => {
    expect(judge([withDatabase()], answers)).toMatchObject({
      verdict: 'FAIL',
      causes: [{ code: 'authentik.outpost.filesystem-fallback' }],
    });
  });

  test('a session file that could not be written days ago, before a restart, says nothing about now', () => {
    const full = find('authentik.session-store-full', { last: '2026-04-15T12:00:00Z' });
    const before = { [LOGS]: logs(logWindow(), logWindow({ window: 'previous', found: [full] })) };
    expect(judge([withDatabase()], before)).toMatchObject({ verdict: 'UNKNOWN', reason: 'too-few-signals' });
  });

  test('a few dozen files are left-overs, not a fallback', () => {
    expect(judge([withDatabase()], { [SHM]: measured(50) }).verdict).toBe('PASS');
    expect(judge([withDatabase()], { [SHM]: measured(51) }).verdict).toBe('FAIL');
  });

  test('what Authentik itself says counts: managed, and no longer managed', () => {
    const config = (managed?: string) => ({
      outposts: [
        { id: 'x', name: 'authentik Embedded Outpost', providers: 3, ...(managed === undefined ? {} : { managed }) },
      ],
      validities: [],
    });
    const maybe = outpostPod({}, { database: 'maybe' });
    const yes = { [CONFIG]: config('goauthentik.io/outposts/embedded'), [SHM]: measured(3) };
    expect(judge([maybe], yes)).toMatchObject({ verdict: 'PASS', data: [{ used: 'database', meant: 'database' }] });
    expect(judge([maybe], { [CONFIG]: config(), [SHM]: measured(3) })).toMatchObject({ data: [{ meant: 'files' }] });
  });
});
