import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { unready } from './authentik/edits.ts';
import { failingTraffic } from './authentik/full-shm.ts';
import { tooManyClients } from './authentik/session-lines.ts';

/** PostgreSQL lets nobody in any more. */
export function databaseConnections(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      scene.database = { ...scene.database, answers: 'full' };
      tooManyClients(scene);
      unready(scene.server);
      failingTraffic(scene, '503', ['authentik.sandbox.test']);
    },
    setting,
  );
}
