import type { InfraError, StatusName } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Allowed } from '../guards/allowed.ts';
import type { Blast } from './blast.ts';
import type { ByHand } from './by-hand.ts';
import type { Chosen } from './context.ts';
import type { AppliedReport, PlannedReport } from './report.ts';

/** What `stack apply` was asked for. Answers to questions and guards are given anew each time, never by a journal. */
export type ApplyRequest = {
  readonly chosen: Chosen;
  readonly parallelism: number | undefined;
  readonly allowed: Allowed;
  /** --yes answers the one question before anything is applied. */
  readonly yes: boolean;
  /** --accept-replans: also what a plan holds that was made after a dependency's apply; guards still refuse. */
  readonly acceptReplans: boolean;
  readonly dryRun: boolean;
};

/** What is shown before the question. */
export type ApplyOverview = {
  readonly reports: readonly PlannedReport[];
  readonly byHand: readonly ByHand[];
  readonly blast: Blast;
  /** Entries of --allow-destroy and --allow-guarded that no change needs. */
  readonly unusedEntries: readonly string[];
};

/** How `stack apply` ended, in one word (the document's `result`). */
export const APPLY_RESULTS = [
  'applied',
  'nothing-to-change',
  'planned',
  'skipped',
  'refused',
  'incomplete',
  'failed',
] as const;
export type ApplyVerdict = (typeof APPLY_RESULTS)[number];

/** Everything there is to tell about one `stack apply`; text and document are folded from it. */
export type ApplyResult = {
  readonly verdict: ApplyVerdict;
  readonly how: string;
  readonly run: string | undefined;
  readonly preflight: readonly Finding[];
  readonly parallelism: number;
  readonly overview: ApplyOverview | undefined;
  readonly byHand: readonly ByHand[];
  readonly applied: readonly AppliedReport[];
  /** Why a pipeline had nothing to do. */
  readonly skipped: string | undefined;
  readonly status: StatusName;
  readonly error: InfraError | undefined;
  readonly durationMs: number;
};
