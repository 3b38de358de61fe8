import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { firstOutpost } from './authentik/edits.ts';
import { failingTraffic, fillShm, withoutPatch } from './authentik/full-shm.ts';
import { started } from './authentik/traffic.ts';

/** The same, and the container was just restarted: what it wrote is in the log before this one. */
export function outpostShmFullPrevious(setting?: Setting): World {
  return authentikWorld(
    'april',
    (scene) => {
      const outpost = firstOutpost(scene);
      withoutPatch(scene, outpost);
      fillShm(scene, outpost, 'go');
      for (const pod of outpost.pods) {
        // The file system belongs to the pod: it is as full as before.
        const secondsAgo = scene.random.int(20, 50);
        pod.previous = pod.log.filter(
          ({ at = '' }) => at < new Date(scene.now - (secondsAgo + 2) * 1000).toISOString(),
        );
        pod.log = started(scene, outpost, secondsAgo);
        pod.restarts = 1;
        pod.age = secondsAgo;
        pod.last = { reason: 'Error', exitCode: 2, secondsAgo: secondsAgo + 1 };
      }
      failingTraffic(scene, '400', outpost.hosts);
    },
    setting,
  );
}
