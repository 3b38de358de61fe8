import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { firstOutpost } from './authentik/edits.ts';
import { MIB, memory } from './authentik/outposts.ts';

/** The outpost object lost its mark: sessions go to files again, and PostgreSQL has not seen one for days. */
export function outpostFilesystemFallback(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      const outpost = firstOutpost(scene);
      outpost.store = 'filesystem';
      scene.records.outposts = scene.records.outposts.map((each) =>
        each.name === 'public' ? each : { ...each, managed: null },
      );
      scene.database = {
        ...scene.database,
        // Four weeks minus the days since: nothing was written after that.
        proxySessions: {
          count: scene.random.int(100, 400),
          maxExpires: Math.floor(scene.now / 1000) + scene.random.int(18, 24) * 86_400,
        },
      };
      for (const pod of outpost.pods) {
        pod.age = scene.random.int(4, 9) * 86_400;
        pod.shm = memory(2048 * MIB, scene, pod.name, Math.floor(pod.age / 60) * 9, 9, 'uuid');
      }
    },
    setting,
  );
}
