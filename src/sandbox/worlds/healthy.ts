import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';

/** Four users, every stack applied, authentik as it is since August: nothing wrong. */
export const healthyWorld = (setting?: Setting): World => authentikWorld('august', undefined, setting);

/** The same, its clocks counted from when this is loaded. */
export const healthy: World = healthyWorld();
