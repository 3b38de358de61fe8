import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { outpostNamed } from './authentik/edits.ts';
import { PUBLIC } from './authentik/names.ts';
import { MIB, memory } from './authentik/outposts.ts';

/** The second outpost still has 64 MiB of /dev/shm, and they fill up; everybody can still log in. */
export function outpostPublicFilling(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      const outpost = outpostNamed(scene, PUBLIC);
      for (const pod of outpost.pods) {
        const count = Math.floor((((64 * MIB) / 4096) * scene.random.int(80, 93)) / 100);
        const perMinute = scene.random.int(3, 12);
        pod.age = (count * 60) / perMinute;
        pod.shm = memory(64 * MIB, scene, pod.name, count, perMinute, 'uuid');
      }
    },
    setting,
  );
}
