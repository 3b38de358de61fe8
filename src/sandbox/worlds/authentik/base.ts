import { randomOf } from '../../random.ts';
import { EMBEDDED, forwardAuthHosts, outpostLabels, PUBLIC, PUBLIC_AUTH, PUBLIC_HOSTS } from './names.ts';
import { MIB, memory, outposts } from './outposts.ts';
import type { HostScene, Scene, ServiceScene, Shape } from './scene.ts';
import { alertSeries, RULES, trafficSeries } from './series.ts';
import { postgres, workloads } from './workloads.ts';

/** The scene of a shape in which nothing is wrong. */
export function baseScene(shape: Shape, seed: number, now: number): Scene {
  const random = randomOf(`${shape} ${seed}`);
  const make = workloads(random.of('names'));
  const april = shape === 'april';
  const version = april ? '2026.2.2' : '2026.8.0';
  const core = april ? `ghcr.io/goauthentik/server:${version}` : `ghcr.io/goauthentik/server:${version}-patch3`;
  const hosts = forwardAuthHosts(random.of('hosts'));
  const coreLabels = (component: string): Record<string, string> => ({
    'app.kubernetes.io/name': 'authentik',
    'app.kubernetes.io/instance': 'goauthentik',
    'app.kubernetes.io/component': component,
  });
  const server = make('authentik', 'goauthentik-server', 'server', coreLabels('server'), core, 3, { memory: '2Gi' });
  const scene: Scene = {
    shape,
    random,
    now,
    zoneHours: random.pick([0, 1, 2, 3, -5]),
    outposts: [],
    server,
    worker: make('authentik', 'goauthentik-worker', 'worker', coreLabels('worker'), core, april ? 3 : 2, {
      memory: '2Gi',
    }),
    pgbouncer: make('authentik', 'pgbouncer', 'pgbouncer', { app: 'pgbouncer' }, 'edoburu/pgbouncer:v1.24.1', 3, {
      memory: '512Mi',
    }),
    authProxy: make('traefik', 'auth-proxy', 'nginx', { app: 'auth-proxy' }, 'nginx:1.29-alpine', 2, {
      memory: '64Mi',
    }),
    traefik: make('traefik', 'traefik', 'traefik', { 'app.kubernetes.io/name': 'traefik' }, 'traefik:v3.5.2', 3, {
      memory: '512Mi',
    }),
    postgres: postgres(),
    crowdsec: make('crowdsec', 'crowdsec-lapi', 'crowdsec-lapi', { type: 'lapi' }, 'crowdsecurity/crowdsec:v1.7.0', 1, {
      memory: '256Mi',
    }),
    decisions: [],
    database: {
      answers: 'yes',
      connections: {
        authentik: random.int(14, 30),
        idleInTransaction: 0,
        all: random.int(45, 80),
        max: april ? 100 : 200,
      },
      locks: [],
      proxySessions: april
        ? undefined
        : { count: random.int(200, 900), maxExpires: Math.floor(now / 1000) + 27 * 86_400 },
    },
    services: [],
    hosts: [
      ...hosts,
      ...(shape === 'august'
        ? PUBLIC_HOSTS.map((name) => host(`${name}.sandbox.test`, 'apps', name, PUBLIC_AUTH))
        : []),
      host('authentik.sandbox.test', 'authentik', 'goauthentik-server', ''),
    ],
    events: [],
    limitRange: '256Mi',
    edge: { cloudflare: 'passes', traefik: 'answers', refused: {} },
    records: { outposts: [], providers: [], events: [] },
    series: [],
    rules: RULES,
    more: [],
  };
  scene.outposts = shape === 'embedded' ? [] : outposts(scene, make, hosts, version);
  scene.services = services(scene);
  scene.series = [...trafficSeries(random.of('series'), hosts), ...alertSeries([])];
  for (const pod of server.pods) pod.shm = memory(64 * MIB, scene, pod.name, 0, 0, 'base32', SERVER_FILES);
  records(scene);
  return scene;
}

/** Sockets and metrics that the server keeps in /dev/shm. */
const SERVER_FILES = [
  { name: 'authentik-core.sock', bytes: 0, secondsAgo: 90_000 },
  { name: 'authentik_prometheus_tmp', bytes: 2_200_000, secondsAgo: 90_000 },
];

function host(name: string, namespace: string, service: string, middlewares: string): HostScene {
  return { host: name, namespace, service, middlewares };
}

function services(scene: Scene): ServiceScene[] {
  const { authProxy, pgbouncer, server, traefik } = scene;
  const embedded = scene.shape === 'embedded';
  const serverSelector = { 'app.kubernetes.io/name': 'authentik', 'app.kubernetes.io/component': 'server' };
  const ports = [9000, 9300, 9443];
  return [
    {
      namespace: 'authentik',
      name: `ak-outpost-${EMBEDDED}`,
      selector: embedded ? serverSelector : { ...outpostLabels(EMBEDDED) },
      ports,
    },
    ...scene.outposts
      .filter(({ outpost }) => outpost !== EMBEDDED)
      .map((each) => ({ namespace: 'authentik', name: each.name, selector: outpostLabels(each.outpost), ports })),
    { namespace: 'authentik', name: server.name, selector: server.labels, ports: [80, 443] },
    { namespace: 'authentik', name: pgbouncer.name, selector: pgbouncer.labels, ports: [6432] },
    { namespace: 'traefik', name: authProxy.name, selector: authProxy.labels, ports: [9000] },
    { namespace: 'traefik', name: 'traefik', selector: traefik.labels, ports: [80, 443], loadBalancerIp: '127.0.0.1' },
    ...scene.hosts.flatMap(({ namespace, service }) =>
      namespace === 'authentik' ? [] : [{ namespace, name: service, selector: { app: service }, ports: [80] }],
    ),
  ];
}

function records(scene: Scene): void {
  const april = scene.shape === 'april';
  scene.records.providers = [
    {
      pk: 5,
      name: 'Domain wide catch all',
      validity: april ? 'hours=168' : 'weeks=4',
      externalHost: 'https://authentik.sandbox.test',
    },
    ...(scene.shape === 'august'
      ? [{ pk: 41, name: 'Public', validity: 'weeks=4', externalHost: 'https://resume.sandbox.test' }]
      : []),
  ];
  const volume = [
    {
      op: 'add',
      path: '/spec/template/spec/volumes',
      value: [{ name: 'dshm', emptyDir: { medium: 'Memory', sizeLimit: '2Gi' } }],
    },
  ];
  scene.records.outposts = [
    {
      name: 'authentik Embedded Outpost',
      // In April the outpost object had lost its mark, and with it the way to PostgreSQL.
      managed: april ? null : 'goauthentik.io/outposts/embedded',
      logLevel: april ? 'trace' : 'info',
      providers: [5],
      kubernetesJsonPatches: scene.shape === 'embedded' ? null : { deployment: volume },
    },
    ...(scene.shape === 'august'
      ? [{ name: PUBLIC, managed: null, logLevel: 'info', providers: [41], kubernetesJsonPatches: null }]
      : []),
  ];
  const random = scene.random.of('logins');
  scene.records.events = Array.from({ length: 12 }, () => ({
    secondsAgo: random.int(60, 20_000),
    username: random.pick(['carol@sandbox.test', 'bob@sandbox.test', 'root-admin@sandbox.test']),
    application: random.pick(['Terminal', 'Photos', 'Budget']),
  }));
}
