import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';
import { findingDocument } from './finding.ts';

/** `infra user verify --json`. */
export const userVerify = {
  command: 'user verify',
  payload: z.object({
    shape: z.enum(['documented', 'extracted']),
    shapeReason: z.string(),
    users: z.array(
      z.object({
        name: z.string(),
        findings: z.array(findingDocument).describe('One finding an object, in the order in which they come to be.'),
      }),
    ),
    counts: z.object({ PASS: z.int(), WARN: z.int(), FAIL: z.int(), UNKNOWN: z.int(), SKIP: z.int() }),
  }),
} satisfies CommandDocument;
