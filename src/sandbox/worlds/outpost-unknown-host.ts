import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { firstOutpost, gatedHosts } from './authentik/edits.ts';
import { moments } from './authentik/lines.ts';
import { router } from './authentik/series.ts';
import { noApp } from './authentik/session-lines.ts';

/** One host has no provider at the outpost: it gets 400, the others are as always. */
export function outpostUnknownHost(setting?: Setting): World {
  return authentikWorld(
    'august',
    (scene) => {
      const outpost = firstOutpost(scene);
      const [lost = ''] = gatedHosts(scene);
      outpost.hosts = outpost.hosts.filter((host) => host !== lost);
      scene.series.push(router(lost, '400', 0.4));
      for (const pod of outpost.pods) {
        const random = scene.random.of(`no app ${pod.name}`);
        pod.log.push(...moments(random, random.int(5, 20), 800).flatMap((ago) => noApp(scene, outpost, ago, lost)));
      }
    },
    setting,
  );
}
