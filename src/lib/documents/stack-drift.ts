import * as z from 'zod';
import { DRIFT_STATES } from '../stacks/drift/result.ts';
import { CHANGE_CLASSES } from '../stacks/plan/plan-summary.ts';
import type { CommandDocument } from './envelope.ts';
import { findingDocument } from './finding.ts';
import { changeDocument } from './stack-change.ts';

/** `infra stack drift --json`. */
export const stackDrift = {
  command: 'stack drift',
  payload: z.object({
    lookedAt: z.iso.datetime(),
    secondLookAt: z.string().optional().describe('Commit at which everything that drifted was planned once more.'),
    parallelism: z.int(),
    counts: z.record(z.string(), z.int()).describe('How many stacks are in each state.'),
    stacks: z.array(
      z.object({
        stack: z.string(),
        tier: z.union([z.literal(0), z.literal(1)]),
        state: z.enum(DRIFT_STATES).describe('failed: could not be planned, which says nothing about drift.'),
        changes: z.array(changeDocument),
        ignored: z.array(z.object({ ...changeDocument.shape, reason: z.string(), expires: z.string() })),
        firstSeen: z.iso.datetime().optional(),
        error: z.object({ code: z.string(), message: z.string() }).optional(),
        durationMs: z.int().nonnegative(),
      }),
    ),
    groups: z
      .array(
        z.object({
          class: z.enum(CHANGE_CLASSES),
          type: z.string(),
          what: z.string(),
          attributes: z.array(z.string()),
          stacks: z.array(z.string()),
          addresses: z.array(z.object({ stack: z.string(), address: z.string() })),
          explanation: z
            .object({ commit: z.string(), at: z.iso.datetime(), title: z.string(), path: z.string() })
            .optional()
            .describe('The newest commit that changed what declares the resource.'),
        }),
      )
      .describe('The same change in many stacks is one group.'),
    findings: z.array(findingDocument),
    output: z.string().optional().describe('File that was written.'),
    pushed: z.string().optional().describe('Address that the metrics were pushed to.'),
  }),
} satisfies CommandDocument;
