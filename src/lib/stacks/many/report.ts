import type { InfraError } from '../../errors.ts';
import type { Guarded } from '../guards/run-guard.ts';
import type { PlanSummary, Stack, StackPlan } from '../stack.ts';

/**
 * How planning one stack ended. `no-changes` only if terraform said so; `failed`: could not be planned, which says nothing
 * about drift; `locked`: somebody else works on it; `blocked`: a dependency could not be planned; `not-planned`: the
 * signal came first.
 */
export const PLAN_STATES = [
  'no-changes',
  'changes',
  'failed',
  'locked',
  'blocked',
  'interrupted',
  'not-planned',
] as const;
export type PlanState = (typeof PLAN_STATES)[number];

/** What there is to tell about the plan of one stack. Values never appear. */
export type PlannedReport = {
  readonly stack: Stack;
  /** 0 waits for nobody of this run. */
  readonly wave: number;
  readonly state: PlanState;
  readonly summary: PlanSummary | undefined;
  /** Changes that `stack apply` carries out only when they are listed by name. */
  readonly guarded: readonly Guarded[];
  /** Stacks of this run with pending changes that it depends on: its plan may look different after their apply. */
  readonly provisional: readonly string[];
  readonly blockedBy: readonly string[];
  readonly error: InfraError | undefined;
  readonly durationMs: number;
};

/** A report with its plan file, while there is one. */
export type Planned = { readonly report: PlannedReport; readonly plan: StackPlan | undefined };

/**
 * How applying one stack ended. `unchanged`: its plan held nothing; `not-applied`: locked, or only a person may apply it;
 * `refused`: its new plan held more than what was confirmed, or a guard said no; `not-begun`: the signal came first.
 */
export const APPLY_STATES = [
  'applied',
  'unchanged',
  'failed',
  'refused',
  'not-applied',
  'blocked',
  'interrupted',
  'not-begun',
] as const;
export type ApplyState = (typeof APPLY_STATES)[number];

/** What there is to tell about the apply of one stack. */
export type AppliedReport = {
  readonly stack: string;
  readonly tier: 0 | 1;
  readonly wave: number;
  readonly state: ApplyState;
  /** One line: what was changed, or why nothing was. */
  readonly detail: string;
  /** Planned a second time, because a stack that it depends on had been applied, or its plan had become stale. */
  readonly replanned: boolean;
  readonly blockedBy: readonly string[];
  readonly error: InfraError | undefined;
  /** Something was changed, or may have been. */
  readonly changed: boolean;
  readonly durationMs: number;
};
