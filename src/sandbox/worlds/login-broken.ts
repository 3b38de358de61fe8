import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { unready } from './authentik/edits.ts';
import { failingTraffic } from './authentik/full-shm.ts';
import { coreDown } from './authentik/session-lines.ts';

/** No pod of the server is ready, and the operator’s own kubeconfig logs in with it. */
export function loginBroken(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      unready(scene.server, (pod) => coreDown(scene, pod));
      failingTraffic(scene, '503', ['authentik.sandbox.test']);
      scene.more.push((world) => ({
        ...world,
        kubernetes: {
          ...world.kubernetes,
          loginFails:
            'error: get-token: authentication error: oidc error: oidc discovery error: could not fetch https://authentik.sandbox.test/application/o/kubernetes/.well-known/openid-configuration: 503 Service Unavailable: no available server',
        },
      }));
    },
    setting,
  );
}
