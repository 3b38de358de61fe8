import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';

/** `infra config trust --json`. */
export const configTrust = {
  command: 'config trust',
  payload: z.object({
    root: z.string(),
    origin: z.string().describe('URL of the remote origin; empty without one.'),
    trustFile: z.string(),
    subjects: z.array(
      z.object({
        key: z.string(),
        subject: z.string(),
        source: z.string(),
        what: z.string().describe('What would be sent there, or run.'),
        accepted: z.boolean(),
      }),
    ),
  }),
} satisfies CommandDocument;
