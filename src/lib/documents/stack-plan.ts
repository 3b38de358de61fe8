import * as z from 'zod';
import { PLAN_STATES } from '../stacks/many/report.ts';
import type { CommandDocument } from './envelope.ts';
import { findingDocument } from './finding.ts';
import { changeDocument, choiceDocument, countsDocument, guardedDocument, stackErrorDocument } from './stack-change.ts';

/** The plan of one stack. */
export const plannedStackDocument = z.object({
  stack: z.string(),
  tier: z.int(),
  wave: z.int().describe('0 waits for no other stack of this run.'),
  state: z
    .enum(PLAN_STATES)
    .describe('no-changes only if terraform said so; failed: could not be planned, which says nothing about drift.'),
  counts: countsDocument.optional(),
  changes: z.array(changeDocument).describe('Reads apart.'),
  guarded: z.array(guardedDocument),
  provisional: z
    .array(z.string())
    .describe('Stacks with pending changes that this one depends on: after their apply it is planned again.'),
  blockedBy: z.array(z.string()).describe('Stacks that could not be planned, for which this one was not tried.'),
  error: stackErrorDocument.optional(),
  durationMs: z.int().nonnegative(),
  plan: z.string().optional().describe('With --save: the plan file. It holds secrets in clear.'),
});

/** `infra stack plan --json`. */
export const stackPlan = {
  command: 'stack plan',
  payload: z.object({
    chosen: choiceDocument,
    parallelism: z.int(),
    preflight: z.array(findingDocument),
    stacks: z.array(plannedStackDocument),
    counts: countsDocument.describe('Over all stacks.'),
    planned: z.record(z.string(), z.int()).describe('How many stacks ended in each state.'),
  }),
} satisfies CommandDocument;
