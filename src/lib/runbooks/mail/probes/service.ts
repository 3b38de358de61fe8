import { ENDPOINT_SLICES, SERVICES } from '../../../clients/kubernetes/kinds.ts';
import type { Json } from '../../../diagnosis/json.ts';
import type { Probe } from '../../../diagnosis/probe.ts';
import { collectService, type ServiceFacts } from '../../../mail/evidence/service.ts';
import { type Asked, dialService } from '../../../mail/gather.ts';
import { mayGet, mayList } from '../../evidence/needs.ts';
import { asJson, considered, requestOf, rowsFrom, settingsIn } from '../evidence/hop.ts';
import { judgeHops } from '../judge/judge-hop.ts';
import { GREETS_ID, SERVICE_ID, SETTINGS_ID, TURN_ID } from '../names.ts';
import { dialFailures } from './dialled.ts';

/** What the API knows of the Service. */
export const serviceEndpoints: Probe<Json> = {
  id: SERVICE_ID,
  title: 'Service',
  layer: 'service',
  dependsOn: [SETTINGS_ID],
  needs: (site) => [mayGet(SERVICES, site.mail.namespace.value), mayList(ENDPOINT_SLICES, site.mail.namespace.value)],
  kind: 'passive',
  cost: '1 Service, 1 list of EndpointSlices',
  question: 'Does the Service lead to a pod that is ready?',
  why: 'Webmail, the roundtrip monitor and every application send to the Service; the node ports stand on the same readiness.',
  byHand: (site) =>
    `kubectl -n ${site.mail.namespace.value} get svc ${site.mail.service.value} -o wide; kubectl -n ${site.mail.namespace.value} get endpointslices -l kubernetes.io/service-name=${site.mail.service.value}`,
  healthy: 'Every port is there, and one endpoint is ready.',
  failures: [
    { code: 'service.not-leading', meaning: 'There is no such Service, no such port, or no endpoint that is ready.' },
    { code: 'mail.service.no-endpoints', meaning: 'The Service leads nowhere.' },
  ],

  async collect({ client, site }) {
    return asJson(await collectService({ kubernetes: await client('kubernetes') }, site));
  },

  judge(evidence, given) {
    const rows = rowsFrom({ service: { state: 'answered', value: evidence } }, given);
    const judged = judgeHops(rows, ['service'], () => ({
      observation: 'service.not-leading',
      cause: 'mail.service.no-endpoints',
    }));
    // The API was asked, and answered; that nobody dialled it from here is another question.
    if (judged.verdict !== 'SKIP' || judged.reason !== 'vantage') return judged;
    const { readyEndpoints } = evidence as unknown as ServiceFacts;
    return {
      verdict: 'PASS',
      detail: `${readyEndpoints} ready endpoint${readyEndpoints === 1 ? '' : 's'}, every port is there`,
    };
  },
};

/** Dialled only from inside the cluster. */
export const serviceGreeting: Probe<Json> = {
  id: GREETS_ID,
  title: 'greeting by the Service',
  layer: 'service',
  dependsOn: [SETTINGS_ID, SERVICE_ID, TURN_ID],
  kind: 'request',
  cost: 'from a pod or a node only: 1 connection a port to the ClusterIP',
  timeoutMs: 40_000,
  question: 'Does the mail server greet who comes by the Service?',
  why: 'It is the way of webmail and of the roundtrip monitor. A ClusterIP answers inside the cluster only.',
  byHand: (site) => `nc -w15 ${site.mail.service.value}.${site.mail.namespace.value}.svc 25   # in a pod`,
  healthy: 'Greeting, STARTTLS and a valid certificate at every port.',
  failures: [...dialFailures('service', 'at the ClusterIP')],

  async collect(ask) {
    const facts = ask.given.answer<Json>(SERVICE_ID) as unknown as ServiceFacts;
    const [sockets, clock] = await Promise.all([ask.client('sockets'), ask.client('clock')]);
    return asJson(await dialService({ sockets, clock }, facts, requestOf(ask, ['service'])));
  },

  judge(evidence, given) {
    const asked = evidence as unknown as readonly Asked[];
    if (asked.length === 0) {
      const isInside = settingsIn(given).vantage.inCluster;
      const detail = isInside
        ? 'the Service leads nowhere'
        : `a ClusterIP does not answer ${settingsIn(given).vantage.name}`;
      return { verdict: 'SKIP', reason: isInside ? 'not-applicable' : 'vantage', detail };
    }
    const rows = rowsFrom(considered(given, ['service']), given, asked);
    return judgeHops(rows, ['service'], ({ phase, reason }) => ({
      observation:
        phase === 'connect'
          ? 'service.unreachable'
          : phase === 'certificate'
            ? 'service.certificate'
            : reason === 'auth-before-tls'
              ? 'service.auth-before-tls'
              : 'service.no-answer',
    }));
  },
};
