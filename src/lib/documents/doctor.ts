import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';
import { findingDocument } from './finding.ts';

/** `infra doctor --json`. */
export const doctor = {
  command: 'doctor',
  payload: z.object({
    root: z.string().optional().describe('The repository; absent when there is none.'),
    findings: z.array(findingDocument.extend({ group: z.string() })),
    counts: z.object({ PASS: z.int(), WARN: z.int(), FAIL: z.int(), UNKNOWN: z.int(), SKIP: z.int() }),
  }),
} satisfies CommandDocument;
