import { describe, expect, test } from 'vitest';
import type { Kubernetes, KubernetesObject, LogRequest } from '../../../../src/lib/clients/kubernetes/client.ts';
import type { Web, WebAnswer } from '../../../../src/lib/clients/web/client.ts';
import type { Ask, DiagnosisClients, SubjectOptions } from '../../../../src/lib/diagnosis/probe.ts';
import { InfraError } from '../../../../src/lib/errors.ts';
import { askHosts, directDial, publicDial } from '../../../../src/lib/runbooks/authentik/evidence/edge.ts';
import { readLogs, targetsOf } from '../../../../src/lib/runbooks/authentik/evidence/read-logs.ts';
import { measureShm } from '../../../../src/lib/runbooks/authentik/evidence/shm.ts';
import { ban } from '../../../../src/lib/runbooks/authentik/probes/ban.ts';
import { edgeHosts } from '../../../../src/lib/runbooks/authentik/probes/edge-hosts.ts';
import { outpostHistory } from '../../../../src/lib/runbooks/authentik/probes/outpost-history.ts';
import { kubeletLog, stampedLines } from '../../../fakes/kubelet-log.ts';
import { fakeSite } from '../../../fakes/site.ts';
import { container, find, given, hop, leg, logs, logWindow, outpostPod } from './support.ts';

/** What a probe gets: these clients, a clock that only notes how long it was asked to wait. */
function asking(made: Partial<DiagnosisClients>, more: Partial<Ask> = {}, options: SubjectOptions = {}) {
  const pauses: number[] = [];
  const clock = {
    now: () => new Date('2026-04-18T12:40:00Z'),
    monotonic: () => 0,
    sleep: async (ms: number) => {
      pauses.push(ms);
    },
  };
  const clients: Partial<DiagnosisClients> = { clock, ...made };
  const ask: Ask = {
    client: async (name) => {
      const client = clients[name];
      if (client === undefined) throw new Error(`nobody may ask for ${name}`);
      return client as DiagnosisClients[typeof name];
    },
    site: fakeSite(),
    options,
    given: given(),
    refused: async () => undefined,
    now: new Date('2026-04-18T12:40:00Z'),
    signal: new AbortController().signal,
    ...more,
  };
  return { ask, pauses };
}

const kubernetes = (parts: Partial<Kubernetes>): DiagnosisClients['kubernetes'] => parts as Kubernetes;
const answer = (status: number, headers: Record<string, string> = {}): WebAnswer => ({
  status,
  headers,
  setCookie: ['authentik_proxy_a=secret; Path=/'],
  body: '',
  bodyCut: false,
  ms: 1,
});

