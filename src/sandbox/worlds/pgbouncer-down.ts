import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { crashing, unready } from './authentik/edits.ts';
import { failingTraffic } from './authentik/full-shm.ts';
import { databaseRefused } from './authentik/session-lines.ts';

/** No pgbouncer runs: the server cannot reach its database. */
export function pgbouncerDown(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      crashing(scene.pgbouncer, { reason: 'Error', exitCode: 1, secondsAgo: 40 }, scene.random.int(4, 12));
      unready(scene.server, (pod) =>
        databaseRefused(scene, pod, 'connection to server at "10.96.41.7", port 6432 failed: Connection refused'),
      );
      for (const pod of scene.worker.pods) {
        pod.quiet = true;
        pod.log = databaseRefused(
          scene,
          pod,
          'connection to server at "10.96.41.7", port 6432 failed: Connection refused',
        );
      }
      failingTraffic(scene, '503', ['authentik.sandbox.test']);
    },
    setting,
  );
}
