import { countVerdicts, type Verdict } from '../findings/finding.ts';
import type { Collected, Recorded } from './collected.ts';
import type { AlsoFailing, Diagnosis, DiagnosisFinding, RootCause } from './diagnosis.ts';
import { ignoresOf } from './ignores.ts';
import { judgeAll, type OnDefect } from './judge.ts';
import { nextStepsOf } from './next-steps.ts';
import type { Since } from './probe.ts';
import type { Judged, Judgements, Runbook } from './runbook.ts';
import { type Verdicts, verdictsOf } from './verdict/verdict.ts';

/** Optional parts: absent instead of undefined. */
const maybe = <K extends string, T>(key: K, value: T | undefined): Partial<Record<K, T>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, T>);

/**
 * Concludes a diagnosis from what was recorded. Pure: live and replayed, in whatever order the answers came, the same
 * evidence gives the same diagnosis.
 */
export function conclude(runbook: Runbook, recorded: Recorded, onDefect: OnDefect = () => {}): Diagnosis {
  const judged = judgeAll(runbook, recorded, onDefect);
  const ignored = ignoresOf(judged.all, recorded.ignore, recorded.at);
  const verdicts = verdictsOf(runbook, judged, new Set(ignored.findings.keys()));
  const byId = new Map(recorded.collected.map((one) => [one.id, one]));
  const findings = judged.all.map((one): DiagnosisFinding => {
    const accepted = ignored.findings.get(one.probe.id);
    return {
      ...findingOf(one, byId.get(one.probe.id)),
      ...maybe('causedBy', verdicts.causedBy.get(one.probe.id)),
      ...maybe('ignored', accepted && { reason: accepted.reason, expires: accepted.expires }),
    };
  });
  const counted = findings.filter((finding) => finding.ignored === undefined);
  const wanted = findings.filter(({ reason }) => reason !== 'not-selected' && reason !== 'no-exec');
  const coverage = {
    measured: wanted.filter(({ verdict }) => verdict !== 'UNKNOWN' && verdict !== 'SKIP').length,
    of: wanted.filter(({ verdict }) => verdict !== 'SKIP').length,
    unit: 'probes',
  };
  const rootCause = rootCauseOf(runbook, judged, verdicts, onDefect);
  const relevant = [verdicts.root?.cause, ...verdicts.alsoFailing.map(({ cause }) => cause)].filter(
    (cause) => cause !== undefined,
  );
  return {
    subject: runbook.subject,
    title: runbook.title,
    at: recorded.at,
    tookMs: recorded.durationMs,
    options: recorded.options,
    ended: recorded.ended,
    verdict: worstVerdict(counted, coverage.measured),
    ...maybe(
      'shape',
      guarded('shape', onDefect, () => runbook.shapeOf?.(judged)),
    ),
    ...maybe(
      'vantage',
      guarded('vantage', onDefect, () => runbook.vantageOf?.(judged)),
    ),
    ...maybe('rootCause', rootCause),
    alsoFailing: verdicts.alsoFailing.map((one) => alsoFailing(one, judged)),
    exonerated: guarded('exonerate', onDefect, () => runbook.exonerate?.(judged)) ?? [],
    findings,
    counts: countVerdicts(findings),
    coverage,
    ...maybe('since', sinceOf(judged, verdicts)),
    forecasts: judged.all.flatMap(({ judgement }) => judgement.forecast ?? []),
    timeline: judged.all
      .flatMap(({ judgement }) => judgement.timeline ?? [])
      .sort((a, b) => Date.parse(a.at) - Date.parse(b.at)),
    gaps: judged.all.flatMap(({ judgement }) => judgement.gaps ?? []),
    nextSteps: guarded('next steps', onDefect, () => nextStepsOf(runbook, judged, verdicts, recorded)) ?? [],
    alertRules: (relevant.length > 0 ? relevant : runbook.causes).flatMap(({ alerts }) => alerts ?? []),
    ignores: ignored.notes,
    evidence: runbook.probes
      .flatMap(({ id }) => byId.get(id) ?? [])
      .filter(({ evidence }) => evidence.state === 'answered')
      .map(({ id, at, requests, byHand }) => ({
        id,
        collectedAt: at,
        requests: total(requests),
        ...maybe('command', byHand === '' ? undefined : byHand),
      })),
    requests: sumOf(recorded),
    ...maybe(
      'remembered',
      guarded('remember', onDefect, () => runbook.remember?.(judged)),
    ),
  };
}

