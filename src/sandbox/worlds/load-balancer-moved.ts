import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';

/** Nothing answers where Traefik is said to be; by Cloudflare all is well. */
export function loadBalancerMoved(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      scene.edge.traefik = 'closed';
      for (const service of scene.services) {
        if (service.name === 'traefik') service.loadBalancerIp = '10.0.20.203';
      }
    },
    setting,
  );
}
