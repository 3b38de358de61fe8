import * as z from 'zod';
import { VERDICTS } from '../findings/finding.ts';
import { DNS_RECORDS, DNS_VIEWS } from '../mail/dns/dns-rows.ts';
import type { CommandDocument } from './envelope.ts';
import { findingDocument } from './finding.ts';

/** `infra mail dns --json`. */
export const mailDns = {
  command: 'mail dns',
  payload: z.object({
    domain: z.string(),
    hostname: z.string(),
    rows: z
      .array(
        z.object({
          record: z.enum(DNS_RECORDS),
          name: z.string().describe('The name that was asked for; for mta-sts-policy its address.'),
          type: z.enum(['A', 'AAAA', 'MX', 'TXT', 'PTR', 'CNAME', 'NS', 'HTTPS']),
          view: z.enum(DNS_VIEWS).describe('Which kind of server was asked.'),
          server: z.string(),
          got: z.array(z.string()).describe('The records as they came; empty when there is none.'),
          verdict: z.enum(VERDICTS),
          reason: z.string().optional().describe('A stable word, such as missing, several, weak, waived, refused.'),
          detail: z.string(),
          hint: z.string().optional(),
        }),
      )
      .describe('One row a record and server.'),
    findings: z.array(findingDocument).describe('Servers that say different things.'),
    counts: z.object({ PASS: z.int(), WARN: z.int(), FAIL: z.int(), UNKNOWN: z.int(), SKIP: z.int() }),
  }),
} satisfies CommandDocument;
