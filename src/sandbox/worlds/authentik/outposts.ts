import type { Tmpfs } from '../../programs/tmpfs.ts';
import { EMBEDDED, EMBEDDED_LABELS, outpostLabels, PUBLIC, PUBLIC_HOSTS } from './names.ts';
import type { HostScene, Outpost, Scene } from './scene.ts';
import type { Make } from './workloads.ts';

export const MIB = 1024 * 1024;

/** The outposts of a shape that has any. */
export function outposts(scene: Scene, make: Make, hosts: readonly HostScene[], version: string): Outpost[] {
  const april = scene.shape === 'april';
  const names = hosts.map((each) => each.host);
  const pods = april ? 1 : 2;
  const image = `ghcr.io/goauthentik/proxy:${version}`;
  const env = ['AUTHENTIK_HOST', 'AUTHENTIK_INSECURE', 'AUTHENTIK_TOKEN', 'TMPDIR'];
  const postgres = [
    'AUTHENTIK_POSTGRESQL__HOST',
    'AUTHENTIK_POSTGRESQL__NAME',
    'AUTHENTIK_POSTGRESQL__USER',
    'AUTHENTIK_POSTGRESQL__PASSWORD',
  ];
  const first = make('authentik', `ak-outpost-${EMBEDDED}`, 'proxy', EMBEDDED_LABELS(scene.shape), image, pods, {
    memory: '2560Mi',
    dshm: '2Gi',
    env: april ? env : [...env, ...postgres],
  });
  const embedded: Outpost = {
    ...first,
    outpost: EMBEDDED,
    writer: april ? 'go' : 'rust',
    store: april ? 'filesystem' : 'postgres',
    hosts: names,
    sessionsPerMinute: april ? scene.random.int(15, 19) : 0,
  };
  for (const pod of embedded.pods) {
    const count = april ? Math.floor((pod.age / 60) * embedded.sessionsPerMinute) : scene.random.int(0, 12);
    pod.shm = memory(2048 * MIB, scene, pod.name, count, embedded.sessionsPerMinute, april ? 'base32' : 'uuid');
  }
  if (april) return [embedded];
  const second = make('authentik', `ak-outpost-${PUBLIC}`, 'proxy', outpostLabels(PUBLIC), image, 1, {
    memory: '256Mi',
    env,
  });
  const open: Outpost = {
    ...second,
    outpost: PUBLIC,
    writer: 'rust',
    store: 'filesystem',
    hosts: PUBLIC_HOSTS.map((name) => `${name}.sandbox.test`),
    // Few come here: it stays far below its 64 MiB even after four weeks.
    sessionsPerMinute: 0.1,
  };
  for (const pod of open.pods) {
    pod.shm = memory(64 * MIB, scene, pod.name, Math.floor((pod.age / 60) * 0.1), 0.1, 'uuid');
  }
  return [embedded, open];
}

/** A /dev/shm with so many sessions in it. */
export function memory(
  bytes: number,
  scene: Scene,
  pod: string,
  count: number,
  perMinute: number,
  names: 'base32' | 'uuid',
  files: Tmpfs['files'] = [],
): Tmpfs {
  const random = scene.random.of(`shm ${pod}`);
  const sessions = { count, bytes: random.int(1300, 1700), perMinute, names, seed: `${pod}` };
  return { bytes, inodes: random.int(2_000_000, 4_000_000), files, sessions, at: scene.now };
}
