import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';
import { storedUserDocument } from './user-entry.ts';

/** `infra user show --json`. */
export const userShow = {
  command: 'user show',
  payload: z.object({
    user: storedUserDocument,
    version: z.int().describe('Version of the secret that was read.'),
    effectiveQuota: z
      .record(z.string(), z.string())
      .optional()
      .describe('With the stacks’ defaults, for namespace-owners.'),
    otherKeys: z.array(z.string()).describe('Keys of the entry that no stack reads, by name only.'),
    onboarding: z.string().optional().describe('With --onboarding: the text for the user, in Markdown.'),
  }),
} satisfies CommandDocument;
