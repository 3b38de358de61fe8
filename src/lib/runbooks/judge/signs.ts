import type { CauseEvidence, Observation } from '../../diagnosis/probe.ts';
import type { Finding } from './log-findings.ts';

/** What a finding of the logs means to a probe. */
export type Sign = {
  readonly observation: string;
  readonly meaning: string;
  /** The same in a few words, for a line below a headline that says it already. */
  readonly short?: string;
  /** Finds in the line what it is about. */
  readonly about?: RegExp;
  /** FAIL: it is an outage by itself. WARN: worth a look. */
  readonly verdict: 'FAIL' | 'WARN';
  /** Fewer lines than this in a quarter of an hour are everyday life: a rollout, a stale cookie. */
  readonly atLeast: number;
  /** The cause that such a line proves by itself. */
  readonly cause?: string;
};

/** Finding code → sign. */
export type Signs = Readonly<Record<string, Sign>>;

/** A finding with what it means. */
export type SignSeen = { readonly sign: Sign; readonly finding: Finding };

/** The findings that mean something here, failures first. */
export function signsIn(signs: Signs, findings: readonly Finding[]): readonly SignSeen[] {
  const seen = findings.flatMap((finding): SignSeen[] => {
    const sign = signs[finding.finding];
    return sign === undefined || finding.kind === 'noise' || finding.count < sign.atLeast ? [] : [{ sign, finding }];
  });
  return seen.sort((a, b) => Number(b.sign.verdict === 'FAIL') - Number(a.sign.verdict === 'FAIL'));
}

export function observationsOf(seen: readonly SignSeen[]): readonly Observation[] {
  return seen.flatMap(({ sign, finding }) => finding.pods.map((pod) => ({ code: sign.observation, subject: pod })));
}

export function causesOf(seen: readonly SignSeen[]): readonly CauseEvidence[] {
  return seen.flatMap(({ sign, finding }) =>
    sign.cause === undefined ? [] : [{ code: sign.cause, signature: finding.finding, detail: finding.pods.join(', ') }],
  );
}

/** The rows of a runbook's table for these signs. */
export function failuresOf(signs: Signs): readonly { readonly code: string; readonly meaning: string }[] {
  const rows = Object.values(signs).flatMap(({ observation, cause, meaning }) => {
    const sentence = `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`;
    return [observation, ...(cause === undefined ? [] : [cause])].map((code) => ({ code, meaning: sentence }));
  });
  return rows.filter(({ code }, index) => rows.findIndex((other) => other.code === code) === index);
}