describe('requests to applications', () => {
  const VISIT = {
    by: 'x',
    hosts: ['a.example.com', 'b.example.com'],
    authentik: 'auth.example.com',
    dial: directDial('10.0.0.1', 443),
    follow: true,
    isOneAddress: false,
  };
  const login = 'https://auth.example.com/application/o/authorize/?client_id=x&state=secret-state';

  test('are one a host, half a second apart, without a cookie; one login is followed, three hops at most', async () => {
    const seen: { readonly url: string; readonly connectTo: string | undefined; readonly headers: unknown }[] = [];
    const web: Web = {
      get: async ({ url, connectTo, headers }) => {
        seen.push({ url, connectTo, headers });
        return answer(302, { location: login });
      },
    };
    const { ask, pauses } = asking({ web });
    const found = await askHosts(ask, VISIT);
    expect(seen.map(({ url }) => url.split('?')[0])).toEqual([
      'https://a.example.com/',
      'https://auth.example.com/application/o/authorize/',
      'https://auth.example.com/application/o/authorize/',
      'https://auth.example.com/application/o/authorize/',
      'https://b.example.com/',
      'https://auth.example.com/-/health/ready/',
    ]);
    expect(new Set(seen.map(({ connectTo }) => connectTo))).toEqual(new Set(['10.0.0.1:443']));
    expect(seen.every(({ headers }) => headers === undefined)).toBe(true);
    expect(pauses).toEqual([500, 500, 500, 500, 500]);
    expect(found.hosts[0]?.first).toMatchObject({ setsSession: true, location: { host: 'auth.example.com' } });
    // What redirects carry in their query is nobody's business, and so are cookies.
    expect(JSON.stringify(found)).not.toContain('secret');
  });

  test('that fail are facts of their host; the others are asked all the same', async () => {
    const web: Web = {
      get: async ({ url }) => {
        if (url.includes('//a.')) throw new InfraError('web.timeout', 'unavailable', 'no answer in 5 s');
        return answer(400);
      },
    };
    const found = await askHosts(asking({ web }).ask, VISIT);
    expect(found.hosts.map(({ first }) => first.reason ?? first.status)).toEqual(['timeout', 400]);
  });

  test('to an address where nobody is end after two', async () => {
    const web: Web = {
      get: async () => {
        throw new InfraError('web.timeout', 'unavailable', 'no answer in 5 s');
      },
    };
    const visit = { ...VISIT, hosts: ['a', 'b', 'c', 'd'], isOneAddress: true };
    const found = await askHosts(asking({ web }).ask, visit);
    expect(found.hosts).toHaveLength(2);
    expect(found.ready).toBeUndefined();
    expect((await askHosts(asking({ web }).ask, { ...visit, isOneAddress: false })).hosts).toHaveLength(4);
  });

  test('go where a public name server says; a name without address is a fact too', async () => {
    const dns = {
      resolve: async ({ name }: { name: string }) =>
        name.startsWith('a') ? { state: 'answer', records: ['192.0.2.1'] } : { state: 'nxdomain' },
    };
    const { ask } = asking({ dns: dns as DiagnosisClients['dns'] });
    expect(await publicDial(ask)('a.example.com')).toEqual({ connectTo: '192.0.2.1:443' });
    await expect(publicDial(ask)('b.example.com')).rejects.toMatchObject({ code: 'authentik.edge.empty' });
  });
});

describe('which hosts are asked', () => {
  const ingress = (host: string, middlewares: string, namespace = 'apps', service = 'app'): KubernetesObject => ({
    metadata: {
      name: host,
      namespace,
      annotations: { 'traefik.ingress.kubernetes.io/router.middlewares': middlewares },
    },
    spec: { rules: [{ host, http: { paths: [{ backend: { service: { name: service } } }] } }] },
  });
  const MAIN = 'traefik-authentik-forward-auth@kubernetescrd';
  const collect = async (objects: readonly KubernetesObject[], options: SubjectOptions = {}) =>
    edgeHosts.collect(asking({ kubernetes: kubernetes({ list: async () => objects }) }, { options }).ask);

  test('at most four, protected ones, one of each middleware, none behind a bot check', async () => {
    const found = await collect([
      ...['g', 'f', 'e', 'd', 'c'].map((name) => ingress(`${name}.example.com`, MAIN)),
      ingress('public.example.com', 'traefik-authentik-public-forward-auth@kubernetescrd'),
      ingress('open.example.com', 'traefik-compress@kubernetescrd'),
      ingress('*.example.com', MAIN),
      ingress('anubis.example.com', `traefik-anubis@kubernetescrd,${MAIN}`),
      ingress('c.example.com', '', 'authentik', 'ak-outpost-authentik-embedded-outpost'),
      ingress('auth.example.com', '', 'authentik', 'goauthentik-server'),
    ]);
    expect(found.hosts).toEqual(['c.example.com', 'd.example.com', 'e.example.com', 'public.example.com']);
    expect(found).toMatchObject({ source: 'ingresses', found: 6, authentik: 'auth.example.com' });
  });

  test('are those of --host, and then nothing in the cluster is asked', async () => {
    const { ask } = asking({}, { options: { hosts: ['a.example.com', 'a.example.com'] } });
    expect(await edgeHosts.collect(ask)).toEqual({ source: 'option', hosts: ['a.example.com'] });
  });
});

