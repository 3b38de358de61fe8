import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { firstOutpost } from './authentik/edits.ts';
import { failingTraffic } from './authentik/full-shm.ts';

/** The outpost’s image cannot be had: its Service has no endpoints. */
export function outpostDown(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      const outpost = firstOutpost(scene);
      outpost.image = 'ghcr.io/goauthentik/proxy:2026.8.9';
      for (const pod of outpost.pods) {
        pod.ready = false;
        pod.waiting = 'ImagePullBackOff';
        scene.events.push({
          reason: 'Failed',
          message: `Failed to pull image "${outpost.image}": manifest unknown`,
          object: pod.name,
          kind: 'Pod',
          secondsAgo: 60,
        });
      }
      failingTraffic(scene, '401', outpost.hosts);
    },
    setting,
  );
}
