import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { gatedHosts } from './authentik/edits.ts';

/** One host is open: a second route for it, without the middleware, wins. */
export function hostNotGated(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      const [open] = gatedHosts(scene);
      const found = scene.hosts.find(({ host }) => host === open);
      if (found !== undefined) scene.hosts.push({ ...found, middlewares: '', priority: 1000 });
    },
    setting,
  );
}
