import { INGRESSES } from '../../../clients/kubernetes/kinds.ts';
import type { Ask, Missing, Probe } from '../../../diagnosis/probe.ts';
import type { Site } from '../../../site/site.ts';
import { mayList } from '../../evidence/needs.ts';
import { maybe, record, records, text } from '../../evidence/shape.ts';
import { momentWords, some } from '../../words.ts';
import { MOST_HOSTS } from '../evidence/edge.ts';
import { rememberedHosts } from '../evidence/remembered-hosts.ts';
import { FORWARD_AUTH, FORWARD_AUTH_MIDDLEWARE, MIDDLEWARE_ANNOTATION } from '../names.ts';

export const HOSTS_ID = 'authentik.edge.hosts';

/** Hosts to ask, and who says that they are protected. */
export type HostsEvidence = {
  readonly source: 'option' | 'infra.yaml' | 'ingresses' | 'last run';
  readonly hosts: readonly string[];
  /** The middleware of each host: hosts of one middleware share an outpost. */
  readonly by?: Readonly<Record<string, string>>;
  /** All hosts that were found, asked or not; undefined when only some were named. */
  readonly found?: number;
  /** The host of Authentik itself. */
  readonly authentik?: string;
  /** Why the cluster gave no list, and since when these hosts are known instead. */
  readonly missing?: Missing & { readonly since: string };
};

/** Hosts behind these would answer a program with a riddle, which says nothing about logins. */
const BOT_CHECK = /anubis|captcha|bouncer-appsec|bot-check/i;

/** Which hosts Authentik protects. */
export const edgeHosts: Probe<HostsEvidence> = {
  id: HOSTS_ID,
  title: 'protected hosts',
  layer: 'edge',
  needs: (site) => (site.edge.hosts.value === undefined ? [mayList(INGRESSES)] : []),
  kind: 'passive',
  cost: '1 list of Ingresses',
  // Visitors are asked all the same when the API server hangs: a healthy one lists in a fraction of this.
  timeoutMs: 5000,
  question: 'Which hosts does Authentik protect, and which of them are asked?',
  why: 'A host that is not protected, or that no Ingress knows, answers something too. Only those with the middleware can show whether logins work.',
  byHand: () =>
    `kubectl get ingress -A -o custom-columns='HOST:.spec.rules[*].host,MIDDLEWARES:.metadata.annotations.traefik\\.ingress\\.kubernetes\\.io/router\\.middlewares' | grep ${FORWARD_AUTH_MIDDLEWARE}`,
  healthy: 'At least two protected hosts: with one only, nobody can tell a fault of the host from one of the platform.',
  failures: [{ code: 'edge.no-protected-host', meaning: 'No Ingress names the middleware.' }],

  collect: (ask) => {
    const named = ask.options.hosts;
    if (Array.isArray(named) && named.length > 0) return Promise.resolve(given(ask.site, 'option', named.map(String)));
    const configured = ask.site.edge.hosts.value;
    if (configured !== undefined) return Promise.resolve(given(ask.site, 'infra.yaml', configured));
    return fromIngresses(ask);
  },

  fallback: (missing, { site, remembered }) => rememberedHosts(missing, remembered, hostOf(site)),

  judge({ source, hosts, found, missing }) {
    if (missing !== undefined) {
      const since = `asked are those of the run of ${momentWords(missing.since)}: ${some(hosts, MOST_HOSTS)}`;
      return { verdict: 'UNKNOWN', reason: missing.reason, detail: `${missing.message}; ${since}` };
    }
    if (hosts.length === 0) {
      const detail = `no Ingress names ${FORWARD_AUTH_MIDDLEWARE}: name a host with --host`;
      return { verdict: 'UNKNOWN', reason: 'empty', detail };
    }
    const of = found === undefined || found === hosts.length ? '' : ` of ${found}`;
    return { verdict: 'PASS', detail: `${hosts.length}${of} asked: ${some(hosts, MOST_HOSTS)} (${SAID[source]})` };
  },
};

const SAID = { option: '--host', 'infra.yaml': 'edge.hosts', ingresses: 'Ingresses', 'last run': 'last run' } as const;

/** Whether somebody says that the hosts ask for a login; of hosts that were merely named nobody does. */
export const isProtected = ({ source }: HostsEvidence): boolean => source === 'ingresses' || source === 'last run';

function given(site: Site, source: HostsEvidence['source'], hosts: readonly string[]): HostsEvidence {
  return { source, hosts: [...new Set(hosts)].slice(0, MOST_HOSTS), ...maybe('authentik', hostOf(site)) };
}

async function fromIngresses({ client, site }: Ask): Promise<HostsEvidence> {
  const ingresses = await (await client('kubernetes')).list(INGRESSES);
  const facts = ingresses.map((ingress) => ({
    namespace: ingress.metadata.namespace,
    middlewares: ingress.metadata.annotations?.[MIDDLEWARE_ANNOTATION] ?? '',
    hosts: records(record(ingress.spec).rules).flatMap(({ host }) => text(host) ?? []),
    services: records(record(ingress.spec).rules)
      .flatMap(({ http }) => records(record(http).paths))
      .flatMap(({ backend }) => text(record(record(backend).service).name) ?? []),
  }));
  const isPlain = (host: string): boolean => !host.includes('*');
  const guarded = facts.flatMap(({ middlewares, hosts }) => {
    const by = BOT_CHECK.test(middlewares) ? undefined : FORWARD_AUTH.exec(middlewares)?.[0];
    return by === undefined ? [] : hosts.filter(isPlain).map((host) => ({ host, by }));
  });
  const all = [...new Set(guarded.map(({ host }) => host))].sort();
  // Authentik's controller makes Ingresses for outposts in the same namespace: those lead to an outpost's Service.
  const own = facts
    .filter(
      ({ namespace, services }) =>
        namespace === site.authentik.namespace.value && services.some((name) => !name.startsWith('ak-outpost-')),
    )
    .flatMap(({ hosts }) => hosts.filter(isPlain))[0];
  const asked = chosen(guarded);
  return {
    source: 'ingresses',
    hosts: asked.map(({ host }) => host),
    by: Object.fromEntries(asked.map(({ host, by }) => [host, by])),
    found: all.length,
    ...maybe('authentik', own ?? hostOf(site)),
  };
}

type Guarded = { readonly host: string; readonly by: string };

/** Some of many, the same ones each time: one of each middleware, which asks an outpost of its own, then more of the largest. */
function chosen(guarded: readonly Guarded[]): readonly Guarded[] {
  const of = (name: string): readonly Guarded[] =>
    guarded
      .filter(({ by, host }, index) => by === name && guarded.findIndex((other) => other.host === host) === index)
      .sort((a, b) => a.host.localeCompare(b.host, 'en'));
  const groups = [...new Set(guarded.map(({ by }) => by))]
    .sort()
    .map(of)
    .sort((a, b) => b.length - a.length);
  const firsts = groups.flatMap((group) => group.slice(0, 1));
  const rest = groups.flatMap((group) => group.slice(1));
  return [...firsts, ...rest].slice(0, MOST_HOSTS).sort((a, b) => a.host.localeCompare(b.host, 'en'));
}

/** The name in authentik.url; an address is where the API is reached, not where people log in. */
function hostOf(site: Site): string | undefined {
  const { value } = site.authentik.url;
  const host = value === undefined ? undefined : new URL(value).hostname;
  return host === undefined || /^[0-9.]+$|:|^localhost$/.test(host) ? undefined : host;
}
