import type { Judgement } from '../../diagnosis/probe.ts';
import type { LogEvidence } from '../evidence/log-window.ts';
import { count, momentWords, some } from '../words.ts';
import { firstSeen } from './first-seen.ts';
import { findingsOf, servedIn } from './log-findings.ts';
import { causesOf, observationsOf, type SignSeen, type Signs, signsIn } from './signs.ts';

/** How the logs of one component are judged. */
export type LogRules = {
  readonly signs: Signs;
  /** What is counted: `outpost logs`. */
  readonly unit: string;
  /** Silence is health only where requests are logged: then no failure was logged among them. */
  readonly mustServe: boolean;
};

/** Judges logs: by what was recognised, never by level, and never by silence alone. */
export function judgeLogs(evidence: LogEvidence, { signs, unit, mustServe }: LogRules): Judgement {
  const newest = evidence.read.filter(({ window }) => window === 'newest');
  const unread = evidence.missed.filter(({ window }) => window === 'newest');
  const total = newest.length + unread.length;
  const coverage = { measured: newest.length, of: total, unit };
  if (total === 0) return { verdict: 'UNKNOWN', reason: 'empty', detail: `there are no ${unit}: no pod runs` };
  const seen = signsIn(signs, findingsOf(evidence));
  const served = servedIn(evidence);
  if (seen.length > 0) return { ...broken(evidence, seen), coverage };
  const lines = newest.reduce((sum, one) => sum + one.lines, 0);
  if (mustServe && served === 0) {
    const detail = `nothing recognised, but no request was logged in six hours either (${count(lines, 'line')}): the log level may hide it, or nobody came`;
    return { verdict: 'UNKNOWN', reason: 'silent', detail, coverage };
  }
  const detail = mustServe
    ? `${count(served, 'request')} in ${count(newest.length, 'log')}, no known failure among them`
    : `${count(lines, 'line')} in ${count(newest.length, 'log')}, no known failure`;
  return { verdict: 'PASS', detail, coverage };
}

function broken(evidence: LogEvidence, seen: readonly SignSeen[]): Judgement {
  const [{ sign, finding }] = seen as readonly [SignSeen, ...SignSeen[]];
  const first = firstSeen(evidence, finding.finding);
  const where = finding.past ? `before the restart of ${some(finding.pods)}` : `in ${some(finding.pods)} in 15 min`;
  const also = seen.slice(1).map((one) => one.finding.finding);
  const back =
    first?.reachesBackTo === undefined ? '' : `, the log reaches back to ${momentWords(first.reachesBackTo)}`;
  const named = sign.about?.exec(finding.sample)?.[1];
  const about = named === undefined ? '' : ` (${named})`;
  const detail = [
    `${sign.short ?? sign.meaning}${about}: ${count(finding.count, 'line')} ${where}${back}`,
    ...(also.length === 0 ? [] : [`also ${some(also)}`]),
  ];
  const timeline = [
    ...(first === undefined
      ? []
      : [{ at: first.at, what: `first "${finding.finding}" in the log${first.orBefore ? ', or before' : ''}` }]),
    ...(finding.last === undefined ? [] : [{ at: finding.last, what: `latest "${finding.finding}" in the log` }]),
  ];
  return {
    verdict: seen.some((one) => one.sign.verdict === 'FAIL') ? 'FAIL' : 'WARN',
    detail: detail.join('; '),
    observations: observationsOf(seen),
    causes: causesOf(seen),
    timeline,
    samples: seen.slice(0, 3).map((one) => one.finding.sample),
    ...(first === undefined
      ? {}
      : { since: { at: first.at, orBefore: first.orBefore, ...(first.orBefore ? { note: 'start of the log' } : {}) } }),
    data: seen.map(({ finding: { finding: code, rootCause, count: lines, pods } }) => ({
      code,
      rootCause,
      lines,
      pods,
    })),
  };
}
