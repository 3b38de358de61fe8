import { workerThrows } from '../edge/cloudflare.ts';
import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';

/** Seen from outside the network: every host fails in public, and Traefik's own address does not answer from here. */
export function traefikOutOfReach(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      scene.edge.traefik = 'closed';
      scene.edge.cloudflare = workerThrows();
    },
    setting,
  );
}
