import * as z from 'zod';
import { VERDICTS } from '../findings/finding.ts';

/** One finding as documents print it. */
export const findingDocument = z.object({
  id: z.string(),
  title: z.string(),
  verdict: z.enum(VERDICTS),
  detail: z.string(),
  reason: z.string().optional().describe('Why a verdict is UNKNOWN or SKIP.'),
  command: z.string().optional().describe('Shows the same thing by hand.'),
  hint: z.string().optional(),
});
