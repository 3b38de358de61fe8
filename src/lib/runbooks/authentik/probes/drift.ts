import type { Probe } from '../../../diagnosis/probe.ts';

/** Whether the platform is as the code says. A plan takes minutes and a lock: it is named here, never run here. */
export const drift: Probe<null> = {
  id: 'authentik.context.drift',
  title: 'drift',
  layer: 'context',
  kind: 'passive',
  cost: 'nothing: it is not asked here',
  question: 'Does a plan of the stack find anything to change?',
  why: 'A fix by hand is taken back by the next apply. A plan takes minutes and a lock, so it is not run while something burns.',
  byHand: () => 'infra stack plan authentik',
  healthy: 'No changes.',
  failures: [],

  collect: async () => null,
  judge: () => ({
    verdict: 'SKIP',
    reason: 'takes-minutes',
    detail: 'not asked: a plan takes minutes; infra stack plan authentik',
  }),
};
