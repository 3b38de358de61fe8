import { workerThrows } from '../edge/cloudflare.ts';
import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { outpostNamed } from './authentik/edits.ts';
import { failingTraffic, fillShm } from './authentik/full-shm.ts';
import { PUBLIC } from './authentik/names.ts';

/** The second outpost’s /dev/shm is full, and a Worker at Cloudflare throws. */
export function twoFaults(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      const outpost = outpostNamed(scene, PUBLIC);
      fillShm(scene, outpost, 'rust');
      failingTraffic(scene, '500', outpost.hosts);
      scene.edge.cloudflare = workerThrows();
    },
    setting,
  );
}
