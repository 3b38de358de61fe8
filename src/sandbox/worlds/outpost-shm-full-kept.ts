import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
import { firstOutpost } from './authentik/edits.ts';
import { failingTraffic, fillShm, withoutPatch } from './authentik/full-shm.ts';

/** How far the kubelet's file reaches back here. */
const REACH_MS = 2 * 3_600_000;

/** The outpost's /dev/shm is full since long before its log begins; Loki kept how it began. */
export function outpostShmFullKept(setting?: Setting): World {
  return authentikWorld(
    'april',
    (scene) => {
      const outpost = firstOutpost(scene);
      withoutPatch(scene, outpost);
      fillShm(scene, outpost, 'go');
      failingTraffic(scene, '400', outpost.hosts);
      const lines = outpost.pods.flatMap((pod) => {
        const { age, fullSince = age } = pod;
        const at = (secondsAgo: number) => new Date(scene.now - secondsAgo * 1000).toISOString();
        pod.log = pod.log.filter((line) => Date.parse(line.at ?? '') > scene.now - REACH_MS);
        const failed = pod.log.find(({ text }) => text.includes('no space left'))?.text ?? '';
        const kept = { namespace: outpost.namespace, pod: pod.name };
        return [
          { ...kept, at: at(age - 5), text: '{"event":"Starting HTTP server","level":"info"}' },
          { ...kept, at: at(fullSince), text: failed },
          ...pod.log.map(({ text, at: when = at(1) }) => ({ ...kept, at: when, text })),
        ];
      });
      scene.more.push((world) => ({ ...world, loki: { lines } }));
    },
    setting,
  );
}
