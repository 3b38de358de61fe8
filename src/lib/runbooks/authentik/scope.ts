import type { Cause, Scope } from '../../diagnosis/cause.ts';
import type { Judgements } from '../../diagnosis/runbook.ts';
import type { LegEvidence } from './evidence/edge.ts';
import { decode, type FirstHop, isBad } from './judge/first-hop.ts';
import { CLOUDFLARE_ID } from './probes/edge-cloudflare.ts';
import { DIRECT_ID } from './probes/edge-direct.ts';
import { HOSTS_ID, type HostsEvidence } from './probes/edge-hosts.ts';

/** A host by one way; hosts of one middleware, `group`, share an outpost. */
type HostKind = { readonly host: string; readonly kind: FirstHop; readonly group: string };

/** Answers of one way; those that say nothing about the host are left out. */
export function hostsBy(judged: Judgements, id: string): readonly HostKind[] {
  const by = judged.answer<HostsEvidence>(HOSTS_ID)?.by ?? {};
  const hosts = (judged.answer<LegEvidence>(id)?.hosts ?? []).map(({ first }) => ({
    ...{ host: first.host, kind: decode(first), group: by[first.host] ?? '' },
  }));
  return hosts.filter(({ kind }) => isBad(kind) || kind === 'login' || kind === 'denied');
}

/**
 * Whom the root cause hits: all hosts, some of them, or one person. Only answers by a way on which this cause can be
 * seen count: of two faults at once, each has its own.
 */
export function scopeOf(judged: Judgements, root: Cause | undefined): Scope | undefined {
  switch (root?.code) {
    case 'edge.cloudflare':
      return behindCloudflare(judged);
    case 'edge.load-balancer':
      return atTraefik(judged);
    case 'authentik.outpost.unknown-host':
      return hostScope(belowTheEdge(judged), (kind) => kind === 'no-app') ?? 'per-host';
  }
  if (root?.layer === 'user') return judged.verdict('authentik.user.account') === 'FAIL' ? 'per-user' : undefined;
  const scope = hostScope(belowTheEdge(judged), isBad);
  if (scope !== undefined) return scope;
  // Every host leads to the one login page: when that fails, it fails for all of them.
  return judged.observed('login.server-error').length > 0 ? 'shared' : undefined;
}

/** What fails by the public way alone; what fails the same straight at Traefik is not Cloudflare's doing. */
function behindCloudflare(judged: Judgements): Scope | undefined {
  const direct = new Map(hostsBy(judged, DIRECT_ID).map(({ host, kind }) => [host, kind]));
  const own = hostsBy(judged, CLOUDFLARE_ID).filter(({ host, kind }) => !isBad(kind) || direct.get(host) !== kind);
  return oneGroupScope(own);
}

/** Nobody at Traefik's address: all who take that way are hit. */
function atTraefik(judged: Judgements): Scope | undefined {
  const direct = hostsBy(judged, DIRECT_ID);
  if (judged.answer<LegEvidence>(DIRECT_ID)?.silent !== undefined) return 'shared';
  return direct.every(({ kind }) => kind === 'unreachable') ? 'shared' : oneGroupScope(direct);
}

/** The way that shows what is behind the edge: straight to Traefik; the public one only while nothing is wrong there. */
function belowTheEdge(judged: Judgements): readonly HostKind[] {
  const direct = hostsBy(judged, DIRECT_ID);
  if (direct.some(({ kind }) => isBad(kind) && kind !== 'unreachable')) return direct;
  return judged.caused('edge.cloudflare').length > 0 ? [] : hostsBy(judged, CLOUDFLARE_ID);
}

const oneGroupScope = (hosts: readonly HostKind[]): Scope | undefined =>
  hostScope(
    hosts.map((host) => ({ ...host, group: '' })),
    isBad,
  );

/** Hosts of one group have something in common: when all of several fail, it is that. */
function hostScope(hosts: readonly HostKind[], isHit: (kind: FirstHop) => boolean): Scope | undefined {
  if (!hosts.some(({ kind }) => isHit(kind))) return undefined;
  const groups = [...new Set(hosts.map(({ group }) => group))].map((name) => hosts.filter((one) => one.group === name));
  if (groups.some((group) => group.length > 1 && group.every(({ kind }) => isHit(kind)))) return 'shared';
  return hosts.length > 1 ? 'per-host' : undefined;
}
