import type { LogLine } from '../../kubernetes/logs.ts';
import { EMBEDDED } from './names.ts';
import type { Outpost, PodScene, Scene, Workload } from './scene.ts';

/** The outpost that most hosts are behind. */
export function firstOutpost(scene: Scene): Outpost {
  return outpostNamed(scene, EMBEDDED);
}

/** An outpost by its name. */
export function outpostNamed(scene: Scene, name: string): Outpost {
  const found = scene.outposts.find(({ outpost }) => outpost === name);
  if (found === undefined) throw new Error(`this scene has no outpost ${name}`);
  return found;
}

/** Takes every pod of a workload out of its Service; `write` gives the lines that say why, which are then all it has. */
export function unready(workload: Workload, write?: (pod: PodScene) => LogLine[]): void {
  for (const pod of workload.pods) {
    pod.ready = false;
    if (write === undefined) continue;
    pod.quiet = true;
    pod.log = write(pod);
  }
}

/** Containers that start and die: how often, with what, and since when. */
export function crashing(workload: Workload, last: NonNullable<PodScene['last']>, restarts: number): void {
  for (const pod of workload.pods) {
    pod.ready = false;
    pod.waiting = 'CrashLoopBackOff';
    pod.restarts = restarts;
    pod.last = last;
  }
}

/** Hosts behind the embedded outpost, in the order of their names. */
export function gatedHosts(scene: Scene): string[] {
  return scene.hosts
    .filter(({ namespace, middlewares }) => namespace === 'apps' && middlewares.includes('authentik-forward-auth'))
    .map(({ host }) => host)
    .toSorted();
}
