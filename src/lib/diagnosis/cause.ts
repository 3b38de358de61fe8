import type { Judgements } from './runbook.ts';

/** Whether a step reads, changes something, or destroys something (sessions, evidence). */
export const RISKS = ['read', 'write', 'destroy'] as const;
export type Risk = (typeof RISKS)[number];

/** When a step is due: before anything else, to end the incident, to prove that it ended, to keep it from coming back. */
export const PHASES = ['keep', 'now', 'verify', 'for-good'] as const;
export type Phase = (typeof PHASES)[number];

/** Something to do about a cause. It is printed, never run. */
export type Remedy = {
  readonly phase: Phase;
  readonly text: string;
  readonly command?: string;
  readonly risk: Risk;
  /** What is lost by it. */
  readonly destroys?: string;
  /** Whom it signs out. */
  readonly signsOut?: string;
};

/** A Prometheus rule that would have fired; `expr` uses only metrics that survive the site's scrape. */
export type AlertRule = {
  readonly alert: string;
  readonly expr: string;
  /** A Prometheus duration, `5m`. */
  readonly for: string;
  readonly severity: 'warning' | 'critical';
  readonly summary: string;
};

/** Something that can be at the root. */
export type Cause = {
  /** Stable, e.g. `authentik.outpost.shm-full`. */
  readonly code: string;
  readonly layer: string;
  /** What is wrong, as a headline: `the outpost cannot save sessions: no space left on device`. */
  readonly title: string;
  /** Codes of observations, and of other causes, that follow from this one. */
  readonly explains: readonly string[];
  /**
   * What to do, least intrusive first within a phase. With the judgements of a run the commands name its pods and
   * namespaces; without, for the printed runbook, they hold placeholders such as `<pod>`.
   */
  remedies(judged?: Judgements): readonly Remedy[];
  readonly alerts?: readonly AlertRule[];
};

/** Something that is not the cause, and how that is known. */
export type Exoneration = {
  /** Words for a reader: `Cloudflare and Workers`. */
  readonly what: string;
  readonly layer: string;
  /** `the same 400 without them`. */
  readonly because: string;
  /** Ids of the probes that show it. */
  readonly evidence: readonly string[];
};

/** Whom it hits. */
export const SCOPES = ['shared', 'per-host', 'per-user'] as const;
export type Scope = (typeof SCOPES)[number];

/** How sure: direct evidence that explains a symptom, position alone, or not known. */
export const CONFIDENCES = ['confirmed', 'likely', 'undetermined'] as const;
export type Confidence = (typeof CONFIDENCES)[number];
