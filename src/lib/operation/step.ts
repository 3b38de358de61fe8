import type { Finding } from '../findings/finding.ts';

/** What will be done, as data: it is shown, journalled and counted, never executed from here. */
export type Action = {
  readonly kind: string;
  readonly target: string;
  readonly summary: string;
  /** Lines that begin with `+`, `-` or `~`; never a secret. */
  readonly diff?: readonly string[];
  readonly risk: 'read' | 'write' | 'destroy';
};

/**
 * A step's plan. `done`: nothing to do. `ready`: `payload` is the very value that `apply` gets.
 * `deferred` (dry run only): it depends on an earlier write that has not happened; `reason` says which.
 */
export type Planned<P> = {
  readonly state: 'done' | 'ready' | 'deferred';
  readonly reason?: string;
  readonly actions: readonly Action[];
  readonly payload: P;
};

/** What a running step may use: the journal for its own notes, the interrupt, and a line of progress. */
export type StepRun = {
  readonly note: (event: string, data: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly interrupt: AbortSignal;
  readonly progress: (text: string) => void;
  /** True when an earlier step of this run could not be applied yet (dry run): later plans are deferred. */
  readonly dryRun: boolean;
};

/** How an undo ended: `undone` only when it was verified. */
export type RollbackOutcome = { readonly outcome: 'undone' | 'kept'; readonly detail: string };

/**
 * One ordered write: plan when its turn comes, judge, apply exactly what was planned, verify.
 * `plan` and `apply` throw InfraError; status `refused` means that a guard said no and nothing was changed by this step.
 */
export type Step<P = unknown> = {
  readonly id: string;
  readonly title: string;
  plan(run: StepRun): Promise<Planned<P>>;
  /** Returns one line for the result, e.g. `9 created`. */
  apply(planned: Planned<P>, run: StepRun): Promise<string>;
  verify(planned: Planned<P>, run: StepRun): Promise<readonly Finding[]>;
  rollback?(planned: Planned<P>, run: StepRun): Promise<RollbackOutcome>;
};

/** What happens while an operation runs; the terminal, the journal and JSON fold the same events. */
export type RunEvent =
  | { readonly type: 'step-start'; readonly step: string; readonly title: string }
  | { readonly type: 'step-progress'; readonly step: string; readonly text: string }
  | {
      readonly type: 'step-end';
      readonly step: string;
      readonly title: string;
      readonly state: StepState;
      readonly detail: string;
      readonly durationMs: number;
      readonly actions: readonly Action[];
    }
  | { readonly type: 'findings'; readonly step: string; readonly findings: readonly Finding[] };

/** How a step ended. `planned`: a dry run stopped before applying it. `blocked`: a step before it failed. */
export type StepState =
  | 'done'
  | 'applied'
  | 'planned'
  | 'deferred'
  | 'refused'
  | 'failed'
  | 'blocked'
  | 'interrupted'
  | 'rolled-back';
