import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';

/** Nothing wrong, authentik in the shape of its charts: the outpost inside the server. */
export function authentikEmbedded(setting?: Setting): World {
  return authentikWorld('embedded', undefined, setting);
}
