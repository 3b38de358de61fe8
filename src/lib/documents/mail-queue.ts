import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';
import { findingDocument } from './finding.ts';
import { adviceDocument } from './mail-advice.ts';

const oldest = z.object({ id: z.string().describe('Queue id.'), at: z.iso.datetime() });
const count = z.int().nonnegative();
const perQueue = { active: count, incoming: count, deferred: count, hold: count, maildrop: count, corrupt: count };

const summary = z.object({
  total: count,
  bytes: count,
  queues: z.object(perQueue),
  oldest: z.object({
    active: oldest.optional(),
    incoming: oldest.optional(),
    deferred: oldest.optional(),
    hold: oldest.optional(),
    maildrop: oldest.optional(),
    corrupt: oldest.optional(),
  }),
  reasons: z
    .array(
      z.object({
        code: z.string().describe('A stable word: local-delivery, relay-credentials, greylisted, unreachable, …'),
        whose: z.enum(['ours', 'theirs', 'unclear']),
        means: z.string(),
        pattern: z.string().describe('The words, without what differs from mail to mail.'),
        example: z.string(),
        messages: count,
        recipients: count,
        oldest: z.string(),
        id: z.string().describe('Queue id of the oldest one.'),
      }),
    )
    .describe('The most frequent first, eight at most.'),
  otherReasons: count.describe('Messages of reasons that are not listed.'),
  domains: z.array(z.object({ domain: z.string(), messages: count })).describe('Of recipients, eight at most.'),
  otherDomains: count,
  malformed: count.describe('Lines of the listing that could not be read: then the counts are lower bounds.'),
  sample: z.string().optional(),
  isCut: z.boolean().describe('The listing was too long: the counts are lower bounds.'),
});

/** `infra mail queue --json`. */
export const mailQueue = {
  command: 'mail queue',
  payload: z.object({
    at: z.iso.datetime().describe('When the queues were listed.'),
    places: z.array(
      z.object({
        place: z.enum(['here', 'second-mx']),
        where: z.string().optional().describe('The pod, or the host as ssh knows it.'),
        isRunning: z.boolean().optional().describe('Whether Postfix runs there.'),
        summary: summary.optional().describe('Left out when the queue could not be listed.'),
        troubles: z
          .array(z.object({ trouble: z.string(), verdict: z.enum(['WARN', 'FAIL']), detail: z.string() }))
          .describe('The worst first; trouble is a stable word, such as waiting, held, local-delivery.'),
        next: z.array(adviceDocument),
      }),
    ),
    findings: z.array(findingDocument).describe('One a server.'),
    counts: z.object({ PASS: count, WARN: count, FAIL: count, UNKNOWN: count, SKIP: count }),
  }),
} satisfies CommandDocument;
