import type { Judgement } from '../../../diagnosis/probe.ts';
import { some } from '../../words.ts';
import type { HostFact, LegEvidence } from '../evidence/edge.ts';
import { decode, FAILURES, type FirstHop, isBad, isKeptOut, MEANS } from './first-hop.ts';

/** What a leg says. `prefix` is put before its observations, so that two ways to the same host stay apart. */
export function judgeLeg(leg: LegEvidence, prefix: 'cloudflare' | 'direct', isAnnotated: boolean): Judgement {
  const judged = judgeHosts(leg, prefix, isAnnotated);
  const { silent } = leg;
  if (silent === undefined) return judged;
  const note =
    silent.why === undefined
      ? `by ${leg.by}: ${silent.address} does not answer from here`
      : `no port-forward: ${silent.why}`;
  return { ...judged, detail: `${judged.detail}; ${note}` };
}

function judgeHosts({ hosts }: LegEvidence, prefix: 'cloudflare' | 'direct', isAnnotated: boolean): Judgement {
  const seen = hosts.map((host) => ({ host, kind: decode(host.first) }));
  const of = (kind: FirstHop): readonly string[] =>
    seen.filter((one) => one.kind === kind).map(({ host }) => host.first.host);
  const bad = seen.filter(({ kind }) => isBad(kind));
  const silent = of('unreachable');
  if (hosts.length === 0) return { verdict: 'UNKNOWN', reason: 'empty', detail: 'there is no protected host to ask' };
  // Nobody answered at all: that may be where we stand, or our name server, and not what is asked about. A name server
  // that answered, and has no such name, is no silence.
  const isNamed = hosts.some(({ first }) => first.reason !== 'empty');
  if (silent.length === hosts.length && (prefix === 'direct' || isNamed)) {
    const { reason = 'unreachable', message = '' } = hosts.find(({ first }) => first.reason !== 'empty')?.first ?? {};
    const who = prefix === 'direct' ? 'Traefik does not answer' : 'no host answers';
    return { verdict: 'UNKNOWN', reason, detail: `${who} from here: ${message}` };
  }
  if (bad.length > 0) {
    const kinds = [...new Set(bad.map(({ kind }) => kind))];
    const words = kinds.map((kind) => {
      const names = of(kind);
      const who = names.length === hosts.length ? '' : ` (${some(names)})`;
      return `${names.length} of ${hosts.length} hosts give ${MEANS[kind]}${who}`;
    });
    const observations = bad.map(({ host, kind }) => ({ code: `${prefix}.${kind}`, subject: host.first.host }));
    const apps = of('no-app').map((name) => ({ code: 'authentik.outpost.unknown-host', detail: name }));
    return { verdict: 'FAIL', detail: words.join('; '), observations, causes: apps, data: figures(seen) };
  }
  return well(seen, prefix, isAnnotated);
}

type Seen = readonly { readonly host: HostFact; readonly kind: FirstHop }[];

function well(seen: Seen, prefix: string, isAnnotated: boolean): Judgement {
  const names = (...kinds: readonly FirstHop[]): readonly string[] =>
    seen.filter(({ kind }) => kinds.includes(kind)).map(({ host }) => host.first.host);
  const logins = names('login', 'denied');
  const blocked = names('blocked');
  const open = names('open', 'elsewhere');
  const notes = [
    `${logins.length} of ${seen.length} hosts go to the login`,
    ...(blocked.length === 0 ? [] : [`${some(blocked)} refused`]),
    ...(open.length === 0 ? [] : [`${some(open)} without a login`]),
  ];
  const detail = notes.join(', ');
  const data = figures(seen);
  if (isKeptOut(seen.map(({ kind }) => kind))) return { verdict: 'UNKNOWN', reason: 'blocked', detail, data };
  const untrusted = seen.flatMap(({ host: { first } }) =>
    first.tls === undefined ? [] : [`${first.host}: ${first.tls}`],
  );
  if (prefix === 'cloudflare' && untrusted.length > 0) {
    const observations = [{ code: 'cloudflare.certificate' }];
    return { verdict: 'WARN', detail: `${detail}; certificate of ${some(untrusted)}`, observations, data };
  }
  if (open.length > 0 && (isAnnotated || logins.length === 0)) {
    return {
      verdict: 'WARN',
      detail,
      data,
      observations: open.map((subject) => ({ code: `${prefix}.open`, subject })),
    };
  }
  return { verdict: 'PASS', detail, data };
}

function figures(
  seen: Seen,
): readonly { readonly host: string; readonly status: number | null; readonly means: FirstHop }[] {
  return seen.map(({ host, kind }) => ({ host: host.first.host, status: host.first.status ?? null, means: kind }));
}

/** The rows of the runbook's table for one leg. */
export function legFailures(
  prefix: 'cloudflare' | 'direct',
): readonly { readonly code: string; readonly meaning: string }[] {
  const rows = Object.entries(FAILURES).map(([kind, meaning]) => ({ code: `${prefix}.${kind}`, meaning }));
  return [
    ...rows,
    ...(prefix === 'cloudflare'
      ? [{ code: 'cloudflare.certificate', meaning: 'The certificate is not one that a browser trusts.' }]
      : []),
    { code: 'authentik.outpost.unknown-host', meaning: 'The outpost says that it knows no application for the host.' },
  ];
}
