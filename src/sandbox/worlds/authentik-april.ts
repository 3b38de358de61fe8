import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';

/** Nothing wrong, authentik in the shape of April: one outpost that keeps sessions in files. */
export function authentikApril(setting?: Setting): World {
  return authentikWorld('april', undefined, setting);
}
