import type { StatusName } from '../../errors.ts';
import { countVerdicts, type Finding, statusOfFindings, type Verdict } from '../../findings/finding.ts';
import type { Site } from '../../site/site.ts';
import { hostnameOf } from '../check-ports.ts';
import { differencesOf } from './differences.ts';
import type { DnsRow } from './dns-rows.ts';
import { type DnsClients, gatherDns } from './gather-dns.ts';
import { judgeDns } from './judge-dns.ts';
import { domainOf } from './questions.ts';

/** The answer of `infra mail dns`. */
export type DnsCheck = {
  readonly domain: string;
  readonly hostname: string;
  readonly rows: readonly DnsRow[];
  /** Servers that say different things. */
  readonly findings: readonly Finding[];
  /** Rows and findings by verdict. */
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly status: StatusName;
};

/** Asks for every record of mail at every server and judges what came back. Errors: `mail.not-configured` (78). */
export async function checkDns(clients: DnsClients, site: Site): Promise<DnsCheck> {
  const hostname = hostnameOf(site);
  const rows = judgeDns(await gatherDns(clients, site, hostname), site);
  const findings = differencesOf(rows);
  const all = [...rows.map(asFinding), ...findings];
  return {
    domain: domainOf(site, hostname),
    hostname,
    rows,
    findings,
    counts: countVerdicts(all),
    status: statusOfFindings(all),
  };
}

function asFinding({ record, name, verdict, detail }: DnsRow): Finding {
  return { id: `mail.dns.${record}`, title: name, verdict, detail };
}
