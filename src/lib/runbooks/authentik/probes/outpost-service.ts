import { ENDPOINT_SLICES, SERVICES } from '../../../clients/kubernetes/kinds.ts';
import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import { InfraError } from '../../../errors.ts';
import { mayList } from '../../evidence/needs.ts';
import type { PodFact } from '../../evidence/pods.ts';
import { labels, record, records, text } from '../../evidence/shape.ts';
import { count, some } from '../../words.ts';
import { outpostsOf } from '../evidence/outposts.ts';
import { OUTPOST_LABEL } from '../names.ts';
import { PODS_ID } from './pods.ts';

/** A Service, whom it selects, and the addresses that are ready behind it. */
export type ServiceFact = {
  readonly name: string;
  readonly selector: Readonly<Record<string, string>>;
  /** The outpost that it belongs to. */
  readonly outpost: string;
  readonly ready: readonly string[];
  readonly notReady: number;
};

/** Whether requests reach the outposts' pods. */
export const outpostService: Probe<readonly ServiceFact[]> = {
  id: 'authentik.outpost.service',
  title: 'outpost Service',
  layer: 'outpost',
  dependsOn: [PODS_ID],
  needs: (site) => [SERVICES, ENDPOINT_SLICES].map((kind) => mayList(kind, site.authentik.namespace.value)),
  kind: 'passive',
  cost: '1 list of Services, 1 of EndpointSlices',
  question: "Does each outpost's Service select its pods?",
  why: "Authentik's controller writes the Service, and the selector of a server-embedded outpost selects the server. When it flips, healthy pods get no request, and every host falls back to a password prompt.",
  byHand: (site) => `kubectl -n ${site.authentik.namespace.value} get svc,endpointslices -l ${OUTPOST_LABEL} -o wide`,
  healthy: 'One address for each ready pod of the outpost.',
  failures: [
    {
      code: 'authentik.outpost.service-selector',
      meaning: 'The Service selects no pod of its outpost although pods are ready.',
    },
    { code: 'outpost.no-endpoints', meaning: 'Nothing is ready behind the Service.' },
    { code: 'outpost.endpoints-missing', meaning: 'Fewer addresses than ready pods.' },
  ],

  async collect({ client, site }) {
    const kubernetes = await client('kubernetes');
    const namespace = site.authentik.namespace.value;
    const [services, slices] = await Promise.all([
      kubernetes.list(SERVICES, { namespace }),
      kubernetes.list(ENDPOINT_SLICES, { namespace }),
    ]);
    // Kubernetes writes one for every Service with a selector, also when nothing is ready behind it.
    if (services.length > 0 && slices.length === 0) {
      const message = `The cluster lists ${count(services.length, 'Service')} in ${namespace} and not one EndpointSlice.`;
      throw new InfraError('authentik.service.empty', 'unavailable', message);
    }
    return services.flatMap((service): ServiceFact[] => {
      const outpost = service.metadata.labels?.[OUTPOST_LABEL] ?? /^ak-outpost-(.+)$/.exec(service.metadata.name)?.[1];
      if (outpost === undefined) return [];
      const own = slices.filter(
        (slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name,
      );
      const endpoints = own.flatMap((slice) => records(slice.endpoints));
      const isReady = (endpoint: Readonly<Record<string, unknown>>): boolean =>
        record(endpoint.conditions).ready !== false;
      const named = (endpoint: Readonly<Record<string, unknown>>): string =>
        text(record(endpoint.targetRef).name) ??
        String((endpoint.addresses as readonly unknown[] | undefined)?.[0] ?? '');
      return [
        {
          name: service.metadata.name,
          selector: labels(record(service.spec).selector),
          outpost,
          ready: endpoints.filter(isReady).map(named).sort(),
          notReady: endpoints.filter((endpoint) => !isReady(endpoint)).length,
        },
      ];
    });
  },

  judge(services, given): Judgement {
    const pods = given.answer<readonly PodFact[]>(PODS_ID);
    const outposts = outpostsOf(pods);
    if (services.length === 0) {
      const detail = 'no Service belongs to an outpost: forward authentication has nowhere to go';
      return { verdict: 'UNKNOWN', reason: 'empty', detail };
    }
    const problems = services.flatMap((service) => {
      const own = outposts.find(({ name }) => name === service.outpost);
      // Without pods of its own the Service must select the server, which then is the outpost.
      const expected = (own ?? outposts.find(({ embedded }) => embedded))?.pods ?? [];
      return problemOf(service, expected);
    });
    if (problems.length === 0) {
      const detail = services
        .map(({ name, ready }) => `${name}: ${count(ready.length, 'address', 'addresses')}`)
        .join(', ');
      return { verdict: 'PASS', detail };
    }
    return {
      verdict: problems.some(({ fails }) => fails) ? 'FAIL' : 'WARN',
      detail: problems.map(({ words }) => words).join('; '),
      observations: problems.map(({ code, service }) => ({ code, subject: service })),
      causes: problems.flatMap(({ isSelector, words }) =>
        isSelector ? [{ code: 'authentik.outpost.service-selector', detail: words }] : [],
      ),
    };
  },
};

type Problem = {
  readonly service: string;
  readonly words: string;
  readonly code: string;
  readonly fails: boolean;
  readonly isSelector: boolean;
};

function problemOf(service: ServiceFact, expected: readonly PodFact[]): Problem[] {
  const { name, selector, ready } = service;
  const serving = expected.filter((pod) => pod.ready);
  const selected = serving.filter((pod) => selects(selector, pod));
  const base = { service: name, fails: true, code: 'outpost.no-endpoints' };
  if (serving.length > 0 && selected.length === 0) {
    const wanted = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
    return [
      {
        ...base,
        isSelector: true,
        words: `${name} selects ${some(wanted)}, which none of its ${serving.length} ready pods has`,
      },
    ];
  }
  if (ready.length === 0 && serving.length > 0)
    return [
      {
        ...base,
        isSelector: true,
        words: `${name} has no ready address although ${count(serving.length, 'pod')} are ready`,
      },
    ];
  if (ready.length === 0)
    return [{ ...base, isSelector: false, words: `${name} has no ready address: no pod is ready` }];
  if (ready.length < serving.length) {
    const words = `${name} has ${count(ready.length, 'address', 'addresses')} for ${serving.length} ready pods`;
    return [{ service: name, fails: false, isSelector: false, code: 'outpost.endpoints-missing', words }];
  }
  return [];
}

/** True when the pod has every label of the selector. An empty selector selects nothing by itself. */
function selects(selector: Readonly<Record<string, string>>, pod: PodFact): boolean {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([key, value]) => pod.labels[key] === value);
}
