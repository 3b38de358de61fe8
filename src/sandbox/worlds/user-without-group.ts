import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';

/** One user was let in but is in no group; everybody else works as always. */
export function userWithoutGroup(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      scene.more.push((world) => ({
        ...world,
        authentik: {
          ...world.authentik,
          users: world.authentik.users.map((user) =>
            user.username.startsWith('bob@') ? { ...user, groups: [] } : user,
          ),
        },
      }));
    },
    setting,
  );
}
