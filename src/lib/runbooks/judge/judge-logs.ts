import type { Json } from '../../diagnosis/json.ts';
import type { Judgement, TimelineEntry } from '../../diagnosis/probe.ts';
import type { LogEvidence } from '../evidence/log-window.ts';
import { maybe } from '../evidence/shape.ts';
import { count, momentWords, some } from '../words.ts';
import { firstSeen } from './first-seen.ts';
import { type Finding, findingsOf, oldFindingsOf, servedIn, withoutOld } from './log-findings.ts';
import { cutWords, measuredIn } from './logs-measured.ts';
import { causesOf, observationsOf, type SignSeen, type Signs, signsIn } from './signs.ts';

/** How the logs of one component are judged. */
export type LogRules = {
  readonly signs: Signs;
  /** What is counted: `outpost logs`. */
  readonly unit: string;
  /** Silence is health only where requests are logged: then no failure was logged among them. */
  readonly mustServe: boolean;
};

/** Judges logs: by what was recognised, never by level, and never by silence alone. `at`: when they were read. */
export function judgeLogs(all: LogEvidence, { signs, unit, mustServe }: LogRules, at: Date): Judgement {
  const evidence = withoutOld(all, at);
  const measured = measuredIn(evidence);
  const { newest, lines, lacking } = measured;
  const coverage = { measured: measured.measured, of: measured.of, unit };
  if (coverage.of === 0) return { verdict: 'UNKNOWN', reason: 'empty', detail: `there are no ${unit}: no pod runs` };
  const past = historyOf(signsIn(signs, oldFindingsOf(all, at)));
  const cut = cutWords(newest, at);
  const seen = signsIn(signs, findingsOf(evidence));
  if (seen.length > 0) return withHistory({ ...broken(evidence, seen, cut), coverage }, past);
  const served = servedIn(evidence);
  if (mustServe && served === 0) {
    const detail = `nothing recognised, but no request was logged in six hours either (${count(lines, 'line')}): the log level may hide it, or nobody came`;
    return withHistory({ verdict: 'UNKNOWN', reason: 'silent', detail, coverage }, past);
  }
  if (measured.isSilent) {
    const detail = `no line in ${count(newest.length, 'log')}: an empty log proves nothing`;
    return withHistory({ verdict: 'UNKNOWN', reason: 'silent', detail, coverage }, past);
  }
  const found = mustServe
    ? `${count(served, 'request')} in ${count(newest.length, 'log')}, no known failure among them`
    : `${count(lines, 'line')} in ${count(newest.length, 'log')}, no known failure`;
  const detail = [found, ...cut].join('; ');
  if (coverage.measured === coverage.of) return withHistory({ verdict: 'PASS', detail, coverage }, past);
  const only = `only ${coverage.measured} of ${coverage.of} ${unit} measured: ${lacking.join('; ')}`;
  return withHistory({ verdict: 'UNKNOWN', reason: 'partial', detail: `${detail}; ${only}`, coverage }, past);
}

type History = { readonly timeline: readonly TimelineEntry[]; readonly data: readonly Json[] };

/** What stood in a log before a restart, days ago: told, and nothing follows from it. */
function historyOf(old: readonly SignSeen[]): History {
  return {
    timeline: old.flatMap(({ finding: { finding, last, pods } }) =>
      last === undefined ? [] : [{ at: last, what: `latest "${finding}" before the restart of ${some(pods)}` }],
    ),
    data: old.map(({ finding }) => ({ ...dataOf(finding), ...maybe('last', finding.last), isOld: true })),
  };
}

function withHistory(judgement: Judgement, { timeline, data }: History): Judgement {
  if (data.length === 0) return judgement;
  const own = Array.isArray(judgement.data) ? judgement.data : [];
  return { ...judgement, timeline: [...(judgement.timeline ?? []), ...timeline], data: [...own, ...data] };
}

const dataOf = ({ finding, rootCause, count: lines, pods }: Finding) => ({ code: finding, rootCause, lines, pods });

function broken(evidence: LogEvidence, seen: readonly SignSeen[], cut: readonly string[]): Judgement {
  const [{ sign, finding }] = seen as readonly [SignSeen, ...SignSeen[]];
  const first = firstSeen(evidence, finding.finding);
  const hours = finding.hoursAgo ? '6 h' : '15 min';
  const where = finding.past ? `before the restart of ${some(finding.pods)}` : `in ${some(finding.pods)} in ${hours}`;
  const also = seen.slice(1).map((one) => one.finding.finding);
  const back =
    first?.reachesBackTo === undefined ? '' : `, the log reaches back to ${momentWords(first.reachesBackTo)}`;
  const named = sign.about?.exec(finding.sample)?.[1];
  const about = named === undefined ? '' : ` (${named})`;
  const detail = [
    `${sign.short ?? sign.meaning}${about}: ${count(finding.count, 'line')} ${where}${back}`,
    ...(also.length === 0 ? [] : [`also ${some(also)}`]),
    ...cut,
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
    data: seen.map((one) => dataOf(one.finding)),
  };
}
