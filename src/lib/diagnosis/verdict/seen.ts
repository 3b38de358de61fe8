import type { Cause } from '../cause.ts';
import type { Judged, Judgements, Runbook } from '../runbook.ts';

/** A cause with the ids of the probes that saw it directly. */
export type Seen = { readonly cause: Cause; readonly evidence: readonly string[] };

/** What was seen, what may hide behind questions without an answer, and which cause can stand behind which. */
export type Sight = {
  /** The lowest layer first. */
  readonly seen: readonly Seen[];
  /** Whether `other`, through causes that are there or may be, explains `cause`. */
  isBehind(other: Cause, cause: Cause): boolean;
  /** Causes that would explain this one and that nobody could rule out, with the probes that had no answer. */
  hiddenBehind(cause: Cause): readonly { readonly cause: Cause; readonly silent: readonly string[] }[];
};

/** Without an answer, whether by refusal or by choice; what is not there to be asked hides nothing. */
export const isSilent = ({ judgement: { verdict, reason } }: Judged): boolean =>
  verdict === 'UNKNOWN' || (verdict === 'SKIP' && (reason === 'not-selected' || reason === 'no-exec'));

/** The place of a layer, counted from below; unknown ones stand on top. */
export function rankerOf(runbook: Runbook): (layer: string) => number {
  const ranks = new Map(runbook.layers.map(({ id }, index) => [id, index]));
  return (layer) => ranks.get(layer) ?? runbook.layers.length;
}

/** Looks at all judgements; `counted` are those whose findings the site does not ignore. */
export function sightOf(runbook: Runbook, judged: Judgements, counted: readonly Judged[]): Sight {
  const known = new Map(runbook.causes.map((cause) => [cause.code, cause]));
  const seen = seenCauses(known, runbook, counted);
  const silent = new Set(judged.all.filter(isSilent).map(({ probe }) => probe.id));
  const silentProvers = (code: string): readonly string[] =>
    runbook.probes
      .filter(({ id, failures }) => silent.has(id) && failures.some((failure) => failure.code === code))
      .map(({ id }) => id);
  const isSeen = (code: string): boolean => seen.some(({ cause }) => cause.code === code);
  const explains = (from: Cause, code: string, visited: Set<string>): boolean =>
    from.explains.some((next) => {
      if (next === code) return true;
      const cause = known.get(next);
      if (cause === undefined || visited.has(next)) return false;
      visited.add(next);
      return (isSeen(next) || silentProvers(next).length > 0) && explains(cause, code, visited);
    });
  const isBehind: Sight['isBehind'] = (other, cause) =>
    other.code !== cause.code && explains(other, cause.code, new Set());
  return {
    seen,
    isBehind,
    hiddenBehind: (cause) =>
      runbook.causes
        .filter((other) => !isSeen(other.code) && isBehind(other, cause) && !isBehind(cause, other))
        .map((other) => ({ cause: other, silent: silentProvers(other.code) }))
        .filter((one) => one.silent.length > 0),
  };
}

function seenCauses(known: ReadonlyMap<string, Cause>, runbook: Runbook, counted: readonly Judged[]): readonly Seen[] {
  const found = new Map<string, { readonly cause: Cause; readonly evidence: string[] }>();
  for (const { probe, judgement } of counted) {
    for (const { code } of judgement.causes ?? []) {
      const cause = known.get(code) ?? undeclared(code, probe.layer, judgement.detail);
      const entry = found.get(code) ?? { cause, evidence: [] };
      if (!entry.evidence.includes(probe.id)) entry.evidence.push(probe.id);
      found.set(code, entry);
    }
  }
  const rank = rankerOf(runbook);
  return [...found.values()].sort((a, b) => rank(a.cause.layer) - rank(b.cause.layer));
}

/** A cause that the runbook does not list still must not be lost; it explains nothing but itself. */
function undeclared(code: string, layer: string, title: string): Cause {
  return { code, layer, title, explains: [], remedies: () => [] };
}
