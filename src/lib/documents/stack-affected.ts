import * as z from 'zod';
import type { CommandDocument } from './envelope.ts';

/** The parts of `infra stack affected --json`, for every command that chooses stacks by what changed. */
const affectedDocument = z.object({
  base: z.object({
    ref: z.string().describe('What was compared with.'),
    commit: z.string(),
    because: z.string().describe('Where the choice came from.'),
  }),
  mergeBase: z.string().describe('Best common ancestor of the base and HEAD: changes since then count.'),
  behind: z
    .int()
    .nonnegative()
    .describe('Commits of the base that are not in HEAD; what they changed is not looked at.'),
  changed: z.int().nonnegative().describe('Changed files, uncommitted and untracked ones included.'),
  stacks: z
    .array(
      z.object({
        name: z.string(),
        reasons: z.array(
          z.object({
            kind: z.enum(['own', 'module', 'root', 'input']),
            path: z.string().describe('The changed file, relative to the repository.'),
            via: z.string().optional().describe('The chain of modules, or the file or link that names the input.'),
          }),
        ),
      }),
    )
    .describe('In the order of their declared dependencies.'),
  removed: z.array(z.string()).describe('Stacks that are gone. Nothing destroys what they made.'),
  unattributed: z.array(z.string()).describe('Changed files that touch no stack.'),
});

/** `infra stack affected --json`. */
export const stackAffected = { command: 'stack affected', payload: affectedDocument } satisfies CommandDocument;
