import type { World } from '../world.ts';
import type { Setting } from './authentik/build.ts';
import { healthyWorld } from './healthy.ts';

/** The same platform before its modules moved out of `platform`. */
export const healthyDocumented = (setting?: Setting): World => ({ ...healthyWorld(setting), shape: 'documented' });
