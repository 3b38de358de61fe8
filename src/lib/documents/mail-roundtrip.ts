import * as z from 'zod';
import { HALVES } from '../mail/roundtrip/judge-send.ts';
import type { CommandDocument } from './envelope.ts';
import { findingDocument } from './finding.ts';
import { adviceDocument } from './mail-advice.ts';

const count = z.int().nonnegative();

/** `infra mail roundtrip --json`. */
export const mailRoundtrip = {
  command: 'mail roundtrip',
  payload: z.object({
    last: z
      .object({
        source: z.enum(['Prometheus', 'CronJob']),
        lastSuccess: z.string().optional().describe('When the last mail came round.'),
        lastCameBack: z.boolean().optional().describe('Whether the very last one did, where that is known.'),
        suspended: z.boolean(),
      })
      .optional()
      .describe('What the monitor knows; left out with --send, and when nobody could say.'),
    send: z
      .object({
        dryRun: z.boolean(),
        job: z.string(),
        cronJob: z.string(),
        namespace: z.string(),
        waitSeconds: count.describe('How long it may take, by its own deadlines.'),
        waitFrom: z.string(),
        half: z.enum(HALVES).optional().describe('Where the way round broke; none: it came back.'),
        phase: z.enum(['waiting', 'running', 'complete', 'failed', 'gone']).optional(),
        waitedSeconds: count.optional(),
        seconds: z.number().optional().describe('From sending to finding it in the mailbox.'),
        log: z.array(z.string()).optional().describe('The last lines of the Job, redacted.'),
        isDeleted: z.boolean().optional().describe('Whether the Job was taken away.'),
      })
      .optional()
      .describe('With --send.'),
    findings: z.array(findingDocument),
    counts: z.object({ PASS: count, WARN: count, FAIL: count, UNKNOWN: count, SKIP: count }),
    next: z.array(adviceDocument),
  }),
} satisfies CommandDocument;
