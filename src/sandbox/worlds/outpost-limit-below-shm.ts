import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { firstOutpost } from './authentik/edits.ts';
import { MIB, memory } from './authentik/outposts.ts';

/** /dev/shm may grow to 512 MiB, the container may use 256 MiB with it; little is in it yet. */
export function outpostLimitBelowShm(setting?: Setting): World {
  return authentikWorld(
    'april',
    (scene) => {
      const outpost = firstOutpost(scene);
      outpost.dshm = '512Mi';
      outpost.memoryLimit = scene.limitRange;
      for (const pod of outpost.pods) {
        pod.age = scene.random.int(2, 6) * 3600;
        pod.shm = memory(512 * MIB, scene, pod.name, Math.floor((pod.age / 60) * 5), 5, 'base32');
      }
    },
    setting,
  );
}
