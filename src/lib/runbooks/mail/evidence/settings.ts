import type { Json } from '../../../diagnosis/json.ts';
import type { SubjectOptions } from '../../../diagnosis/probe.ts';
import type { Vantage } from '../../../mail/gather.ts';
import type { MailSite } from '../../../mail/mail-site.ts';
import type { Site } from '../../../site/site.ts';

/** What the site says of mail, kept beside the evidence: a judgement, and a replay elsewhere, have no site. */
export type Settings = { readonly site: Json; readonly vantage: Vantage };

/** The part of the site that judgements need, and who connects. */
export function settingsOf(site: Site, options: SubjectOptions): Settings {
  const kept = { mail: site.mail, edge: { resolver: site.edge.resolver, port: site.edge.port } };
  return { site: valuesOnly(kept), vantage: vantageOf(site, options) };
}

/** The site again, as far as it was kept. */
export function siteIn({ site }: Settings): MailSite {
  return site as unknown as MailSite;
}

/** In pods, or on a node, a ClusterIP answers. What asks the API, and the hosts over ssh, stays this machine. */
function vantageOf(site: Pick<Site, 'mail' | 'hosts'>, { from, inCluster }: SubjectOptions): Vantage {
  if (typeof from !== 'string') {
    const isInside = inCluster === true;
    return { name: isInside ? 'a pod of the cluster' : 'this machine', inCluster: isInside };
  }
  const isNode = (site.mail.nodes.value ?? []).some(({ name, address }) => from === name || from === address);
  return { name: from, inCluster: isNode, ssh: site.hosts.value.find(({ name }) => name === from)?.ssh ?? from };
}

/** Where a value came from is a path on this machine: it stays here. */
function valuesOnly(settings: unknown): Json {
  return JSON.parse(JSON.stringify(settings, (key, value) => (key === 'source' ? undefined : value))) as Json;
}
