import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { firstOutpost } from './authentik/edits.ts';
import { withoutPatch } from './authentik/full-shm.ts';
import { MIB, memory } from './authentik/outposts.ts';

/** One outpost, 64 MiB of /dev/shm, most of it sessions, more every minute: everybody can still log in. */
export function outpostShmFilling(setting?: Setting): World {
  return authentikWorld(
    'april',
    (scene) => {
      const outpost = firstOutpost(scene);
      withoutPatch(scene, outpost);
      for (const pod of outpost.pods) {
        const capacity = (64 * MIB) / 4096;
        const count = Math.floor((capacity * scene.random.int(82, 93)) / 100);
        const perMinute = scene.random.int(18, 60);
        pod.age = (count * 60) / perMinute;
        pod.shm = memory(64 * MIB, scene, pod.name, count, perMinute, 'base32');
      }
    },
    setting,
  );
}
