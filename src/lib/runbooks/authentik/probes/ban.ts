import type { AccessQuestion } from '../../../clients/kubernetes/client.ts';
import { PODS } from '../../../clients/kubernetes/kinds.ts';
import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import { InfraError } from '../../../errors.ts';
import type { Site } from '../../../site/site.ts';
import { mayExec, mayList } from '../../evidence/needs.ts';
import { records, text } from '../../evidence/shape.ts';
import { count, some } from '../../words.ts';
import type { LegEvidence } from '../evidence/edge.ts';
import { decode, isKeptOut } from '../judge/first-hop.ts';
import { CLOUDFLARE_ID } from './edge-cloudflare.ts';

/** Own decisions of CrowdSec; null: nothing was asked, because some host let us in, or because there is no CrowdSec. */
export type BanEvidence = {
  readonly decisions: readonly { readonly value: string; readonly type: string; readonly scenario: string }[] | null;
};

const SELECTOR = 'type=lapi';
const COMMAND = ['cscli', 'decisions', 'list', '-o', 'json'] as const;

/** Whether we ourselves are kept out. */
export const ban: Probe<BanEvidence> = {
  id: 'authentik.context.ban',
  title: 'bans',
  layer: 'context',
  dependsOn: [CLOUDFLARE_ID],
  wishes: rights,
  kind: 'exec',
  cost: 'only after 403 or 429: 1 list of pods, 1 cscli',
  question: 'When somebody refuses us: does CrowdSec ban this address?',
  why: '403 and 429 say nothing about logins. A ban of the one who asks must not look like an outage.',
  byHand: (site) => {
    const there = `kubectl -n ${site.edge.crowdsec.namespace.value}`;
    return `${there} exec $(${there} get pod -l ${SELECTOR} -o name | head -1) -- ${COMMAND.join(' ')}`;
  },
  healthy: 'No decision about this address.',
  failures: [
    {
      code: 'context.bans',
      meaning: 'CrowdSec has decisions of its own: compare them with the address of this machine.',
    },
  ],

  async collect({ client, given, refused, site }) {
    const { hosts } = given.answer<LegEvidence>(CLOUDFLARE_ID);
    if (!isKeptOut(hosts.map(({ first }) => decode(first)))) return { decisions: null };
    const missing = await refused(rights(site));
    if (missing !== undefined) throw new InfraError('authentik.ban.forbidden', 'denied', missing);
    const kubernetes = await client('kubernetes');
    const namespace = site.edge.crowdsec.namespace.value;
    const [pod] = await kubernetes.list(PODS, { namespace, labelSelector: SELECTOR });
    if (pod === undefined) return { decisions: null };
    const done = await kubernetes.exec(namespace, pod.metadata.name, undefined, COMMAND, { timeoutMs: 8000 });
    const parsed = done.exitCode === 0 ? parse(done.stdout) : undefined;
    if (parsed === undefined)
      throw new InfraError(
        'authentik.ban.malformed',
        'unavailable',
        `cscli in ${pod.metadata.name} printed no list of decisions.`,
      );
    const decisions = records(parsed).flatMap((alert) => records(alert.decisions));
    return {
      decisions: decisions.slice(0, 100).map(({ value, type, scenario }) => ({
        value: text(value) ?? '',
        type: text(type) ?? '',
        scenario: text(scenario) ?? '',
      })),
    };
  },

  judge({ decisions }): Judgement {
    if (decisions === null)
      return { verdict: 'SKIP', reason: 'not-applicable', detail: 'nobody keeps us out, or there is no CrowdSec here' };
    if (decisions.length === 0)
      return { verdict: 'PASS', detail: 'CrowdSec has no decision of its own: somebody else refuses us' };
    const words = decisions.map(({ type, value, scenario }) => `${type} ${value} (${scenario})`);
    const detail = `${count(decisions.length, 'decision')}: ${some(words)}; is one of them this machine?`;
    return { verdict: 'WARN', detail, observations: [{ code: 'context.bans' }] };
  },
};

/** Needed only where somebody keeps us out. */
function rights({ edge }: Site): readonly AccessQuestion[] {
  const namespace = edge.crowdsec.namespace.value;
  return [mayList(PODS, namespace), ...mayExec(namespace)];
}

/** `null` is what cscli prints for none. */
function parse(output: string): unknown {
  try {
    return JSON.parse(output) ?? [];
  } catch {
    return undefined;
  }
}
