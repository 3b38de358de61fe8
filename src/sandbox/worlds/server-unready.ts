import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { unready } from './authentik/edits.ts';
import { failingTraffic } from './authentik/full-shm.ts';
import { coreDown } from './authentik/session-lines.ts';

/** No pod of the server is ready: whoever is sent to log in meets 503. */
export function serverUnready(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      unready(scene.server, (pod) => coreDown(scene, pod));
      for (const pod of scene.server.pods) {
        pod.age = scene.random.int(400, 900);
        scene.events.push({
          reason: 'Unhealthy',
          message: 'Readiness probe failed: HTTP probe failed with statuscode: 503',
          object: pod.name,
          kind: 'Pod',
          secondsAgo: 20,
        });
      }
      failingTraffic(scene, '503', ['authentik.sandbox.test']);
    },
    setting,
  );
}