describe('logs', () => {
  const line =
    '2026-04-18T12:39:00.000000000Z {"event":"/","level":"info","method":"GET","path":"/","runtime":"1","status":302,"logger":"authentik.outpost.proxyv2"}';
  const FULL =
    '2026-04-18T12:39:00.000000000Z {"error":"write /dev/shm/session_X: no space left on device","event":"failed to save session","level":"warning","logger":"authentik.outpost.proxyv2.application"}';
  const pods = (count: number, restarts = 0) =>
    Array.from({ length: count }, (_, index) => outpostPod({ name: `p${index}` }, { restarts }));
  const reading = (lines: readonly string[]) => {
    const seen: LogRequest[] = [];
    const open = { now: 0, most: 0 };
    const { ask } = asking({
      kubernetes: kubernetes({
        async *logs(request) {
          seen.push(request);
          open.now += 1;
          open.most = Math.max(open.most, open.now);
          await new Promise(setImmediate);
          yield* lines;
          open.now -= 1;
        },
      }),
    });
    return { ask, seen, open };
  };

  test('are read four at once, the newest fifteen minutes, never more than 16 MiB, and no further when all is well', async () => {
    const { ask, seen, open } = reading([line]);
    const found = await readLogs(ask, targetsOf(pods(9)), ['authentik-go']);
    expect(open.most).toBe(4);
    expect(seen).toHaveLength(9);
    for (const request of seen)
      expect(request).toMatchObject({ sinceSeconds: 900, limitBytes: 16 * 1024 * 1024, timestamps: true });
    expect(seen.some((request) => request.tailLines !== undefined)).toBe(false);
    expect(found.read[0]).toMatchObject({ lines: 1, served: 1, from: '2026-04-18T12:39:00.000Z' });
  });

  test('are read from their beginning where a cause was found, to say since when', async () => {
    const { ask, seen } = reading([FULL]);
    const found = await readLogs(ask, targetsOf(pods(1)), ['authentik-go']);
    expect(seen.map(({ sinceSeconds }) => sinceSeconds)).toEqual([900, undefined]);
    expect(found.read.map(({ window }) => window)).toEqual(['beginning', 'newest']);
    expect(found.read[0]?.found).toMatchObject([{ finding: 'authentik.session-store-full', kind: 'cause', count: 1 }]);
  });

  test('are read further back only when nothing was served, and of the run before only after a restart', async () => {
    const { ask, seen } = reading([]);
    await readLogs(ask, targetsOf(pods(1, 2)), ['authentik-go']);
    expect(seen.map(({ sinceSeconds, previous }) => (previous === true ? 'previous' : sinceSeconds))).toEqual([
      900,
      'previous',
      21_600,
    ]);
  });

  test('that are longer are read at their end too: what is happening now stands there', async () => {
    const busy = stampedLines(80, '2026-04-18T12:40:00.000Z', () => `${line.slice(31)} ${'.'.repeat(500_000)}`);
    const log = kubeletLog([...busy, FULL.replace('12:39:00', '12:40:01')]);
    const { ask } = asking({ kubernetes: kubernetes({ logs: log.logs }) });
    const found = await readLogs(ask, targetsOf(pods(1)), ['authentik-go']);
    const newest = found.read.find(({ window }) => window === 'newest');
    expect(newest).toMatchObject({ found: [{ finding: 'authentik.session-store-full', count: 1 }] });
    expect(newest?.cut?.from?.slice(0, 19)).toBe('2026-04-18T12:39:45');
    expect(newest?.to?.slice(0, 19)).toBe('2026-04-18T12:40:01');
    expect(log.asked[1]).toMatchObject({ sinceSeconds: 900, limitBytes: 16 * 1024 * 1024, tailLines: 17 });
  });

  test('without a line are read further back one by one, though others serve', async () => {
    const seen: string[] = [];
    const { ask } = asking({
      kubernetes: kubernetes({
        async *logs({ pod, sinceSeconds }) {
          seen.push(`${pod} ${sinceSeconds}`);
          if (pod === 'p0') yield line;
        },
      }),
    });
    await readLogs(ask, targetsOf(pods(3)), ['authentik-go']);
    expect(seen.sort()).toEqual(['p0 900', 'p1 21600', 'p1 900', 'p2 21600', 'p2 900']);
  });

  test('of a container that never ran are not asked for', () => {
    const { runningSince: _, ...never } = container();
    expect(targetsOf([outpostPod({ containers: [{ ...never, waiting: 'ImagePullBackOff' }] })])).toEqual([]);
  });

  test('that cannot be read are misses; when none can be read it is an error', async () => {
    const { ask } = asking({
      kubernetes: kubernetes({
        async *logs({ pod }) {
          if (pod !== 'p1') throw new InfraError('kubernetes.timeout', 'unavailable', 'no answer');
          yield line;
        },
      }),
    });
    const found = await readLogs(ask, targetsOf(pods(2)), ['authentik-go']);
    expect(found.missed).toMatchObject([{ pod: 'p0', reason: 'timeout' }]);
    await expect(readLogs(ask, targetsOf(pods(1)), ['authentik-go'])).rejects.toMatchObject({
      code: 'kubernetes.timeout',
    });
  });
});

