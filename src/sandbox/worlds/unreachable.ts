import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';

/** Nothing answers: not the cluster, not the edge, not the name server. */
export function unreachable(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      scene.edge.cloudflare = 'closed';
      scene.edge.traefik = 'closed';
      const closed = [{ path: '/*', close: true }];
      scene.more.push((world) => ({
        ...world,
        dns: { ...world.dns, mode: 'silent' },
        kubernetes: { ...world.kubernetes, injections: closed },
        prometheus: { ...world.prometheus, injections: closed },
        authentik: { ...world.authentik, injections: closed },
      }));
    },
    setting,
  );
}
