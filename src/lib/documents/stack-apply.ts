import * as z from 'zod';
import { APPLY_RESULTS } from '../stacks/many/apply-request.ts';
import { APPLY_STATES } from '../stacks/many/report.ts';
import type { CommandDocument } from './envelope.ts';
import { findingDocument } from './finding.ts';
import { choiceDocument, stackErrorDocument } from './stack-change.ts';
import { plannedStackDocument } from './stack-plan.ts';

/** What became of one stack. */
const appliedStackDocument = z.object({
  stack: z.string(),
  tier: z.int(),
  wave: z.int(),
  state: z
    .enum(APPLY_STATES)
    .describe(
      'unchanged: its plan held nothing; not-applied: locked; refused: its new plan held more than was confirmed.',
    ),
  detail: z.string(),
  replanned: z
    .boolean()
    .describe('Planned a second time: a dependency had been applied, or the plan had become stale.'),
  blockedBy: z.array(z.string()),
  error: stackErrorDocument.optional(),
  changed: z.boolean().describe('Something was changed, or may have been.'),
  durationMs: z.int().nonnegative(),
});

/** `infra stack apply --json`. */
export const stackApply = {
  command: 'stack apply',
  payload: z.object({
    chosen: choiceDocument,
    result: z
      .enum(APPLY_RESULTS)
      .describe(
        'planned: --dry-run; skipped: a pipeline that has nothing to apply; incomplete: something was changed, then a stack failed.',
      ),
    run: z.string().optional().describe('Id of the journal: infra run show ID.'),
    skipped: z.string().optional().describe('Why a pipeline had nothing to apply.'),
    parallelism: z.int(),
    preflight: z.array(findingDocument),
    plans: z.array(plannedStackDocument).describe('What was shown and confirmed.'),
    blast: z
      .object({
        namespaces: z.array(z.string()),
        restarts: z.array(z.string()).describe('Workloads whose pods are replaced.'),
        hosts: z.array(z.string()).describe('Hosts that may blip.'),
        sessions: z.array(z.string()).describe('What people notice beyond that.'),
        unknown: z.string().optional().describe('Why part of it is not known.'),
      })
      .optional(),
    stacks: z.array(appliedStackDocument),
    leftOut: z.array(z.object({ stack: z.string(), reason: z.string() })).describe('Not applied: a person has to.'),
    notApplied: z.array(z.string()).describe('Chosen stacks that are not as their plans want them.'),
    unusedEntries: z.array(z.string()).describe('Entries of --allow-destroy and --allow-guarded that no change needs.'),
  }),
} satisfies CommandDocument;
