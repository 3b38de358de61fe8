import type { InfraError, StatusName } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { StepResult } from '../../operation/engine.ts';
import type { Action } from '../../operation/step.ts';
import type { Shape } from '../../stacks/stack.ts';
import type { User } from '../entry.ts';
import type { AddOverview } from './request.ts';

/** How `user add` ended, in one word (the document's `result`). */
export type AddVerdict =
  | 'added'
  | 'completed'
  | 'nothing-to-change'
  | 'edited'
  | 'planned'
  | 'refused'
  | 'undone'
  | 'incomplete'
  | 'failed';

/** Everything there is to tell about one `user add`; text and document are folded from it. */
export type AddResult = {
  readonly user: User;
  readonly verdict: AddVerdict;
  readonly status: StatusName;
  readonly error: InfraError | undefined;
  readonly run: string | undefined;
  readonly shape: Shape | undefined;
  readonly preflight: readonly Finding[];
  readonly overview: AddOverview | undefined;
  readonly version: number | undefined;
  readonly steps: readonly (StepResult & { readonly actions: readonly Action[] })[];
  readonly findings: readonly Finding[];
  readonly byHand: readonly string[];
  readonly commandsLeft: readonly string[];
  /** Names of all users as last read, for completion. */
  readonly known: readonly string[];
  readonly durationMs: number;
};
