import { join } from 'node:path';
import type { Host } from './host.ts';

/** Where infra keeps files outside of repositories, by the XDG base directory specification. */
type Home = Pick<Host, 'env' | 'home'>;

/** Folder of journals, locks and crash reports. */
export function stateFolderOf({ env, home }: Home): string {
  return join(env.XDG_STATE_HOME || join(home, '.local', 'state'), 'infra');
}

/** Folder of what may be lost: compile cache, completion. */
export function cacheFolderOf({ env, home }: Home): string {
  return join(env.XDG_CACHE_HOME || join(home, '.cache'), 'infra');
}
