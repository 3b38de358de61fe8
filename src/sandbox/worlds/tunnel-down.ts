import { tunnelDown as noConnector } from '../edge/cloudflare.ts';
import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';

/** No connector holds Cloudflare's tunnel: visitors get 530 from there, the platform itself is well. */
export function tunnelDown(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      scene.edge.cloudflare = noConnector();
    },
    setting,
  );
}
