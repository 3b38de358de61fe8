import type { World } from '../world.ts';
import { healthy } from './healthy.ts';

/** The same platform before its modules moved out of `platform`. */
export const healthyDocumented: World = { ...healthy, shape: 'documented' };
