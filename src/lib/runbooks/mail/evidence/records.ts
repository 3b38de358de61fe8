import type { Json } from '../../../diagnosis/json.ts';
import type { Given } from '../../../diagnosis/probe.ts';
import type { DnsRow } from '../../../mail/dns/dns-rows.ts';
import type { GatheredDns } from '../../../mail/dns/gather-dns.ts';
import { judgeDns } from '../../../mail/dns/judge-dns.ts';
import { asJson, settingsIn } from './hop.ts';
import { siteIn } from './settings.ts';

/** What was asked, as JSON: a map becomes a list of pairs. */
export function recordsEvidence(gathered: GatheredDns): Json {
  return asJson({ ...gathered, includes: [...gathered.includes] });
}

/** The rows of `mail dns` from what was kept. */
export function recordRows(evidence: Json, given: Given): readonly DnsRow[] {
  const kept = evidence as unknown as Omit<GatheredDns, 'includes'> & {
    readonly includes: Iterable<readonly [string, never]>;
  };
  return judgeDns({ ...kept, includes: new Map(kept.includes) }, siteIn(settingsIn(given)));
}
