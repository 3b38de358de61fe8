import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { crashing, firstOutpost } from './authentik/edits.ts';
import { failingTraffic } from './authentik/full-shm.ts';
import { MIB, memory } from './authentik/outposts.ts';
import { served, started } from './authentik/traffic.ts';

/** /dev/shm may grow to 512 MiB, the container may use 256 MiB with it: it is killed, again and again. */
export function outpostOomKilled(setting?: Setting): World {
  return authentikWorld(
    'april',
    (scene) => {
      const outpost = firstOutpost(scene);
      outpost.dshm = '512Mi';
      outpost.memoryLimit = '256Mi';
      const secondsAgo = scene.random.int(30, 200);
      crashing(outpost, { reason: 'OOMKilled', exitCode: 137, secondsAgo }, scene.random.int(6, 40));
      for (const pod of outpost.pods) {
        pod.shm = memory(512 * MIB, scene, pod.name, (scene.random.int(225, 240) * MIB) / 4096, 0, 'base32');
        pod.quiet = true;
        pod.log = [...started(scene, outpost, secondsAgo + 40), ...served(scene, outpost)];
        pod.previous = [...started(scene, outpost, secondsAgo + 400)];
        scene.events.push({
          reason: 'BackOff',
          message: `Back-off restarting failed container proxy in pod ${pod.name}`,
          object: pod.name,
          kind: 'Pod',
          secondsAgo: 30,
        });
      }
      failingTraffic(scene, '401', outpost.hosts);
    },
    setting,
  );
}
