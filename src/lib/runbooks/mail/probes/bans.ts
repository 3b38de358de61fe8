import { PODS } from '../../../clients/kubernetes/kinds.ts';
import type { Json } from '../../../diagnosis/json.ts';
import type { Given, Judgement, Probe } from '../../../diagnosis/probe.ts';
import { InfraError } from '../../../errors.ts';
import { plainName } from '../../../mail/dns/dns-rows.ts';
import type { Asked } from '../../../mail/gather.ts';
import { CLAIMED } from '../../../mail/proxy-protocol.ts';
import type { Site } from '../../../site/site.ts';
import { mayExec, mayList } from '../../evidence/needs.ts';
import { records as objects, text } from '../../evidence/shape.ts';
import { count, some } from '../../words.ts';
import { settingsIn } from '../evidence/hop.ts';
import { recordRows } from '../evidence/records.ts';
import { siteIn } from '../evidence/settings.ts';
import { overlap } from '../judge/addresses.ts';
import { HAPROXY_ID, IPV4_ID, RECORDS_ID, SETTINGS_ID } from '../names.ts';

type Decision = { readonly value: string; readonly type: string; readonly scenario: string };
/** Null: there is no CrowdSec. */
export type BansEvidence = { readonly decisions: readonly Decision[] | null };

const namespaceOf = (site: Site): string => site.edge.crowdsec.namespace.value;
const SELECTOR = 'type=lapi';
const COMMAND = ['cscli', 'decisions', 'list', '-o', 'json'] as const;
const DIALLED = [HAPROXY_ID, IPV4_ID] as const;

/** Whether CrowdSec keeps out somebody whom mail needs. */
export const bans: Probe<BansEvidence> = {
  id: 'mail.outside.bans',
  title: 'bans',
  layer: 'nat',
  dependsOn: [SETTINGS_ID],
  considers: [RECORDS_ID, ...DIALLED],
  needs: (site) => [mayList(PODS, namespaceOf(site)), ...mayExec(namespaceOf(site))],
  kind: 'exec',
  cost: '1 list of pods, 1 cscli in CrowdSec’s pod',
  timeoutMs: 15_000,
  question: 'Is an address banned that mail depends on: the relay’s, the balancer’s, a node’s, our own?',
  why: 'CrowdSec reads the mail server’s log and bans at the firewall. Should the log show the balancer instead of the senders, it bans the balancer; a relay with one bad customer is banned with its whole range; and who asks too often bans himself.',
  byHand: (site) =>
    `kubectl -n ${namespaceOf(site)} exec $(kubectl -n ${namespaceOf(site)} get pod -l ${SELECTOR} -o name | head -1) -- ${COMMAND.join(' ')}`,
  healthy: 'No decision about any of them.',
  failures: [
    {
      code: 'ban.ours',
      meaning: 'An address is banned that mail comes by, or that sends for us by our own SPF record.',
    },
    { code: 'ban.vantage', meaning: 'This machine is banned: what it cannot reach says nothing.' },
    { code: 'mail.banned', meaning: 'A ban keeps mail out.' },
  ],

  async collect({ client, site }) {
    const namespace = namespaceOf(site);
    const kubernetes = await client('kubernetes');
    const [pod] = await kubernetes.list(PODS, { namespace, labelSelector: SELECTOR });
    if (pod === undefined) return { decisions: null };
    const done = await kubernetes.exec(namespace, pod.metadata.name, undefined, COMMAND, { timeoutMs: 10_000 });
    const parsed = done.exitCode === 0 ? parse(done.stdout) : undefined;
    if (parsed === undefined)
      throw new InfraError(
        'mail.malformed',
        'unavailable',
        `cscli in ${pod.metadata.name} printed no list of decisions.`,
      );
    const decisions = objects(parsed).flatMap((alert) => objects(alert.decisions));
    return {
      decisions: decisions.slice(0, 1000).map(({ value, type, scenario }) => ({
        value: text(value) ?? '',
        type: text(type) ?? '',
        scenario: text(scenario) ?? '',
      })),
    };
  },

  judge({ decisions }, given): Judgement {
    if (decisions === null) return { verdict: 'SKIP', reason: 'not-applicable', detail: 'there is no CrowdSec here' };
    const ours = addressesOf(given);
    const hits = decisions.flatMap(({ value, scenario }) => {
      const [who] =
        value === CLAIMED.ipv4 || value === CLAIMED.ipv6 ? [] : ours.filter(({ net }) => overlap(net, value));
      return who === undefined ? [] : [{ ...who, value, scenario }];
    });
    const [first] = hits;
    if (first === undefined)
      return { verdict: 'PASS', detail: `${count(decisions.length, 'decision')}, none about an address of mail` };
    const detail = some(hits.map(({ value, what, scenario }) => `${value} is banned (${scenario}): ${what}`));
    const needed = hits.filter(({ code }) => code === 'ban.ours');
    return {
      verdict: needed.length > 0 ? 'FAIL' : 'WARN',
      detail,
      observations: hits.map(({ code, value }) => ({ code, subject: value })),
      causes: needed.length > 0 ? [{ code: 'mail.banned', detail: needed.map(({ value }) => value).join(', ') }] : [],
    };
  },
};

