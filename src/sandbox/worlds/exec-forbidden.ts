import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { operatorMay, READING } from './authentik/operators.ts';

/** The operator may look at objects and read logs, and may not run programs. */
export function execForbidden(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      scene.more.push(operatorMay(READING, [{ apiGroups: [''], resources: ['pods/log'], verbs: ['get'] }]));
    },
    setting,
  );
}
