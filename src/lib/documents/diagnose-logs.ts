import * as z from 'zod';
import { LEVELS } from '../diagnosis/logs/level.ts';
import { COMPONENTS } from '../diagnosis/signatures/signature.ts';
import { VERDICTS } from '../findings/finding.ts';
import type { CommandDocument } from './envelope.ts';
import { findingDocument } from './finding.ts';

const time = z.string().describe('ISO 8601, UTC.');
const span = { first: time.optional(), last: time.optional() };

/** `infra diagnose logs --json`. */
export const diagnoseLogs = {
  command: 'diagnose logs',
  payload: z.object({
    verdict: z.enum(VERDICTS),
    reason: z.enum(['unknown-lines', 'unexplained-effects', 'silent', 'partial']).optional().describe('Why UNKNOWN.'),
    summary: z.string(),
    read: z.array(z.string()).describe('Files, or pod/container; "(previous)" is the log before the last restart.'),
    notes: z.array(z.string()).describe('What was not read, a sentence each.'),
    findings: z
      .array(
        findingDocument.extend({
          signature: z.string().describe('Id of the known line shape.'),
          component: z.enum(COMPONENTS),
          role: z.enum(['cause', 'effect', 'unexplained-effect', 'noise', 'good']),
          code: z.string().optional().describe('Finding code, stable.'),
          rootCause: z.string().optional().describe('Root cause code, stable; as in infra diagnose.'),
          causedBy: z.string().optional().describe('Id of the finding that explains this one.'),
          endedAt: time.optional().describe('A later line says that it is over.'),
          meaning: z.string(),
          next: z.string().optional(),
          source: z.string().describe('Who published or wrote that line.'),
          count: z.int(),
          ...span,
          sources: z.array(z.object({ source: z.string(), count: z.int() })),
          samples: z.array(z.string()).describe('Redacted.'),
        }),
      )
      .describe('Causes first, each followed by its effects; then unexplained effects, noise, signs of health.'),
    unknown: z.object({
      lines: z.int().describe('Lines that look like errors and that nothing knows.'),
      shapes: z.array(z.object({ shape: z.string(), count: z.int(), ...span, sample: z.string() })),
      others: z.int().describe('Lines of kinds that are not listed.'),
    }),
    log: z.object({
      lines: z.int(),
      bytes: z.int(),
      requests: z.int().describe('Lines that show a served request.'),
      levels: z.object(
        Object.fromEntries([...LEVELS, 'none'].map((level) => [level, z.int()])) as Record<
          (typeof LEVELS)[number] | 'none',
          z.ZodInt
        >,
      ),
      errorLike: z.int(),
      cutLines: z.int(),
      ...span,
      assumed: z.object({ zone: z.int(), year: z.int() }).describe('Times without zone (UTC taken) or year.'),
    }),
  }),
} satisfies CommandDocument;
