import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { firstOutpost } from './authentik/edits.ts';
import { failingTraffic, fillShm, withoutPatch } from './authentik/full-shm.ts';

/** One outpost, 64 MiB of /dev/shm, every page of it a session: visitors without a cookie get 400 everywhere. */
export function outpostShmFull(setting?: Setting): World {
  return authentikWorld(
    'april',
    (scene) => {
      const outpost = firstOutpost(scene);
      withoutPatch(scene, outpost);
      fillShm(scene, outpost, 'go');
      failingTraffic(scene, '400', outpost.hosts);
    },
    setting,
  );
}
