import type { CauseEvidence, Judgement, Observation } from '../../../diagnosis/probe.ts';
import type { Hop, Row } from '../../../mail/hops.ts';
import { verdictOf } from '../../../mail/verdict/findings.ts';
import { some } from '../../words.ts';

/** What a failing row means to the runbook: what was seen, and the cause that it proves, if it does. */
export type Sight = { readonly observation: string; readonly cause?: string };

/** Looks at one failing row; `inner(…)` says whether hops inside it are known to be well for the same port. */
export type Look = (row: Row, inner: (...hops: readonly Hop[]) => boolean) => Sight;

/**
 * Judges the rows of `hops`, in the light of all that are known. A hop proves its own cause only where what it stands on
 * is known to be well: a missing answer must never make a culprit of the next one.
 */
export function judgeHops(rows: readonly Row[], hops: readonly Hop[], look: Look): Judgement {
  const own = rows.filter(({ hop }) => hops.includes(hop));
  const failed = own.filter((row) => verdictOf(row) === 'FAIL');
  if (failed.length > 0) return broken(rows, failed, own, look);
  const untold = own.filter((row) => verdictOf(row) === 'UNKNOWN');
  const [first] = untold;
  if (first !== undefined)
    return { verdict: 'UNKNOWN', reason: first.reason ?? 'unknown', detail: said(untold), data: dataOf(own) };
  const well = own.filter((row) => verdictOf(row) === 'PASS');
  const [left] = own;
  if (well.length === 0)
    return left === undefined
      ? { verdict: 'SKIP', reason: 'not-configured', detail: 'nothing of it is configured' }
      : { verdict: 'SKIP', reason: left.reason ?? 'not-configured', detail: said(own) };
  return { verdict: 'PASS', detail: said(well), data: dataOf(own) };
}

function broken(rows: readonly Row[], failed: readonly Row[], own: readonly Row[], look: Look): Judgement {
  const seen = failed.map((row) => ({ row, sight: look(row, (...hops) => areWell(rows, row, hops)) }));
  const observations = seen.map(({ row, sight }): Observation => ({ code: sight.observation, subject: row.protocol }));
  const codes = [...new Set(seen.flatMap(({ sight }) => sight.cause ?? []))];
  const causes = codes.map((code): CauseEvidence => {
    const protocols = seen.filter(({ sight }) => sight.cause === code).map(({ row }) => row.protocol);
    return { code, detail: protocols.join(', ') };
  });
  const well = own.length - failed.length;
  const others = well > 0 && own.every((row) => ['PASS', 'FAIL'].includes(verdictOf(row))) ? '; the others answer' : '';
  return {
    verdict: 'FAIL',
    detail: `${said(failed)}${others}`,
    observations,
    causes,
    data: dataOf(own),
    samples: failed.slice(0, 2).flatMap(conversation),
  };
}

/** Whether these hops are known to be well for the row's port. What nobody asked is not known. */
function areWell(rows: readonly Row[], { protocol }: Row, hops: readonly Hop[]): boolean {
  return hops.every((hop) => {
    const inner = rows.filter((row) => row.hop === hop && row.protocol === protocol);
    return inner.length > 0 && inner.every(isWell);
  });
}

/** IMAPS has no health port; a Service with a ready endpoint is not dialled from outside the cluster. Both are as should be. */
function isWell(row: Row): boolean {
  const isLeftOut = row.reason === 'vantage' || (row.hop === 'node-health' && row.reason === 'not-configured');
  return verdictOf(row) === 'PASS' || (verdictOf(row) === 'SKIP' && isLeftOut);
}

/** `smtp, imaps: connection refused`: ports that say the same stand together. */
function said(rows: readonly Row[]): string {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(wordsOf(row), [...(groups.get(wordsOf(row)) ?? []), row]);
  const parts = [...groups].map(([words, same]) => `${same.map(({ protocol }) => protocol).join(', ')}: ${words}`);
  return some(parts, 4, '; ');
}

function wordsOf({ verdict, got, ms, coveredBy }: Row): string {
  if (coveredBy !== undefined) return `${got.replace(/\.$/, '')}; the last roundtrip covers it`;
  const isPlain = verdict === 'OK' && ms !== undefined;
  return isPlain ? 'greets' : got.replace(/\.$/, '');
}

function dataOf(rows: readonly Row[]) {
  return rows.map(({ protocol, port, hop, endpoint, verdict, got, reason, ms, node, phase, coveredBy }) => ({
    ...{ protocol, port, hop, endpoint, verdict, got },
    ...(reason === undefined ? {} : { reason }),
    ...(phase === undefined ? {} : { phase }),
    ...(ms === undefined ? {} : { ms }),
    ...(node === undefined ? {} : { node }),
    ...(coveredBy === undefined ? {} : { coveredBy }),
  }));
}

function conversation({ protocol, transcript = [] }: Row): readonly string[] {
  return transcript.slice(-3).map(({ from, text }) => `${protocol} ${from}: ${text}`);
}
