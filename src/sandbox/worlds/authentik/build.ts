import type { OutpostPod } from '../../edge/state.ts';
import type { ExecAnswer } from '../../kubernetes/exec.ts';
import type { LogSource } from '../../kubernetes/logs.ts';
import { cat } from '../../programs/cat.ts';
import { df } from '../../programs/df.ts';
import { ls } from '../../programs/ls.ts';
import type { Program } from '../../programs/program.ts';
import { psql } from '../../programs/psql.ts';
import { stat } from '../../programs/stat.ts';
import type { Tmpfs } from '../../programs/tmpfs.ts';
import type { World } from '../../world.ts';
import { platform } from '../platform.ts';
import { baseScene } from './base.ts';
import { usualLogs } from './logs.ts';
import { addNoise } from './noise.ts';
import { sceneObjects } from './objects.ts';
import { memory } from './outposts.ts';
import type { Edit, Scene, Shape, Workload } from './scene.ts';
import { CONFIG } from './series.ts';

/** What a world is made with. Seed 0 is the one that `infra sandbox` plays. */
export type Setting = { readonly seed?: number; readonly now?: number };

/** A world with authentik: a shape, what is wrong with it, and unrelated noise that the seed decides. */
export function authentikWorld(
  shape: Shape,
  edit: Edit = () => {},
  { seed = 0, now = Date.now() }: Setting = {},
): World {
  const scene = baseScene(shape, seed, now);
  edit(scene);
  usualLogs(scene);
  addNoise(scene);
  return scene.more.reduce((world, change) => change(world), worldOf(scene));
}

function worldOf(scene: Scene): World {
  const objects = scene.random.of('order').shuffle(sceneObjects(scene));
  const workloads = workloadsOf(scene);
  return {
    ...platform,
    kubernetes: {
      ...platform.kubernetes,
      objects: [...platform.kubernetes.objects, ...objects],
      logs: workloads.flatMap(logSources),
      exec: [...workloads.flatMap((each) => execAnswers(scene, each)), primary(scene), banList(scene)],
    },
    authentik: { ...platform.authentik, records: scene.records },
    edge: { ...scene.edge, outposts: outpostPods(scene), authentikHost: 'authentik.sandbox.test' },
    dns: { zone: { '*.sandbox.test': { A: ['127.0.0.1'] }, 'sandbox.test': { A: ['127.0.0.1'] } }, mode: 'answer' },
    prometheus: { series: scene.series, rules: scene.rules, config: CONFIG },
  };
}

function workloadsOf(scene: Scene): readonly Workload[] {
  const { authProxy, crowdsec, outposts, pgbouncer, postgres, server, traefik, worker } = scene;
  return [...outposts, server, worker, pgbouncer, authProxy, traefik, postgres, crowdsec];
}

function logSources({ namespace, container, pods }: Workload): LogSource[] {
  return pods.map(({ name, log, previous }) => ({
    namespace,
    pod: name,
    container,
    lines: log.toSorted((a, b) => ((a.at ?? '') < (b.at ?? '') ? -1 : 1)),
    ...(previous === undefined ? {} : { previous }),
  }));
}

/** Programs in the containers whose image has a shell's tools; the proxy's is a Debian slim, the server's too. */
function execAnswers(scene: Scene, { namespace, container, name, pods }: Workload): ExecAnswer[] {
  if (!/^(ak-outpost-|goauthentik-)/.test(name)) return [];
  return pods.flatMap((pod) => {
    const shm = pod.shm ?? memory(64 * 1024 * 1024, scene, pod.name, 0, 0, 'base32');
    return Object.entries(PROGRAMS).map(([word, program]) => ({
      namespace,
      pod: pod.name,
      container,
      command: [word, '*'],
      run: (command: readonly string[]) => program(command.slice(1), { shm, now: Date.now() }),
    }));
  });
}

const PROGRAMS: Readonly<Record<string, Program>> = { df, ls, stat, cat: cat({}) };

function primary(scene: Scene): ExecAnswer {
  const run = psql(scene.database);
  return {
    namespace: 'dbaas',
    pod: scene.postgres.pods[0]?.name ?? 'pg-cluster-1',
    container: 'postgres',
    command: ['psql', '*'],
    run: (command) => run(command.slice(1)),
  };
}

/** `cscli decisions list` where CrowdSec decides: null for none, as it prints. */
function banList(scene: Scene): ExecAnswer {
  const decisions = scene.decisions.map(({ scenario, value }, at) => ({
    id: at + 1,
    duration: '3h12m',
    origin: 'crowdsec',
    scenario,
    scope: 'Ip',
    simulated: false,
    type: 'ban',
    value,
  }));
  const alerts = decisions.length === 0 ? null : [{ id: 7, decisions }];
  return {
    namespace: 'crowdsec',
    pod: 'crowdsec-lapi-*',
    container: 'crowdsec-lapi',
    command: ['cscli', 'decisions', 'list', '*'],
    stdout: `${JSON.stringify(alerts)}\n`,
  };
}

/** The outposts behind the edge; without any of their own, the one inside the server. */
function outpostPods(scene: Scene): OutpostPod[] {
  const own = scene.outposts.flatMap(({ hosts, pods, store, writer }) =>
    pods.map((pod) => ({ pod: pod.name, writer, store, shm: shmOf(scene, pod.name, pod.shm), hosts })),
  );
  if (scene.shape !== 'embedded') return own;
  const hosts = scene.hosts.map((each) => each.host);
  return scene.server.pods.map((pod) => ({
    pod: pod.name,
    writer: 'rust',
    store: 'postgres',
    shm: shmOf(scene, pod.name, pod.shm),
    hosts,
  }));
}

function shmOf(scene: Scene, pod: string, shm: Tmpfs | undefined): Tmpfs {
  return shm ?? memory(64 * 1024 * 1024, scene, pod, 0, 0, 'base32');
}
