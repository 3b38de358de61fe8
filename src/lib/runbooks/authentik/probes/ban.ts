import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import { InfraError } from '../../../errors.ts';
import type { LegEvidence } from '../evidence/edge.ts';
import { records, text } from '../evidence/shape.ts';
import { decode, isKeptOut } from '../judge/first-hop.ts';
import { PODS } from '../names.ts';
import { count, some } from '../words.ts';
import { CLOUDFLARE_ID } from './edge-cloudflare.ts';

/** Own decisions of CrowdSec; null: nothing was asked, because some host let us in, or because there is no CrowdSec. */
export type BanEvidence = {
  readonly decisions: readonly { readonly value: string; readonly type: string; readonly scenario: string }[] | null;
};

const NAMESPACE = 'crowdsec';
const SELECTOR = 'type=lapi';
const COMMAND = ['cscli', 'decisions', 'list', '-o', 'json'] as const;

/** Whether we ourselves are kept out. */
export const ban: Probe<BanEvidence> = {
  id: 'authentik.context.ban',
  title: 'bans',
  layer: 'context',
  dependsOn: [CLOUDFLARE_ID],
  kind: 'exec',
  cost: 'only after 403 or 429: 1 list of pods, 1 cscli',
  question: 'When somebody refuses us: does CrowdSec ban this address?',
  why: '403 and 429 say nothing about logins. A ban of the one who asks must not look like an outage.',
  byHand: () =>
    `kubectl -n ${NAMESPACE} exec $(kubectl -n ${NAMESPACE} get pod -l ${SELECTOR} -o name | head -1) -- ${COMMAND.join(' ')}`,
  healthy: 'No decision about this address.',
  failures: [
    {
      code: 'context.bans',
      meaning: 'CrowdSec has decisions of its own: compare them with the address of this machine.',
    },
  ],

  async collect({ client, given }) {
    const { hosts } = given.answer<LegEvidence>(CLOUDFLARE_ID);
    if (!isKeptOut(hosts.map(({ first }) => decode(first)))) return { decisions: null };
    const kubernetes = await client('kubernetes');
    const [pod] = await kubernetes.list(PODS, { namespace: NAMESPACE, labelSelector: SELECTOR });
    if (pod === undefined) return { decisions: null };
    const done = await kubernetes.exec(NAMESPACE, pod.metadata.name, undefined, COMMAND, { timeoutMs: 8000 });
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

/** `null` is what cscli prints for none. */
function parse(output: string): unknown {
  try {
    return JSON.parse(output) ?? [];
  } catch {
    return undefined;
  }
}
