import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';
import { findingDocument } from './finding.ts';

/** `infra stack list --json`. */
export const stackList = {
  command: 'stack list',
  payload: z.object({
    problems: z.array(findingDocument).describe('What is wrong with the repository as a set of stacks.'),
    stacks: z.array(
      z.object({
        name: z.string(),
        folder: z.string(),
        tier: z.union([z.literal(0), z.literal(1)]).describe('0: state in git, encrypted. 1: PostgreSQL backend.'),
        ci: z
          .enum(['platform', 'app', 'by-hand', 'none'])
          .describe('How the pipeline treats it; none: the pipeline does not tell, or it is a scaffold.'),
        scaffold: z.boolean(),
        dependencies: z.array(z.string()),
        dependants: z.object({ direct: z.int().nonnegative(), all: z.int().nonnegative() }),
        readsUsers: z.boolean(),
        lock: z.object({
          state: z.enum(['free', 'held', 'unknown']),
          by: z.string().optional(),
          since: z.string().optional(),
          reason: z.string().optional().describe('Why it is unknown.'),
        }),
        lastRun: z
          .object({
            run: z.string(),
            operation: z.string(),
            at: z.string(),
            outcome: z.enum(['applied', 'failed', 'unfinished', 'planned']),
          })
          .optional()
          .describe('From the journals of this machine.'),
      }),
    ),
    total: z.int().nonnegative().describe('Stacks of the repository, before any filter.'),
  }),
} satisfies CommandDocument;
