import type { Json } from '../../../diagnosis/json.ts';
import type { Ask, EvidenceState, Given } from '../../../diagnosis/probe.ts';
import { type Asked, dial, type Gathered, type Request } from '../../../mail/gather.ts';
import { HOPS, type Hop, type Row } from '../../../mail/hops.ts';
import { PROTOCOLS } from '../../../mail/ports.ts';
import { rowsOf } from '../../../mail/verdict/rows.ts';
import * as ids from '../names.ts';
import { type Settings, siteIn } from './settings.ts';

/** The probe that asks each hop. */
const ASKED_BY: Readonly<Record<Hop, string>> = {
  pod: ids.LISTENERS_ID,
  'pod-proxy': ids.LISTENERS_ID,
  service: ids.SERVICE_ID,
  'node-health': ids.HEALTH_ID,
  'node-proxy': ids.PROXY_ID,
  'haproxy-state': ids.POOL_ID,
  haproxy: ids.HAPROXY_ID,
  nat: ids.NAT_ID,
  'public-ipv4': ids.IPV4_ID,
  'public-ipv6': ids.IPV6_ID,
  'second-mx': ids.SECOND_ID,
  roundtrip: ids.ROUNDTRIP_ID,
};

/** What is known of some hops. */
export type HopEvidence = Readonly<Partial<Record<Hop, EvidenceState>>>;

/** Ids of the probes that ask these hops, each once. */
export function probesOf(hops: readonly Hop[]): readonly string[] {
  return [...new Set(hops.map((hop) => ASKED_BY[hop]))];
}

/** Evidence of the mail room as JSON: `undefined` in it is the same as absent. */
export function asJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

/** The settings that this probe stands on. */
export function settingsIn(given: Pick<Given, 'answer'>): Settings {
  return given.answer(ids.SETTINGS_ID) as unknown as Settings;
}

/** A run of `mail check-ports` over these hops: one connection a port, one node of the pool. */
export function requestOf({ site, given, signal }: Ask, hops: readonly Hop[]): Request {
  return {
    site,
    serverName: site.mail.hostname.value ?? '',
    selection: { hops, protocols: PROTOCOLS, deep: false },
    vantage: settingsIn(given).vantage,
    // A runbook tells how long it waited in a finding, not while it waits.
    say: () => {},
    signal,
  };
}

/** Makes the connections of one hop. */
export async function dialHop(ask: Ask, hop: Hop): Promise<Json> {
  const [sockets, clock] = await Promise.all([ask.client('sockets'), ask.client('clock')]);
  return asJson(await dial({ sockets, clock }, requestOf(ask, [hop])));
}

/** What other probes know of hops. */
export function considered(given: Given, hops: readonly Hop[]): HopEvidence {
  return Object.fromEntries(hops.map((hop) => [hop, given.evidence(ASKED_BY[hop])]));
}

/** The rows of `mail check-ports` as far as the evidence goes. `more`: connections that belong to no hop's own probe. */
export function rowsFrom(evidence: HopEvidence, given: Given, more: readonly Asked[] = []): readonly Row[] {
  const settings = settingsIn(given);
  const hops = HOPS.filter((hop) => evidence[hop] !== undefined);
  const dialled = hops.flatMap((hop) => {
    const found = evidence[hop];
    return found?.state === 'answered' && isDialled(found.value) ? [found.value as unknown as Gathered] : [];
  });
  const parts = {
    listeners: evidence.pod ?? evidence['pod-proxy'],
    service: evidence.service,
    haproxy: evidence['haproxy-state'],
    nat: evidence.nat,
    roundtrip: evidence.roundtrip,
  };
  const told = Object.entries(parts).flatMap(([name, part]) => (part === undefined ? [] : [[name, orNothing(part)]]));
  const gathered: Gathered = {
    asked: [...dialled.flatMap(({ asked }) => asked), ...more],
    unasked: dialled.flatMap(({ unasked }) => unasked),
    ...Object.fromEntries(told),
  };
  return rowsOf(gathered, {
    site: siteIn(settings),
    selection: { hops, protocols: PROTOCOLS, deep: false },
    vantage: settings.vantage,
    now: given.at,
  });
}

/** No pod runs, so nobody was asked what listens in it. */
function orNothing(part: EvidenceState): EvidenceState {
  const isNothing = part.state === 'answered' && part.value === null;
  return isNothing ? { state: 'no-answer', reason: 'no-pod', message: 'no pod runs' } : part;
}

function isDialled(value: Json): boolean {
  return typeof value === 'object' && value !== null && 'asked' in value;
}
