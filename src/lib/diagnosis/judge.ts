import type { Collected, Recorded } from './collected.ts';
import type { Json } from './json.ts';
import type { EvidenceState, Given, Judgement, Probe } from './probe.ts';
import type { Judged, Judgements, Runbook } from './runbook.ts';

/** What a judge may see of a run. */
export type JudgeInput = Pick<Recorded, 'at' | 'options' | 'selected' | 'collected'>;

/** Told of what a judge threw: a defect, which becomes UNKNOWN. */
export type OnDefect = (id: string, thrown: unknown) => void;

const NOT_ASKED: EvidenceState = { state: 'no-answer', reason: 'not-asked', message: 'not asked' };

/** Judges every probe of a runbook. Pure: the same evidence gives the same judgements, whenever it was collected. */
export function judgeAll(runbook: Runbook, input: JudgeInput, onDefect: OnDefect = () => {}): Judgements {
  const byId = new Map(input.collected.map((one) => [one.id, one]));
  const all = runbook.probes.map((probe) => judgeOne(probe, byId, input, onDefect));
  const judged = new Map(all.map((one) => [one.probe.id, one]));
  return {
    all,
    options: input.options,
    at: input.at,
    of: (id) => judged.get(id),
    verdict: (id) => judged.get(id)?.judgement.verdict,
    answer: <T extends Json>(id: string): T | undefined => {
      const found = judged.get(id)?.evidence;
      return found?.state === 'answered' ? (found.value as T) : undefined;
    },
    observed: (code) =>
      all.flatMap(({ judgement }) => (judgement.observations ?? []).filter((one) => one.code === code)),
    caused: (code) => all.flatMap(({ judgement }) => (judgement.causes ?? []).filter((one) => one.code === code)),
  };
}

/** Judges one probe whose evidence, and that of all it stands on, is among `collected`. */
export function judgeOne(
  probe: Probe,
  collected: ReadonlyMap<string, Collected>,
  input: Pick<Recorded, 'options' | 'selected'>,
  onDefect: OnDefect = () => {},
): Judged {
  const own = collected.get(probe.id);
  const evidence = own?.evidence ?? NOT_ASKED;
  const blockedBy = own?.blockedBy === undefined ? {} : { blockedBy: own.blockedBy };
  if (!input.selected.includes(probe.id))
    return { probe, evidence, judgement: { verdict: 'SKIP', reason: 'not-selected', detail: 'not selected' } };
  if (own === undefined || evidence.state === 'no-answer') {
    const { reason, message } =
      evidence.state === 'no-answer' ? evidence : { reason: 'not-asked', message: 'not asked' };
    const verdict = own?.isSkipped === true ? 'SKIP' : 'UNKNOWN';
    return { probe, evidence, judgement: { verdict, reason, detail: message }, ...blockedBy };
  }
  try {
    const judgement = probe.judge(evidence.value, givenOf(probe, own, collected, input));
    return { probe, evidence, judgement: honest(judgement) };
  } catch (thrown) {
    onDefect(probe.id, thrown);
    const kind = thrown instanceof Error ? thrown.name : typeof thrown;
    const detail = `there is an answer, but judging it failed (${kind})`;
    return { probe, evidence, judgement: { verdict: 'UNKNOWN', reason: 'defect', detail } };
  }
}

/** Healthy means that all of it was looked at, and that nothing was found. */
function honest(judgement: Judgement): Judgement {
  const { verdict, coverage, reason } = judgement;
  if (verdict === 'PASS' && (judgement.causes ?? []).length > 0)
    return { ...judgement, verdict: 'UNKNOWN', reason: 'contradiction' };
  if (verdict === 'PASS' && coverage !== undefined && coverage.measured < coverage.of) {
    const detail = `${judgement.detail}; only ${coverage.measured} of ${coverage.of} ${coverage.unit} measured`;
    return { ...judgement, verdict: 'UNKNOWN', reason: 'partial', detail };
  }
  const needsReason = verdict === 'UNKNOWN' || verdict === 'SKIP';
  return needsReason && reason === undefined ? { ...judgement, reason: 'unspecified' } : judgement;
}

function givenOf(
  probe: Probe,
  own: Collected,
  collected: ReadonlyMap<string, Collected>,
  input: Pick<Recorded, 'options'>,
): Given {
  const known = new Set([...(probe.dependsOn ?? []), ...(probe.considers ?? [])]);
  const evidence = <T extends Json>(id: string): EvidenceState<T> => {
    if (!known.has(id)) throw new Error(`${probe.id} looks at ${id}, which it does not name`);
    return (collected.get(id)?.evidence ?? NOT_ASKED) as EvidenceState<T>;
  };
  return {
    at: new Date(own.at),
    options: input.options,
    evidence,
    answer: <T extends Json>(id: string): T => {
      const found = evidence<T>(id);
      if (found.state === 'no-answer') throw new Error(`${id} has no answer`);
      return found.value;
    },
  };
}