type Ours = { readonly net: string; readonly what: string; readonly code: 'ban.ours' | 'ban.vantage' };

/** Addresses that mail needs, those that were asked about first. */
function addressesOf(given: Given): readonly Ours[] {
  const { mail } = siteIn(settingsIn(given));
  const asked = given.options.sender;
  const named: readonly (readonly [string | undefined, string])[] = [
    [typeof asked === 'string' ? asked : undefined, 'the sender that was asked about'],
    [mail.haproxy.value, 'the balancer'],
    ...(mail.nodes.value ?? []).map(({ name, address }) => [address, `the node ${name}`] as const),
    [mail.public.value?.ipv4, 'our own public address'],
    [mail.public.value?.ipv6, 'our own public address'],
    [mail.secondMx.value?.replace(/:\d+$/, ''), 'the second MX'],
    ...sendersBySpf(given).map((net) => [net, 'it sends for us, by our own SPF record'] as const),
  ];
  const needed = named.flatMap(([net, what]) => (net === undefined ? [] : [{ net, what, code: 'ban.ours' as const }]));
  const vantage = DIALLED.flatMap((id) => {
    const found = given.evidence<Json>(id);
    const connections =
      found.state === 'answered' ? (found.value as unknown as { readonly asked: readonly Asked[] }).asked : [];
    return connections.flatMap(({ report }) => report.localAddress ?? []);
  });
  return [
    ...needed,
    ...[...new Set(vantage)].map((net) => ({ net, what: 'this machine', code: 'ban.vantage' as const })),
  ];
}

/** The networks in our SPF record and in what it includes: the relay, by which the monitor sends too. */
function sendersBySpf(given: Given): readonly string[] {
  const found = given.evidence<Json>(RECORDS_ID);
  if (found.state === 'no-answer') return [];
  const { includes } = found.value as unknown as {
    readonly includes: readonly (readonly [string, { readonly text?: string }])[];
  };
  const own = recordRows(found.value, given)
    .filter(({ record }) => record === 'spf')
    .flatMap(({ got }) => got);
  const texts = [...own, ...includes.flatMap(([, { text: included }]) => included ?? [])];
  const nets = texts.flatMap((record) =>
    [...record.matchAll(/\bip[46]:(\S+)/gi)].map(([, net = '']) => plainName(net)),
  );
  return [...new Set(nets)];
}

/** `null` is what cscli prints for none. */
function parse(output: string): unknown {
  try {
    return JSON.parse(output) ?? [];
  } catch {
    return undefined;
  }
}