function findingOf({ probe, judgement, blockedBy }: Judged, collected: Collected | undefined): DiagnosisFinding {
  const { verdict, detail, reason, data, coverage, samples, observations = [], causes = [] } = judgement;
  const { id, title, layer, kind } = probe;
  return {
    ...{ id, title, layer, kind, verdict, detail, observations, causes, durationMs: collected?.durationMs ?? 0 },
    ...maybe('reason', reason),
    ...maybe('command', collected?.byHand === '' ? undefined : collected?.byHand),
    ...maybe('data', data),
    ...maybe('coverage', coverage),
    ...maybe('samples', samples),
    ...maybe('blockedBy', blockedBy),
  };
}

function worstVerdict(findings: readonly DiagnosisFinding[], measured: number): Verdict {
  const has = (verdict: Verdict): boolean => findings.some((finding) => finding.verdict === verdict);
  if (has('FAIL')) return 'FAIL';
  if (has('UNKNOWN') || measured === 0) return 'UNKNOWN';
  return has('WARN') ? 'WARN' : 'PASS';
}

function rootCauseOf(
  runbook: Runbook,
  judged: Judgements,
  { root }: Verdicts,
  onDefect: OnDefect,
): RootCause | undefined {
  if (root === undefined) return undefined;
  const { cause, layer, confidence, because, evidence } = root;
  const scope = guarded('scope', onDefect, () => runbook.scopeOf?.(judged, cause));
  const summary = cause?.title ?? because;
  return {
    ...{ confidence, summary, because, evidence },
    ...maybe('code', cause?.code),
    ...maybe('layer', layer),
    ...maybe('scope', scope),
  };
}

function alsoFailing(one: Verdicts['alsoFailing'][number], judged: Judgements): AlsoFailing {
  const first = judged.of(one.evidence[0] ?? '');
  const summary = one.cause?.title ?? `${first?.probe.title}: ${first?.judgement.detail}`;
  return { summary, evidence: one.evidence, ...maybe('code', one.cause?.code) };
}

/** The earliest start that the probes tell which saw the root; of the same moment the one that is sure of it. */
function sinceOf(judged: Judgements, { root }: Verdicts): Since | undefined {
  const told = (root?.evidence ?? []).flatMap((id) => judged.of(id)?.judgement.since ?? []);
  const unsure = ({ orBefore }: Since): number => Number(orBefore === true);
  return told.sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || unsure(a) - unsure(b))[0];
}

/** A fault in what a runbook adds must cost that part only, never the document. */
function guarded<T>(part: string, onDefect: OnDefect, compute: () => T | undefined): T | undefined {
  try {
    return compute();
  } catch (thrown) {
    onDefect(part, thrown);
    return undefined;
  }
}

const total = (requests: Readonly<Record<string, number>>): number =>
  Object.values(requests).reduce((sum, count) => sum + count, 0);

function sumOf({ collected, reviews }: Recorded): Readonly<Record<string, number>> {
  const sums = new Map<string, number>(reviews === 0 ? [] : [['kubernetes', reviews]]);
  for (const { requests } of collected)
    for (const [name, count] of Object.entries(requests)) sums.set(name, (sums.get(name) ?? 0) + count);
  return Object.fromEntries([...sums].sort(([a], [b]) => a.localeCompare(b)));
}
