import * as z from 'zod';
import { diagnosisPayload } from './diagnosis.ts';
import type { CommandDocument } from './envelope.ts';

export const diagnose = {
  command: 'diagnose',
  payload: diagnosisPayload.extend({
    lookAt: z
      .object({
        subject: z.string().optional().describe('Absent where no runbook knows more.'),
        command: z.string(),
        because: z.string(),
      })
      .optional()
      .describe('The one place to look at first; absent when nothing was found.'),
  }),
} satisfies CommandDocument;
