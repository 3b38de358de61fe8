import * as z from 'zod';
import { CHANGE_CLASSES } from '../stacks/plan/plan-summary.ts';

/** One planned change. Values never appear: they may be secret. */
export const changeDocument = z.object({
  address: z.string(),
  type: z.string(),
  class: z.enum(CHANGE_CLASSES),
  reason: z.string().optional().describe("terraform's action_reason."),
  replacePaths: z.array(z.string()).optional().describe('Attributes that force the replacement.'),
  attributes: z.array(z.string()).optional().describe('Attributes that differ.'),
  previousAddress: z.string().optional(),
});

/** A change that is carried out only when it is listed by name. */
export const guardedDocument = z.object({
  stack: z.string(),
  address: z.string(),
  class: z.enum(CHANGE_CLASSES),
  code: z.string().describe('stack.delete, stack.replace, stack.forget, or the rule that guards an update.'),
  because: z.string(),
  holdsData: z.boolean(),
});

/** How many changes there are of each class. */
export const countsDocument = z.object(
  Object.fromEntries(CHANGE_CLASSES.map((name) => [name, z.int().nonnegative()])) as Record<
    (typeof CHANGE_CLASSES)[number],
    z.ZodInt
  >,
);

/** Why one stack did not get where it should. */
export const stackErrorDocument = z.object({ code: z.string(), message: z.string(), hints: z.array(z.string()) });

/** How the stacks were chosen. */
export const choiceDocument = z.enum(['named', 'affected', 'all', 'working-directory', 'resumed']);
