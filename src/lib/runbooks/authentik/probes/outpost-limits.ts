import { LIMIT_RANGES } from '../../../clients/kubernetes/kinds.ts';
import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import { quantityBytes } from '../../../users/quantity.ts';
import { mayList } from '../../evidence/needs.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { record, records, text } from '../../evidence/shape.ts';
import { sizeWords, some } from '../../words.ts';
import { outpostContainer, outpostsOf } from '../evidence/outposts.ts';
import { PODS_ID } from './pods.ts';

/** Memory limits that the namespace gives to containers which name none. */
export type DefaultLimits = readonly { readonly name: string; readonly memoryBytes: number }[];

/** What the process itself needs besides the folder. */
const HEADROOM_BYTES = 64 * 1024 * 1024;

/** Whether the folder can fill at all before the container is killed for it. */
export const outpostLimits: Probe<DefaultLimits> = {
  id: 'authentik.outpost.limits',
  title: 'outpost memory limit',
  layer: 'outpost',
  dependsOn: [PODS_ID],
  needs: (site) => [mayList(LIMIT_RANGES, site.authentik.namespace.value)],
  kind: 'passive',
  cost: '1 list of LimitRanges',
  question: 'Is the memory limit of the outpost larger than its /dev/shm?',
  why: 'tmpfs counts as memory of the container. A LimitRange gives 256 MiB to whoever names no limit: then the container is killed long before a folder of 512 MiB is full.',
  byHand: (site) =>
    `kubectl -n ${site.authentik.namespace.value} get limitrange,pods -o jsonpath='{range .items[*]}{.kind} {.metadata.name} {.spec.limits[*].default.memory} {.spec.containers[*].resources.limits.memory} {.spec.volumes[?(@.name=="dshm")].emptyDir.sizeLimit}{"\\n"}{end}'`,
  healthy: 'limits.memory is at least sizeLimit and what the process needs, such as 2560Mi for 2Gi.',
  failures: [{ code: 'outpost.limit-below-shm', meaning: 'The container is killed before its /dev/shm is full.' }],

  async collect({ client, site }) {
    const found = await (await client('kubernetes')).list(LIMIT_RANGES, { namespace: site.authentik.namespace.value });
    return found.flatMap((range) =>
      records(record(range.spec).limits).flatMap((limit) => {
        const memoryBytes = quantityBytes(text(record(limit.default).memory) ?? '');
        return limit.type !== 'Container' || memoryBytes === undefined
          ? []
          : [{ name: range.metadata.name, memoryBytes }];
      }),
    );
  },

  judge(defaults, given): Judgement {
    const pods = outpostsOf(given.answer<readonly PodFact[]>(PODS_ID)).flatMap((outpost) => outpost.pods);
    const sized = pods.filter(({ shm }) => shm !== undefined);
    const low = sized.filter((pod) => {
      const limit = outpostContainer(pod)?.memoryLimitBytes;
      const size = pod.shm?.sizeLimitBytes;
      return limit !== undefined && size !== undefined && limit < size + HEADROOM_BYTES;
    });
    if (low.length > 0) {
      const words = low.map((pod) => {
        const limit = outpostContainer(pod)?.memoryLimitBytes ?? 0;
        const giver = defaults.find(({ memoryBytes }) => memoryBytes === limit);
        const by = giver === undefined ? '' : ` (the default of LimitRange ${giver.name})`;
        return `${pod.name}: limit ${sizeWords(limit)}${by}, /dev/shm up to ${sizeWords(pod.shm?.sizeLimitBytes ?? 0)}`;
      });
      const observations = low.map(({ name }) => ({ code: 'outpost.limit-below-shm', subject: name }));
      return { verdict: 'WARN', detail: some(words, 2), observations };
    }
    if (sized.length === 0)
      return { verdict: 'PASS', detail: 'no volume at /dev/shm: the runtime gives 64 MiB, which no limit undercuts' };
    return {
      verdict: 'PASS',
      detail: `${sized.length} of ${pods.length} pods have a volume at /dev/shm, each below its limit`,
    };
  },
};
