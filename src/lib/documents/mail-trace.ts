import * as z from 'zod';
import { VERDICTS } from '../findings/finding.ts';
import { STAGES, TRACE_STATES } from '../mail/trace/traced.ts';
import type { CommandDocument } from './envelope.ts';
import { findingDocument } from './finding.ts';
import { adviceDocument } from './mail-advice.ts';

const count = z.int().nonnegative();

const recipient = z.object({
  address: z.string().describe('Empty when the log names none.'),
  origTo: z.string().optional().describe('The address that the sender wrote, where an alias led elsewhere.'),
  state: z.enum(TRACE_STATES),
  where: z.string().optional().describe('The mailbox, or the server that took it.'),
  reason: z.string().optional().describe('What was said, redacted.'),
  code: z.string().optional().describe('A stable word for the reason: greylisted, unreachable, local-delivery, …'),
  whose: z.enum(['ours', 'theirs', 'unclear']).optional(),
  dsn: z.string().optional(),
  attempts: count,
  lastAttempt: z.iso.datetime().optional(),
  nextTry: z.iso.datetime().optional().describe('About when, by Postfix’s usual back-off.'),
});

const mail = z.object({
  queueIds: z.array(z.string()).describe('In the order in which it got them; empty for a refusal.'),
  messageId: z.string().optional(),
  from: z.string().optional().describe('The sender of the envelope; empty for bounces.'),
  client: z.string().optional(),
  login: z.string().optional(),
  size: count.optional(),
  firstSeen: z.iso.datetime(),
  lastSeen: z.iso.datetime(),
  recipients: z.array(recipient),
  state: z.enum(TRACE_STATES).describe('The worst of its recipients.'),
  verdict: z.enum(VERDICTS),
  summary: z.string(),
  steps: z.array(
    z.object({
      at: z.iso.datetime(),
      stage: z.enum(STAGES),
      program: z.string(),
      queueId: z.string().optional(),
      text: z.string(),
    }),
  ),
  dropped: count.describe('Steps that were not kept.'),
  isBegun: z.boolean().describe('False: its beginning is not in the log.'),
  now: z
    .object({ queue: z.string().describe('none: it is in no queue.'), since: z.iso.datetime().optional() })
    .optional()
    .describe('What the queue says; left out when it was not asked.'),
});

/** `infra mail trace --json`. */
export const mailTrace = {
  command: 'mail trace',
  payload: z.object({
    wanted: z.string().describe('What was looked for, in words.'),
    mails: z.array(mail).describe('The newest first.'),
    more: count.describe('Mails that were found and are not listed.'),
    coverage: z.object({
      reachesBackTo: z.iso.datetime().optional().describe('What came before is not in the logs.'),
      logs: z.array(
        z.object({
          name: z.string(),
          isMain: z.boolean().describe('A log of Postfix.'),
          lines: count,
          facts: count.describe('Lines about mails, connections and deliveries.'),
          bytes: count,
          first: z.iso.datetime().optional(),
          last: z.iso.datetime().optional(),
          isCut: z.boolean(),
          problem: z.string().optional(),
        }),
      ),
      notes: z.array(z.string()).describe('What the answer does not cover, a sentence each.'),
    }),
    findings: z.array(findingDocument).describe('One a mail; UNKNOWN when nothing was found.'),
    counts: z.object({ PASS: count, WARN: count, FAIL: count, UNKNOWN: count, SKIP: count }),
    next: z.array(adviceDocument),
  }),
} satisfies CommandDocument;
