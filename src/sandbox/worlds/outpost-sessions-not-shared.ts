import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { firstOutpost } from './authentik/edits.ts';
import { moments } from './authentik/lines.ts';
import { MIB, memory } from './authentik/outposts.ts';
import { sessionLost } from './authentik/session-lines.ts';
import { request, started } from './authentik/traffic.ts';

/** Two replicas of an outpost that keeps sessions in files: whoever comes back to the other one starts again. */
export function outpostSessionsNotShared(setting?: Setting): World {
  return authentikWorld(
    'april',
    (scene) => {
      const outpost = firstOutpost(scene);
      const [first] = outpost.pods;
      if (first === undefined) throw new Error('an outpost has a pod');
      outpost.replicas = 2;
      outpost.pods = [
        first,
        {
          ...first,
          name: `${first.name.slice(0, -5)}${scene.random.text(5, 'bcdfghjklm')}`,
          node: 'k8s-node4',
          log: [],
        },
      ];
      for (const pod of outpost.pods) {
        const random = scene.random.of(`lost ${pod.name}`);
        pod.age = random.int(20, 90) * 3600;
        pod.shm = memory(2048 * MIB, scene, pod.name, Math.floor(pod.age / 60) * 9, 9, 'base32');
        pod.quiet = true;
        pod.log = [
          ...started(scene, outpost, pod.age),
          ...moments(random, 60, 3000).map((ago) => request(scene, outpost, ago, random.pick(outpost.hosts), 302)),
          ...moments(random, random.int(15, 40), 3000).flatMap((ago) =>
            sessionLost(scene, outpost, ago, random.pick(outpost.hosts)),
          ),
        ];
      }
    },
    setting,
  );
}
