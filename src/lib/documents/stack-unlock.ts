import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';
import { lockHolderDocument, lookedAtDocument } from './stack-lock.ts';

/** `infra stack unlock --json`. */
export const stackUnlock = {
  command: 'stack unlock',
  payload: z.object({
    stack: z.string(),
    tier: z.union([z.literal(0), z.literal(1)]),
    outcome: z
      .enum(['free', 'released', 'would-release', 'held', 'unknown'])
      .describe('free: nobody held it. held: nothing, or not all, was released. unknown: a place did not answer.'),
    lookedAt: z.array(lookedAtDocument),
    holders: z.array(lockHolderDocument).describe('As found at first.'),
    released: z.array(z.string()).describe('Ids of holders whose lock was released.'),
    run: z.string().optional().describe('Id of the journal, where something was released.'),
    after: z.array(lockHolderDocument).describe('As found after a release: who came next, or was left.'),
  }),
} satisfies CommandDocument;
