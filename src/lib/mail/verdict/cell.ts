import type { Asked } from '../gather.ts';
import type { CellVerdict } from '../hops.ts';
import type { Phase, ProbeReport } from '../probe/report.ts';
import type { Scene } from './scene.ts';

/** What one cell says. */
export type CellJudgement = {
  readonly verdict: CellVerdict;
  readonly got: string;
  readonly reason?: string;
  readonly phase?: Phase;
  /** It works, with less than there should be: becomes a WARN of its own. */
  readonly degraded?: string;
};

/** Judges one connection, in the light of all of them: what cannot be told from here is not a failure of there. */
export function judgeCell({ cell, report }: Asked, scene: Scene): CellJudgement {
  const isOutside = cell.hop === 'public-ipv4' || cell.hop === 'public-ipv6' || cell.hop === 'second-mx';
  if (!report.connected) return isOutside ? unreachedOutside({ cell, report }, scene) : unreachedInside(report, scene);
  if (cell.proxy === 'withheld') return withheld(report);
  const problem = report.problems[0];
  if (problem === undefined) return { verdict: 'OK', got: greeted(report) };
  const { reason, phase } = problem;
  const got = report.problems.map(({ detail }) => detail).join('; ');
  return { verdict: reason === 'rate-limited' ? 'INCONCLUSIVE' : 'FAIL', got, reason, phase };
}

function greeted({ banner, tls }: ProbeReport): string {
  const words = (banner ?? '').replace(/[^\x20-\x7e]/g, '?').slice(0, 60);
  return tls === undefined ? words : `${words}, ${tls.protocol}`;
}

/** A listener that requires PROXY and gets none: silence, a hang-up or 421 is right, a greeting is not. */
function withheld(report: ProbeReport): CellJudgement {
  const first = report.problems[0];
  const isSilent = report.banner === undefined || ['rate-limited', 'proxy-expected'].includes(first?.reason ?? '');
  if (isSilent) return { verdict: 'EXPECTED-DROP', got: first?.detail ?? 'nothing' };
  return {
    verdict: 'FAIL',
    got: 'it greets whoever sends no PROXY header: anybody could pretend to be anybody',
    reason: 'proxy-not-required',
    phase: 'banner',
  };
}

function first(report: ProbeReport) {
  return report.problems[0] ?? { phase: 'connect' as const, reason: 'failed', detail: 'not connected' };
}

/** Reasons that lie with whoever asks. */
const UNTOLD: ReadonlySet<string> = new Set(['no-network', 'unresolved', 'vantage']);

function unreachedInside(report: ProbeReport, scene: Scene): CellJudgement {
  const { reason, detail, phase } = first(report);
  if (UNTOLD.has(reason)) return { verdict: 'INCONCLUSIVE', got: detail, reason, phase };
  if (scene.isInside) return { verdict: 'FAIL', got: detail, reason, phase };
  return {
    verdict: 'INCONCLUSIVE',
    got: `${detail}. No address of the inside network answers: is this vantage outside of it?`,
    reason: 'outside',
    phase,
  };
}

function unreachedOutside({ cell, report }: Asked, scene: Scene): CellJudgement {
  const { reason, detail, phase } = first(report);
  const fail: CellJudgement = { verdict: 'FAIL', got: detail, reason, phase };
  const open = (why: string, words: string): CellJudgement => ({
    verdict: 'INCONCLUSIVE',
    got: `${detail}. ${words}`,
    reason: why,
    phase,
  });
  if (cell.hop === 'public-ipv6' && reason === 'no-network') {
    return { verdict: 'SKIPPED', got: 'this vantage has no IPv6', reason: 'no-ipv6', phase };
  }
  if (UNTOLD.has(reason)) return { verdict: 'INCONCLUSIVE', got: detail, reason, phase };
  const hasSibling = scene.hasSibling(cell.hop, cell.protocol);
  const blocked = () =>
    open('local-egress', 'Many networks block port 25 on the way out, and no other server was reached on it.');
  if (cell.hop === 'second-mx') return scene.reachesPort25 ? fail : blocked();
  // Nobody translates IPv6: who refuses there is the destination, or speaks for it.
  const isRefusal = cell.hop === 'public-ipv6' && reason === 'refused';
  if (cell.protocol === 'smtp') {
    if (scene.reachesPort25 && (hasSibling || isRefusal || !scene.isInside)) return fail;
    return scene.isInside && !hasSibling && cell.hop === 'public-ipv4' ? hairpin(open) : blocked();
  }
  if (hasSibling || isRefusal) return fail;
  if (cell.hop === 'public-ipv6') return noControl(open);
  if (scene.isInside) return hairpin(open);
  return reason === 'refused' || scene.reachesOutside ? fail : noControl(open);
}

type Open = (why: string, words: string) => CellJudgement;

function hairpin(open: Open): CellJudgement {
  return open('no-hairpin', 'From inside, the public address may lead nowhere: ask from outside (--from).');
}

function noControl(open: Open): CellJudgement {
  return open('no-control', 'Nothing else outside was reached either: it may be this network.');
}
