import * as z from 'zod';

/** One execution as `run list` shows it. */
export const runSummaryDocument = z.object({
  id: z.string(),
  operation: z.string(),
  target: z.string(),
  site: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  state: z.string().describe('The status it ended with, `running`, or `killed` when it ended without a last line.'),
  code: z.string().optional(),
  lastStep: z.string().optional(),
});
