import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { firstOutpost } from './authentik/edits.ts';
import { failingTraffic, fillShm, withoutPatch } from './authentik/full-shm.ts';

/** The same with the outpost set to write text instead of JSON. */
export function outpostShmFullText(setting?: Setting): World {
  return authentikWorld(
    'april',
    (scene) => {
      const outpost = firstOutpost(scene);
      withoutPatch(scene, outpost);
      fillShm(scene, outpost, 'text');
      failingTraffic(scene, '400', outpost.hosts);
    },
    setting,
  );
}
