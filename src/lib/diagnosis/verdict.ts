import type { Cause, Confidence } from './cause.ts';
import type { Judged, Judgements, Runbook } from './runbook.ts';

/** A cause with the probes that saw it. */
export type Seen = { readonly cause: Cause; readonly evidence: readonly string[]; readonly detail?: string };

/** What is at the root. `cause` is undefined when only a place can be named, or nothing. */
export type Root = {
  readonly confidence: Confidence;
  readonly cause?: Cause;
  readonly layer?: string;
  readonly evidence: readonly string[];
  /** One sentence on how far the evidence goes. */
  readonly because: string;
};

/** Everything that follows from the judgements about causes. */
export type Verdicts = {
  readonly root?: Root;
  /** Failures that the root does not explain: causes of their own, or findings without one. */
  readonly alsoFailing: readonly { readonly cause?: Cause; readonly evidence: readonly string[] }[];
  /** Probe id → code of the cause that explains what it saw. */
  readonly causedBy: ReadonlyMap<string, string>;
};

const isBad = ({ judgement }: Judged): boolean => judgement.verdict === 'FAIL' || judgement.verdict === 'WARN';
const codesOf = ({ judgement }: Judged): readonly string[] => (judgement.observations ?? []).map(({ code }) => code);

/**
 * Finds the root cause. `accepted` are findings that the site ignores: they blame nothing and are not blamed.
 *
 * A cause is `confirmed` when it was seen directly, explains something that was observed, and no cause that would
 * explain it away could hide behind a question without an answer. Position alone is `likely`, and only when
 * everything below has answered. Anything else is `undetermined`: a missing answer never makes another culprit.
 */
export function verdictsOf(runbook: Runbook, judged: Judgements, accepted: ReadonlySet<string>): Verdicts {
  const counted = judged.all.filter(({ probe }) => !accepted.has(probe.id));
  const bad = counted.filter(isBad);
  const rank = new Map(runbook.layers.map(({ id }, index) => [id, index]));
  const rankOf = (layer: string): number => rank.get(layer) ?? runbook.layers.length;
  const seen = seenCauses(runbook, counted).sort((a, b) => rankOf(a.cause.layer) - rankOf(b.cause.layer));
  const observed = new Set(bad.flatMap(codesOf));
  const roots = seen.filter((one) => !seen.some((other) => explainsAway(other, one, seen)));
  const [first] = roots;
  const root =
    first === undefined
      ? rootByPosition(runbook, judged, counted, rankOf)
      : rootBySight(runbook, judged, first, seen, observed);
  const causedBy = blame(root, roots, seen, bad);
  return { ...(root === undefined ? {} : { root }), alsoFailing: unblamed(root, roots, seen, bad, causedBy), causedBy };
}

function seenCauses(runbook: Runbook, counted: readonly Judged[]): Seen[] {
  const known = new Map(runbook.causes.map((cause) => [cause.code, cause]));
  const found = new Map<string, { cause: Cause; evidence: string[] }>();
  for (const { probe, judgement } of counted) {
    for (const { code } of judgement.causes ?? []) {
      const cause = known.get(code) ?? undeclared(code, probe.layer, judgement.detail);
      const entry = found.get(code) ?? { cause, evidence: [] };
      if (!entry.evidence.includes(probe.id)) entry.evidence.push(probe.id);
      found.set(code, entry);
    }
  }
  return [...found.values()];
}

/** A cause that the runbook does not list still must not be lost; it explains nothing but itself. */
function undeclared(code: string, layer: string, title: string): Cause {
  return { code, layer, title, explains: [], remedies: () => [] };
}

/** `other` is behind `one`; where two explain each other, the lower layer (the earlier in `seen`) stays. */
function explainsAway(other: Seen, one: Seen, seen: readonly Seen[]): boolean {
  if (other === one || !other.cause.explains.includes(one.cause.code)) return false;
  return !one.cause.explains.includes(other.cause.code) || seen.indexOf(other) < seen.indexOf(one);
}

/** Probes that can prove a cause: those that list its code. */
const proversOf = (runbook: Runbook, code: string): readonly string[] =>
  runbook.probes.filter(({ failures }) => failures.some((failure) => failure.code === code)).map(({ id }) => id);

/** Without an answer, whether by refusal or by choice; what is not there to be asked hides nothing. */
const isSilent = ({ judgement }: Judged): boolean =>
  judgement.verdict === 'UNKNOWN' ||
  (judgement.verdict === 'SKIP' && /^(not-selected|no-exec)$/.test(judgement.reason ?? ''));

