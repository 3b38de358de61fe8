import type { Judgements } from '../../diagnosis/runbook.ts';
import type { LegEvidence } from './evidence/edge.ts';
import { ACCESS_ID, type AccessEvidence } from './probes/access.ts';
import { CLOUDFLARE_ID } from './probes/edge-cloudflare.ts';
import { DIRECT_ID } from './probes/edge-direct.ts';

/** Where the questions were asked from: by which login, and by which ways visitors' requests went. */
export function vantageOf(judged: Judgements): readonly string[] | undefined {
  const login = judged.answer<AccessEvidence>(ACCESS_ID);
  const [publicLeg, direct] = [judged.answer<LegEvidence>(CLOUDFLARE_ID), judged.answer<LegEvidence>(DIRECT_ID)];
  const silent = direct?.silent;
  const lines = [
    ...(login?.server === undefined ? [] : [`cluster: ${login.server}${by(login.source)}`]),
    ...(publicLeg === undefined ? [] : [`public way: ${publicLeg.by}`]),
    ...(direct === undefined
      ? []
      : [`direct way: ${direct.by}${silent === undefined ? '' : ` (${silent.address} does not answer from here)`}`]),
  ];
  return lines.length === 0 ? undefined : lines;
}

const by = (source: string | undefined): string => (source === undefined ? '' : `, by ${source}`);
