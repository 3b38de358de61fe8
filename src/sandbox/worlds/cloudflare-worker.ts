import { workerThrows } from '../edge/cloudflare.ts';
import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';

/** A Worker at Cloudflare throws: visitors get 500 from there, the platform itself is well. */
export function cloudflareWorker(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      scene.edge.cloudflare = workerThrows();
    },
    setting,
  );
}
