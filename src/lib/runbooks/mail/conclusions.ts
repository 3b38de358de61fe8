import type { Exoneration } from '../../diagnosis/cause.ts';
import type { Judgements } from '../../diagnosis/runbook.ts';
import * as ids from './names.ts';

const CLEARED: readonly (readonly [id: readonly string[], what: string, layer: string, because: string])[] = [
  [[ids.LISTENERS_ID], 'the listeners', 'pod', 'all of them are there, with and without PROXY'],
  [[ids.SERVICE_ID], 'the Service', 'service', 'it leads to a pod that is ready'],
  [[ids.HEALTH_ID, ids.PROXY_ID], 'the nodes', 'node', 'the mail server greets through them, with and without PROXY'],
  [[ids.POOL_ID, ids.HAPROXY_ID], 'HAProxy', 'haproxy', 'its servers are up, and mail is greeted through it'],
  [[ids.NAT_ID], 'the redirections', 'nat', 'every mail port goes to the balancer'],
  [[ids.IPV4_ID], 'the way in', 'public', 'the Internet gets in over IPv4'],
];

/** Hops that were asked in full and answered. Nothing is cleared while nothing fails. */
export function exonerate(judged: Judgements): readonly Exoneration[] {
  if (!judged.all.some(({ judgement }) => judgement.verdict === 'FAIL')) return [];
  return CLEARED.filter(([evidence]) => evidence.every((id) => judged.verdict(id) === 'PASS')).map(
    ([evidence, what, layer, because]) => ({ what, layer, because, evidence }),
  );
}

/** What was found to be there. */
export function shapeOf(judged: Judgements): string | undefined {
  const data = judged.of(ids.POOL_ID)?.judgement.data;
  return Array.isArray(data) && data.length > 0 ? `${data.length} ports behind HAProxy` : undefined;
}
