import type { Missing, SubjectOptions } from '../../../diagnosis/probe.ts';
import { labels, maybe, text } from '../../evidence/shape.ts';
import type { HostsEvidence } from '../probes/edge-hosts.ts';
import { MOST_HOSTS } from './edge.ts';

/** What the next run may ask when the cluster does not say which hosts there are. Only what Ingresses said is kept. */
export function rememberHosts(found: HostsEvidence | undefined, at: string): SubjectOptions | undefined {
  if (found?.source !== 'ingresses' || found.hosts.length === 0) return undefined;
  const { authentik, by = {}, hosts } = found;
  return { hosts, by, at, ...maybe('authentik', authentik) };
}

/** Hosts of the last whole run, in place of a list that the cluster did not give. */
export function rememberedHosts(
  missing: Missing,
  remembered: SubjectOptions = {},
  authentik?: string,
): HostsEvidence | undefined {
  const hosts = Array.isArray(remembered.hosts) ? remembered.hosts.flatMap((host) => text(host) ?? []) : [];
  const since = text(remembered.at);
  if (hosts.length === 0 || since === undefined || Number.isNaN(Date.parse(since))) return undefined;
  return {
    ...{ source: 'last run', hosts: hosts.slice(0, MOST_HOSTS), by: labels(remembered.by) },
    missing: { ...missing, since },
    ...maybe('authentik', text(remembered.authentik) ?? authentik),
  };
}