function rootBySight(
  runbook: Runbook,
  judged: Judgements,
  { cause, evidence }: Seen,
  seen: readonly Seen[],
  observed: ReadonlySet<string>,
): Root {
  const unanswered = new Set(judged.all.filter(isSilent).map(({ probe }) => probe.id));
  const hidden = runbook.causes.find(
    (other) =>
      other.explains.includes(cause.code) &&
      !cause.explains.includes(other.code) &&
      !seen.some((one) => one.cause.code === other.code) &&
      proversOf(runbook, other.code).some((id) => unanswered.has(id)),
  );
  const what = { layer: cause.layer, evidence };
  if (hidden !== undefined) {
    const asked = proversOf(runbook, hidden.code).filter((id) => unanswered.has(id));
    const titles = asked.map((id) => judged.of(id)?.probe.title ?? id);
    const because = `${cause.title}; what may be behind it (${hidden.code}) could not be ruled out: no answer from ${titles.join(', ')}`;
    return { ...what, confidence: 'undetermined', because };
  }
  const explains = cause.explains.some((code) => observed.has(code));
  return explains
    ? { ...what, cause, confidence: 'confirmed', because: 'seen directly, and it explains what fails' }
    : {
        ...what,
        cause,
        confidence: 'likely',
        because: 'seen directly, but nothing that it would explain was observed',
      };
}

/** No cause was seen: a single one may still stand where the failures begin, if everything below has answered. */
function rootByPosition(
  runbook: Runbook,
  judged: Judgements,
  counted: readonly Judged[],
  rankOf: (layer: string) => number,
): Root | undefined {
  const failing = counted.filter(({ judgement }) => judgement.verdict === 'FAIL');
  if (failing.length === 0) return undefined;
  const lowest = Math.min(...failing.map(({ probe }) => rankOf(probe.layer)));
  const evidence = failing.filter(({ probe }) => rankOf(probe.layer) === lowest).map(({ probe }) => probe.id);
  const layer = counted.find(({ probe }) => probe.id === evidence[0])?.probe.layer ?? '';
  const title = runbook.layers.find(({ id }) => id === layer)?.title ?? layer;
  const silent = judged.all.filter((one) => isSilent(one) && rankOf(one.probe.layer) <= lowest);
  if (silent.length > 0) {
    const because = `the lowest failure is in ${title}, but below it there is no answer from ${silent.map(({ probe }) => probe.title).join(', ')}`;
    return { confidence: 'undetermined', layer, evidence, because };
  }
  const codes = new Set(failing.filter(({ probe }) => evidence.includes(probe.id)).flatMap(codesOf));
  const standing = runbook.causes.filter(
    (cause) => cause.layer === layer && cause.explains.some((code) => codes.has(code)),
  );
  const [only, ...others] = standing;
  if (only === undefined || others.length > 0)
    return {
      confidence: 'undetermined',
      layer,
      evidence,
      because: `the lowest failure is in ${title}; nothing says why`,
    };
  const because = `the lowest failure is in ${title} and everything below it is healthy; nothing was seen directly`;
  return { confidence: 'likely', cause: only, layer, evidence, because };
}

/** Codes that follow from a cause, through the causes that it explains. */
function reach(cause: Cause, seen: readonly Seen[], known = new Set<string>()): ReadonlySet<string> {
  for (const code of cause.explains) {
    if (known.has(code)) continue;
    known.add(code);
    const next = seen.find((one) => one.cause.code === code)?.cause;
    if (next !== undefined) reach(next, seen, known);
  }
  return known;
}

/** A finding is blamed on a root only if that explains everything which the finding saw. */
function blame(
  root: Root | undefined,
  roots: readonly Seen[],
  seen: readonly Seen[],
  bad: readonly Judged[],
): ReadonlyMap<string, string> {
  const culprits =
    root?.confidence === 'undetermined' ? roots.slice(1).map(({ cause }) => cause) : roots.map(({ cause }) => cause);
  if (root?.cause !== undefined && !culprits.includes(root.cause)) culprits.unshift(root.cause);
  const causedBy = new Map<string, string>();
  for (const one of bad) {
    const codes = [...codesOf(one), ...(one.judgement.causes ?? []).map(({ code }) => code)];
    if (codes.length === 0) continue;
    const culprit = culprits.find((cause) => {
      const explained = reach(cause, seen);
      return codes.every((code) => explained.has(code) || code === cause.code);
    });
    const isOwn =
      root?.evidence.includes(one.probe.id) === true ||
      (one.judgement.causes ?? []).some(({ code }) => code === culprit?.code);
    if (culprit !== undefined && !isOwn) causedBy.set(one.probe.id, culprit.code);
  }
  return causedBy;
}

function unblamed(
  root: Root | undefined,
  roots: readonly Seen[],
  seen: readonly Seen[],
  bad: readonly Judged[],
  causedBy: ReadonlyMap<string, string>,
): Verdicts['alsoFailing'] {
  const others = roots.filter(
    ({ cause, evidence }) => cause !== root?.cause && evidence.join() !== root?.evidence.join(),
  );
  const accounted = new Set([
    ...(root?.evidence ?? []),
    ...seen.flatMap(({ evidence }) => evidence),
    ...causedBy.keys(),
  ]);
  const alone = bad.filter(({ probe, judgement }) => judgement.verdict === 'FAIL' && !accounted.has(probe.id));
  return [...others, ...alone.map(({ probe }) => ({ evidence: [probe.id] }))];
}
