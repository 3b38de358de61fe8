import { denied } from '../edge/core.ts';
import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { gatedHosts } from './authentik/edits.ts';

/** One host is on nobody's list, and authentik's policy refuses it to all; everything else is as always. */
export function hostRefused(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      for (const host of gatedHosts(scene).slice(0, 1)) scene.edge.refused[host] = denied();
    },
    setting,
  );
}
