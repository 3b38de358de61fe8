import type { Verdict } from '../findings/finding.ts';
import type { Cause, Exoneration, Scope } from './cause.ts';
import type { Json } from './json.ts';
import type { CauseEvidence, EvidenceState, Judgement, Observation, Probe, SubjectOptions } from './probe.ts';

/** A probe that was asked, or was not, and what is said about it. */
export type Judged = {
  readonly probe: Probe;
  readonly evidence: EvidenceState;
  readonly judgement: Judgement;
  /** The probe without whose answer this one could not be asked. */
  readonly blockedBy?: string;
};

/** All judgements of one run, in the runbook's order, and ways to look at them. */
export type Judgements = {
  readonly all: readonly Judged[];
  readonly options: SubjectOptions;
  /** When the run began, ISO 8601. */
  readonly at: string;
  of(id: string): Judged | undefined;
  verdict(id: string): Verdict | undefined;
  /** The evidence of a probe that answered, else undefined. */
  answer<T extends Json = Json>(id: string): T | undefined;
  /** Every observation with this code that some probe made. */
  observed(code: string): readonly Observation[];
  /** Every piece of direct evidence for this cause. */
  caused(code: string): readonly CauseEvidence[];
};

/** A subject to diagnose: questions in order, what can be wrong, and what follows. All functions are pure. */
export type Runbook = {
  /** The word after `infra diagnose`. */
  readonly subject: string;
  readonly title: string;
  /** A paragraph: what it is for and how it goes about it. */
  readonly introduction: string;
  /** Lowest first: a fault low down explains what is seen above it. */
  readonly layers: readonly { readonly id: string; readonly title: string }[];
  /** In order of output; the first one is asked and shown first. */
  readonly probes: readonly Probe[];
  readonly causes: readonly Cause[];
  /** What paired probes clear. */
  exonerate?(judged: Judgements): readonly Exoneration[];
  /** Whom `root` hits, from requests without a cookie to several hosts; undefined when that was not tested. */
  scopeOf?(judged: Judgements, root: Cause | undefined): Scope | undefined;
  /** Where the questions were asked from, a line each; undefined when nothing says so. */
  vantageOf?(judged: Judgements): readonly string[] | undefined;
  /** What the next run may go on with where it gets no answer: no secrets, it is kept in the state folder. */
  remember?(judged: Judgements): SubjectOptions | undefined;
  /** What was found to be there: `1 outpost, sessions in /dev/shm`. */
  shapeOf?(judged: Judgements): string | undefined;
};
