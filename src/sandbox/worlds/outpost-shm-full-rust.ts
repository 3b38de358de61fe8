import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { firstOutpost } from './authentik/edits.ts';
import { failingTraffic, fillShm, withoutPatch } from './authentik/full-shm.ts';

/** The same with the outpost of 2026.8: it sends everybody to log in, and fails when they come back. */
export function outpostShmFullRust(setting?: Setting): World {
  return authentikWorld(
    'april',
    (scene) => {
      const outpost = firstOutpost(scene);
      outpost.writer = 'rust';
      outpost.image = 'ghcr.io/goauthentik/proxy:2026.8.0';
      withoutPatch(scene, outpost);
      fillShm(scene, outpost, 'rust');
      failingTraffic(scene, '500', outpost.hosts);
    },
    setting,
  );
}
