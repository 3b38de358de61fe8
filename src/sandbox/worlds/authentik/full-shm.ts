import type { LogLine } from '../../kubernetes/logs.ts';
import { goLine, goTextLine, moments, rustLine } from './lines.ts';
import { MIB, memory } from './outposts.ts';
import type { Outpost, PodScene, Scene } from './scene.ts';
import { DEAD_RULES, entrypoint, router } from './series.ts';
import { request, started } from './traffic.ts';

/** How the lines of an outpost look. */
export type Writing = 'go' | 'text' | 'rust';

/** The outpost as it was made by authentik itself: Kubernetes' 64 MiB of /dev/shm, and the namespace's default limit. */
export function withoutPatch(scene: Scene, outpost: Outpost): void {
  outpost.dshm = undefined;
  outpost.memoryLimit = scene.limitRange;
  scene.records.outposts = scene.records.outposts.map((each) => ({ ...each, kubernetesJsonPatches: null }));
}

/** Fills /dev/shm of every pod of an outpost some hours ago, and writes what it has written since. */
export function fillShm(scene: Scene, outpost: Outpost, writing: Writing): void {
  scene.rules = [...scene.rules, { group: 'Authentik /dev/shm', rules: DEAD_RULES }];
  const random = scene.random.of(`full ${outpost.name}`);
  for (const pod of outpost.pods) {
    const fullSince = random.int(3, 40) * 3600;
    pod.fullSince = fullSince;
    pod.age = fullSince + random.int(10, 40) * 3600;
    const capacity = (64 * MIB) / 4096;
    const perMinute = (capacity * 60) / (pod.age - fullSince);
    pod.shm = memory(64 * MIB, scene, pod.name, capacity, perMinute, writing === 'rust' ? 'uuid' : 'base32');
    pod.quiet = true;
    // The kubelet keeps the current file only: often the log begins long after the first failed write.
    const reach = random.chance(0.5) ? random.int(1, 3) * 3600 : pod.age;
    pod.log = linesOf(scene, outpost, pod, writing, { fullSince, reach });
  }
}

type Times = { readonly fullSince: number; readonly reach: number };

function linesOf(
  scene: Scene,
  outpost: Outpost,
  pod: PodScene,
  writing: Writing,
  { fullSince, reach }: Times,
): LogLine[] {
  const random = scene.random.of(`lines ${pod.name}`);
  const before = reach > fullSince ? moments(random, 60, reach, fullSince + 60) : [];
  const after = moments(random, 150, Math.min(reach, fullSince), 2);
  const host = (): string => random.pick(outpost.hosts);
  return [
    ...(reach >= pod.age ? started(scene, outpost, pod.age) : []),
    ...before.map((ago) => request(scene, outpost, ago, host(), 302)),
    ...after.flatMap((ago) => failedSave(scene, outpost, ago, host(), writing)),
  ];
}

/** One visitor for whom no session could be saved. */
function failedSave(scene: Scene, outpost: Outpost, ago: number, host: string, writing: Writing): LogLine[] {
  const random = scene.random.of(`save ${ago} ${host}`);
  if (writing === 'rust') return failedSaveRust(scene, outpost, ago, host);
  const id = random.text(52, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567');
  const write = writing === 'text' ? goTextLine : goLine;
  const event = random.chance(0.5) ? 'failed to save session' : 'failed to save session before redirect';
  const error = `write /dev/shm/session_${id}: no space left on device`;
  return [
    write(scene, ago, 'warning', event, { error, name: 'Domain wide catch all' }),
    request(scene, outpost, ago - 0.01, host, 400),
  ];
}

/** The Rust outpost sends visitors on all the same, and fails when they come back from logging in. */
function failedSaveRust(scene: Scene, outpost: Outpost, ago: number, host: string): LogLine[] {
  const random = scene.random.of(`rust ${ago} ${host}`);
  const remote = `10.244.${random.int(1, 5)}.${random.int(2, 250)}`;
  const handlers = {
    file: 'src/outpost/proxy/application/handlers/mod.rs',
    line: 171,
    target: 'authentik::outpost::proxy::application::handlers',
  };
  const start = { host, method: 'GET', path: '/outpost.goauthentik.io/auth/traefik', remote };
  const lines = [
    rustLine(
      scene,
      ago,
      'warn',
      handlers,
      { event: 'failed to persist pre-auth session', err: report('start_auth') },
      { ...start, inner: 'start_auth' },
    ),
    request(scene, outpost, ago - 0.01, host, 302),
  ];
  if (!random.chance(0.4)) return lines;
  const path = `/outpost.goauthentik.io/callback?X-authentik-auth-callback=true&code=canary-code-${random.text(12)}&state=canary-state-${random.text(20)}`;
  const back = { host, method: 'GET', path, remote };
  const error = { file: 'packages/ak-axum/src/error.rs', line: 27, target: 'authentik_axum::error' };
  return [
    ...lines,
    rustLine(
      scene,
      ago - 1.5,
      'warn',
      error,
      { event: 'error occurred', err: report('handle_auth_callback') },
      { ...back, inner: 'handle_auth_callback' },
    ),
    request(scene, outpost, ago - 1.51, host, 500, '/outpost.goauthentik.io/callback'),
  ];
}

/** An error report of the Rust program: several lines, with colour, in one JSON string. */
function report(span: string): string {
  return [
    '',
    '   0: \u001b[91mNo space left on device (os error 28)\u001b[0m',
    '',
    'Location:',
    '   \u001b[35msrc/outpost/proxy/session/filesystem.rs\u001b[0m:\u001b[35m118\u001b[0m',
    '',
    '  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ SPANTRACE ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━',
    '',
    `   0: \u001b[91mauthentik::outpost::proxy::application::handlers::\u001b[0m\u001b[91m${span}\u001b[0m`,
    '      at \u001b[35msrc/outpost/proxy/application/handlers/mod.rs\u001b[0m:\u001b[35m160\u001b[0m',
    '',
  ].join('\n');
}

/** Counters of an entry point at which so many requests a second end with a status, over all hosts. */
export function failingTraffic(scene: Scene, code: string, hosts: readonly string[]): void {
  const random = scene.random.of(`failing ${code}`);
  scene.series.push(
    entrypoint(code, random.int(8, 60) / 10),
    ...hosts.map((host) => router(host, code, random.int(2, 20) / 10)),
  );
}
