import * as z from 'zod';

/** Something to type or do next, as documents about mail print it. */
export const adviceDocument = z.object({
  text: z.string(),
  command: z.string().optional(),
  risk: z.enum(['read', 'write', 'destroy']),
  costs: z.string().optional().describe('What it interrupts.'),
});
