import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';

/** CrowdSec keeps out the address that asks: 403 on every host, for nobody else. */
export function visitorBanned(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      const body = '<!DOCTYPE html><html><head><title>CrowdSec Ban</title></head><body></body></html>\n';
      for (const { host } of scene.hosts) scene.edge.refused[host] = { status: 403, body };
      scene.decisions.push({ value: '127.0.0.1', scenario: 'crowdsecurity/http-probing' });
    },
    setting,
  );
}
