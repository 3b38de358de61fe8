import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';

/** `infra init --json`. */
export const init = {
  command: 'init',
  payload: z.object({
    file: z.string(),
    written: z.boolean(),
    content: z.string().describe('What was written, or would be.'),
    diff: z
      .array(z.string())
      .optional()
      .describe('Against the infra.yaml that is there: lines that begin with " ", "-" or "+".'),
  }),
} satisfies CommandDocument;
