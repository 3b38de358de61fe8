import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';

/** The Kubernetes API takes many seconds for every answer; visitors notice nothing. */
export function apiServerSlow(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      scene.more.push((world) => ({
        ...world,
        kubernetes: { ...world.kubernetes, injections: [{ path: '/*', delayMs: 20_000 }] },
      }));
    },
    setting,
  );
}