test('Loki is asked about no write that failed days ago, before a restart', async () => {
  const last = '2026-04-15T12:00:00Z';
  const old = logWindow({ window: 'previous', found: [find('authentik.session-store-full', { last })] });
  const answers = { 'authentik.outpost.logs': logs(logWindow(), old), 'authentik.cluster.pods': [outpostPod()] };
  const site = fakeSite('/r', { loki: { url: 'http://127.0.0.1:1' } });
  expect(await outpostHistory.collect(asking({}, { given: given(answers), site }).ask)).toBeNull();
});

describe('programs in pods', () => {
  const DF = '1B-blocks Used Avail Inodes IUsed\n67108864 409600000 0 500000 100001\n';

  test('are df and ls, each by itself; a hundred thousand sessions are never listed', async () => {
    const commands: string[] = [];
    const { ask } = asking({
      kubernetes: kubernetes({
        exec: async (_namespace, _pod, container, command) => {
          commands.push(`${container}: ${command.join(' ')}`);
          return { exitCode: 0, stdout: command[0] === 'df' ? DF : 'total 0\n', stderr: '' };
        },
      }),
    });
    const { measured } = await measureShm(ask, [outpostPod()]);
    expect(measured).toMatchObject([{ files: 100_000, otherFiles: 0 }]);
    expect(commands).toEqual([
      'proxy: df -B1 --output=size,used,avail,itotal,iused /dev/shm',
      'proxy: ls -A -s --block-size=1 --ignore=session_* --ignore=.session_* /dev/shm',
    ]);
  });

  test('that fail in one pod do not hide the others; in all of them it is an error', async () => {
    const { ask } = asking({
      kubernetes: kubernetes({
        exec: async (_namespace, pod, _container, command) =>
          pod === 'bad'
            ? { exitCode: 127, stdout: '', stderr: 'df: not found\n' }
            : { exitCode: 0, stdout: command[0] === 'df' ? DF : 'total 0\n', stderr: '' },
      }),
    });
    const found = await measureShm(ask, [outpostPod(), outpostPod({ name: 'bad' })]);
    expect(found.missed).toMatchObject([{ pod: 'bad' }]);
    await expect(measureShm(ask, [outpostPod({ name: 'bad' })])).rejects.toMatchObject({
      code: 'authentik.shm.failed',
    });
  });

  test('a second measurement is taken when it was asked for, after as long as was said', async () => {
    const { ask, pauses } = asking(
      {
        kubernetes: kubernetes({
          exec: async (...words) => ({ exitCode: 0, stdout: words[3][0] === 'df' ? DF : 'total 0\n', stderr: '' }),
        }),
      },
      {},
      { sampleSeconds: 60 },
    );
    expect((await measureShm(ask, [outpostPod()])).measured[0]?.later).toMatchObject({ files: 100_000 });
    expect(pauses).toEqual([60_000]);
  });

  test('bans are looked up only when everybody refuses us', async () => {
    const asked: string[] = [];
    const lapi = { metadata: { name: 'lapi', namespace: 'crowdsec' } };
    const client = kubernetes({
      list: async () => [lapi],
      exec: async (_namespace, _pod, _container, command) => {
        asked.push(command.join(' '));
        return { exitCode: 0, stdout: 'null', stderr: '' };
      },
    });
    const collect = (legs: ReturnType<typeof leg>) =>
      ban.collect(asking({ kubernetes: client }, { given: given({ 'authentik.edge.cloudflare': legs }) }).ask);
    expect(await collect(leg(hop('a'), hop('b', { status: 403 })))).toEqual({ decisions: null });
    expect(await collect(leg(hop('a', { status: 400 })))).toEqual({ decisions: null });
    expect(asked).toEqual([]);
    expect(await collect(leg(hop('a', { status: 403 })))).toEqual({ decisions: [] });
    expect(asked).toEqual(['cscli decisions list -o json']);
  });
});
