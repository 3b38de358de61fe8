import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { crashing, gatedHosts } from './authentik/edits.ts';
import { failingTraffic } from './authentik/full-shm.ts';

/** The auth nginx does not run: Traefik refuses every gated host with 500. */
export function authProxyDown(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      crashing(scene.authProxy, { reason: 'Error', exitCode: 1, secondsAgo: 25 }, scene.random.int(5, 30));
      for (const pod of scene.authProxy.pods) {
        pod.previous = [
          {
            text: '2026/09/12 10:11:12 [emerg] 1#1: host not found in upstream "ak-outpost-authentik-embedded-outpost.authentik" in /etc/nginx/nginx.conf:31',
            secondsAgo: 30,
          },
        ];
      }
      failingTraffic(scene, '500', gatedHosts(scene));
    },
    setting,
  );
}
