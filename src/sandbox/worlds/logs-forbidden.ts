import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { operatorMay, READING } from './authentik/operators.ts';

/** The operator may look at objects and run programs, and may not read logs. */
export function logsForbidden(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      scene.more.push(operatorMay(READING, [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['create', 'get'] }]));
    },
    setting,
  );
}
