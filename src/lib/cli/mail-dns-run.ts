import type { PayloadOf } from '../documents/envelope.ts';
import type { mailDns } from '../documents/mail-dns.ts';
import { checkDns } from '../mail/dns/check-dns.ts';
import { mailDnsText } from '../render/mail-dns.ts';
import type { Context } from './context.ts';
import type { Host } from './host.ts';
import type { Outcome } from './report.ts';

/** One run of `mail dns`. */
export async function runMailDns(context: Context, host: Host): Promise<Outcome<PayloadOf<typeof mailDns>>> {
  const site = await context.site('read');
  const began = host.monotonic();
  const check = await checkDns(await context.clients('dns', 'web'), site);
  const { domain, hostname, rows, findings, counts } = check;
  return {
    status: check.status,
    payload: {
      domain,
      hostname,
      rows: rows.map((row) => ({ ...row, got: [...row.got] })),
      findings: [...findings],
      counts,
    },
    text: (style) => mailDnsText(style, check, host.monotonic() - began),
  };
}
