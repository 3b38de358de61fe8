import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { gatedHosts } from './authentik/edits.ts';
import { failingTraffic } from './authentik/full-shm.ts';
import { EMBEDDED } from './authentik/names.ts';

/** The Service of the outpost selects labels that no pod has. */
export function outpostSelectorFlipped(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      for (const service of scene.services) {
        if (service.name !== `ak-outpost-${EMBEDDED}`) continue;
        service.selector = {
          'app.kubernetes.io/name': 'authentik',
          'app.kubernetes.io/component': 'server',
          'app.kubernetes.io/instance': 'authentik',
        };
      }
      failingTraffic(scene, '401', gatedHosts(scene));
    },
    setting,
  );
}
