import type { Judged, Judgements, Runbook } from '../runbook.ts';
import { isSilent, rankerOf } from './seen.ts';
import type { Root } from './verdict.ts';

/**
 * Where the failures begin, when no cause was seen. A single cause may still stand there, if everything at that height
 * and below has answered.
 */
export function rootByPosition(runbook: Runbook, judged: Judgements, counted: readonly Judged[]): Root | undefined {
  const rank = rankerOf(runbook);
  const failing = counted.filter(({ judgement }) => judgement.verdict === 'FAIL');
  const [first, ...rest] = failing.toSorted((a, b) => rank(a.probe.layer) - rank(b.probe.layer));
  if (first === undefined) return undefined;
  const { layer } = first.probe;
  const lowest = [first, ...rest].filter(({ probe }) => probe.layer === layer);
  const evidence = lowest.map(({ probe }) => probe.id);
  const title = runbook.layers.find(({ id }) => id === layer)?.title ?? layer;
  const silent = judged.all.filter((one) => isSilent(one) && rank(one.probe.layer) <= rank(layer));
  if (silent.length > 0) {
    const titles = silent.map(({ probe }) => probe.title).join(', ');
    const because = `the lowest failure is in ${title}, but there or below is no answer from ${titles}`;
    return { confidence: 'undetermined', layer, evidence, because };
  }
  const codes = new Set(lowest.flatMap(({ judgement }) => (judgement.observations ?? []).map(({ code }) => code)));
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
