import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { gatedHosts } from './authentik/edits.ts';

/** One host refuses whoever is not on its list, as it is meant to; everything else is as always. */
export function hostRefused(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      scene.edge.refused = gatedHosts(scene).slice(0, 1);
    },
    setting,
  );
}
