import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { unready } from './authentik/edits.ts';
import { failingTraffic } from './authentik/full-shm.ts';
import { waitingForLock } from './authentik/session-lines.ts';

/** A session that is gone holds the lock under which authentik migrates: every new server waits. */
export function migrationLock(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      const since = scene.random.int(3000, 9000);
      scene.database = {
        ...scene.database,
        connections: { ...scene.database.connections, idleInTransaction: 1 },
        locks: [
          { pid: scene.random.int(2000, 9000), state: 'idle in transaction', seconds: since, granted: true },
          ...scene.server.pods.map((_, at) => ({
            pid: 9100 + at,
            state: 'active',
            seconds: since - 60 * (at + 1),
            granted: false,
          })),
        ],
      };
      for (const pod of scene.server.pods) pod.age = since - scene.random.int(60, 300);
      unready(scene.server, (pod) => waitingForLock(scene, pod));
      failingTraffic(scene, '503', ['authentik.sandbox.test']);
    },
    setting,
  );
}
