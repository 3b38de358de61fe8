import type { StatusName } from '../errors.ts';
import { worstStatus } from '../errors.ts';
import type { Finding, Verdict } from '../findings/finding.ts';
import type { AlertRule, Confidence, Exoneration, Phase, Risk, Scope } from './cause.ts';
import type { Forecast } from './forecast.ts';
import type { Json } from './json.ts';
import type { Coverage, DetectionGap, Observation, ProbeKind, Since, SubjectOptions, TimelineEntry } from './probe.ts';

/** One probe's row of a diagnosis. */
export type DiagnosisFinding = Finding & {
  readonly layer: string;
  readonly kind: ProbeKind;
  readonly observations: readonly Observation[];
  /** Codes of causes that this probe saw directly, and the log signatures that prove them. */
  readonly causes: readonly { readonly code: string; readonly signature?: string; readonly detail?: string }[];
  readonly data?: Json;
  readonly coverage?: Coverage;
  readonly samples?: readonly string[];
  readonly durationMs: number;
  /** Id of the probe without whose answer this one could not be asked. */
  readonly blockedBy?: string;
  /** Code of the cause that explains what this probe saw. */
  readonly causedBy?: string;
  /** Accepted by infra.yaml: listed, but it counts for nothing. */
  readonly ignored?: { readonly reason: string; readonly expires: string };
};

/** The end of the search. `code` is absent when only a place is known, or nothing. */
export type RootCause = {
  readonly code?: string;
  readonly layer?: string;
  readonly scope?: Scope;
  readonly confidence: Confidence;
  readonly summary: string;
  readonly because: string;
  readonly evidence: readonly string[];
};

/** A failure that the root cause does not explain. */
export type AlsoFailing = { readonly code?: string; readonly summary: string; readonly evidence: readonly string[] };

/** Something to do next. `note`: what it destroys and whom it signs out. */
export type NextStep = {
  readonly phase: Phase;
  readonly text: string;
  readonly command?: string;
  readonly risk: Risk;
  readonly note?: string;
  /** The cause that it ends, where that is not the root cause. */
  readonly cause?: string;
};

/** Where one piece of evidence came from. The evidence itself is in a recording. */
export type EvidenceNote = {
  readonly id: string;
  readonly collectedAt: string;
  readonly requests: number;
  readonly command?: string;
};

/** An entry of infra.yaml's `ignore` that names a finding of this subject. */
export type IgnoreNote = {
  readonly finding: string;
  readonly subject?: string;
  readonly reason: string;
  readonly expires: string;
  readonly state: 'applied' | 'expired' | 'unmatched';
};

/** What a diagnosis says. Every format is folded from this one value. */
export type Diagnosis = {
  readonly subject: string;
  readonly title: string;
  readonly at: string;
  /** How long asking took. */
  readonly tookMs: number;
  readonly options: SubjectOptions;
  readonly ended: 'complete' | 'deadline' | 'interrupted';
  readonly verdict: Verdict;
  readonly shape?: string;
  /** Where the questions were asked from, a line each. */
  readonly vantage?: readonly string[];
  readonly rootCause?: RootCause;
  readonly alsoFailing: readonly AlsoFailing[];
  readonly exonerated: readonly Exoneration[];
  readonly findings: readonly DiagnosisFinding[];
  readonly counts: Readonly<Record<Verdict, number>>;
  /** Probes that answered, of those that were wanted. */
  readonly coverage: Coverage;
  readonly since?: Since;
  readonly forecasts: readonly Forecast[];
  readonly timeline: readonly TimelineEntry[];
  readonly gaps: readonly DetectionGap[];
  readonly nextSteps: readonly NextStep[];
  readonly alertRules: readonly AlertRule[];
  readonly ignores: readonly IgnoreNote[];
  readonly evidence: readonly EvidenceNote[];
  readonly requests: Readonly<Record<string, number>>;
  /** For the next run; no part of any document. */
  readonly remembered?: SubjectOptions;
};

/** From which verdict on a diagnosis does not end with 0: `fail` lets warnings pass. */
export type FailOn = 'warn' | 'fail';

/**
 * The exit status: the worst verdict that is not ignored, 124 or 130 when it was cut short. Nothing measured at all is
 * `unknown`: that nobody looked is not health.
 */
export function statusOfDiagnosis(
  { findings, ended, coverage }: Pick<Diagnosis, 'findings' | 'ended' | 'coverage'>,
  failOn: FailOn = 'warn',
): StatusName {
  const statuses = findings.flatMap(({ verdict, ignored }): StatusName[] => {
    if (ignored !== undefined) return [];
    if (verdict === 'WARN') return failOn === 'warn' ? ['warn'] : [];
    return verdict === 'FAIL' ? ['fail'] : verdict === 'UNKNOWN' ? ['unknown'] : [];
  });
  const cut: StatusName[] = ended === 'deadline' ? ['deadline'] : [];
  return worstStatus([...statuses, ...cut, coverage.measured === 0 ? 'unknown' : 'ok']);
}
