import type { Cause, Confidence } from '../cause.ts';
import type { Judged, Judgements, Runbook } from '../runbook.ts';
import { rootByPosition } from './position.ts';
import { type Seen, type Sight, sightOf } from './seen.ts';

/** What is at the root. `cause` is undefined when only a place can be named, or nothing. */
export type Root = {
  readonly confidence: Confidence;
  readonly cause?: Cause;
  readonly layer?: string;
  readonly evidence: readonly string[];
  /** How far the evidence goes. */
  readonly because: string;
};

/** Everything that follows from the judgements about causes. */
export type Verdicts = {
  readonly root?: Root;
  /** Failures that the root does not explain: causes of their own, or findings without one. */
  readonly alsoFailing: readonly {
    readonly cause?: Cause;
    readonly confidence?: Confidence;
    readonly evidence: readonly string[];
  }[];
  /** Probe id → code of the cause that explains what it saw. */
  readonly causedBy: ReadonlyMap<string, string>;
};

const isBad = ({ judgement }: Judged): boolean => judgement.verdict === 'FAIL' || judgement.verdict === 'WARN';
const CERTAINTY: readonly Confidence[] = ['confirmed', 'likely', 'undetermined'];

/**
 * Finds the root cause. `accepted` are ids of findings that the site ignores: they blame nothing and are not blamed.
 *
 * A cause is `confirmed` when it was seen directly, explains something that was observed, and no cause that would
 * explain it away could hide behind a question without an answer; among several the lowest layer. Position alone is
 * `likely`, and only when everything below has answered; so is a cause behind which a question was left out by choice.
 * Anything else is `undetermined`: a missing answer never makes
 * another culprit.
 */
export function verdictsOf(runbook: Runbook, judged: Judgements, accepted: ReadonlySet<string>): Verdicts {
  const counted = judged.all.filter(({ probe }) => !accepted.has(probe.id));
  const bad = counted.filter(isBad);
  const sight = sightOf(runbook, judged, counted);
  const independent = sight.seen.filter((one) => !sight.seen.some((other) => stepsAside(sight, one, other)));
  const roots = independent.map((one) => ({ ...one, root: rootBySight(judged, one, sight, bad) }));
  const sorted = roots.toSorted((a, b) => CERTAINTY.indexOf(a.root.confidence) - CERTAINTY.indexOf(b.root.confidence));
  const root = sorted[0]?.root ?? rootByPosition(runbook, judged, counted);
  const culprits = [
    ...(root?.cause === undefined ? [] : [root.cause]),
    ...roots.flatMap((one) => one.root.cause ?? []),
  ];
  const causedBy = blame(culprits, runbook, sight, bad, new Set(root?.evidence));
  const others = sorted.slice(1).map(({ cause, evidence, root: { confidence } }) => ({ cause, confidence, evidence }));
  const accounted = new Set([
    ...(root?.evidence ?? []),
    ...sight.seen.flatMap(({ evidence }) => evidence),
    ...causedBy.keys(),
  ]);
  const alone = bad.filter(({ probe, judgement }) => judgement.verdict === 'FAIL' && !accounted.has(probe.id));
  return {
    ...(root === undefined ? {} : { root }),
    alsoFailing: [...others, ...alone.map(({ probe }) => ({ evidence: [probe.id] }))],
    causedBy,
  };
}

/** `other` stands behind `one`; where each explains the other, the lower layer, the earlier one, stays. */
function stepsAside({ seen, isBehind }: Sight, one: Seen, other: Seen): boolean {
  if (!isBehind(other.cause, one.cause)) return false;
  return !isBehind(one.cause, other.cause) || seen.indexOf(other) < seen.indexOf(one);
}

function rootBySight(judged: Judgements, { cause, evidence }: Seen, sight: Sight, bad: readonly Judged[]): Root {
  const what = { layer: cause.layer, evidence };
  const hidden = sight.hiddenBehind(cause);
  const isChosen = (id: string): boolean => judged.verdict(id) === 'SKIP';
  const withheld = hidden.find(({ silent }) => !silent.every(isChosen));
  if (withheld !== undefined) {
    const titles = withheld.silent.map((id) => judged.of(id)?.probe.title ?? id).join(', ');
    const because = `${cause.title}; ${withheld.cause.code} may be behind it and could not be ruled out: no answer from ${titles}`;
    return { ...what, confidence: 'undetermined', because };
  }
  const [unasked] = hidden;
  if (unasked !== undefined) {
    const because = `seen directly; ${unasked.cause.code} may be behind it and was not asked for`;
    return { ...what, cause, confidence: 'likely', because };
  }
  const observed = new Set(bad.flatMap(codesOf));
  return cause.explains.some((code) => observed.has(code))
    ? { ...what, cause, confidence: 'confirmed', because: 'seen directly, and it explains what fails' }
    : {
        ...what,
        cause,
        confidence: 'likely',
        because: 'seen directly, but nothing that it would explain was observed',
      };
}

const codesOf = ({ judgement }: Judged): readonly string[] => (judgement.observations ?? []).map(({ code }) => code);

/** A finding is blamed on a cause only if that explains everything which the finding saw; evidence of it is no effect. */
function blame(
  culprits: readonly Cause[],
  runbook: Runbook,
  sight: Sight,
  bad: readonly Judged[],
  evidence: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const causes = new Map([...runbook.causes, ...sight.seen.map(({ cause }) => cause)].map((one) => [one.code, one]));
  const covers = (culprit: Cause, code: string): boolean => {
    if (culprit.code === code || culprit.explains.includes(code)) return true;
    const cause = causes.get(code);
    if (cause !== undefined) return sight.isBehind(culprit, cause);
    return sight.seen.some((one) => one.cause.explains.includes(code) && sight.isBehind(culprit, one.cause));
  };
  const causedBy = new Map<string, string>();
  for (const { probe, judgement } of bad) {
    const own = (judgement.causes ?? []).map(({ code }) => code);
    const codes = [...(judgement.observations ?? []).map(({ code }) => code), ...own];
    const culprit =
      codes.length === 0 ? undefined : culprits.find((cause) => codes.every((code) => covers(cause, code)));
    if (culprit === undefined || evidence.has(probe.id) || own.includes(culprit.code)) continue;
    causedBy.set(probe.id, culprit.code);
  }
  return causedBy;
}
