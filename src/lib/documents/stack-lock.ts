import * as z from 'zod';

/** Where a lock lies. */
const place = z
  .enum(['postgres', 'file', 'vault', 'machine'])
  .describe('postgres: the pg backend; file: the local backend; vault: advisory lock; machine: lock file of infra.');

/** One holder of one lock. */
export const lockHolderDocument = z.object({
  place,
  lock: z.enum(['state', 'creation', 'stack']).describe('creation: the lock for making a first state.'),
  id: z.string().describe('What --force asks for.'),
  who: z.string(),
  since: z.iso.datetime().optional(),
  lastSeen: z.iso.datetime().optional().describe('The last sign of life that the lock itself shows.'),
  life: z.enum(['alive', 'dead', 'unknown']),
  evidence: z.array(z.string()),
  blocks: z.boolean().describe('False for what stands in nobody’s way.'),
});

/** One place that was looked at. */
export const lookedAtDocument = z.object({
  place,
  state: z.enum(['free', 'held', 'unknown', 'skipped']),
  reason: z.string().optional(),
});
