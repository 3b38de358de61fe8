import type { Remedy } from '../../../diagnosis/cause.ts';

/** The proof that it is over: new visitors get a login. A fresh pod’s silence proves nothing. */
export const VERIFY: Remedy = {
  phase: 'verify',
  text: 'ask as a new visitor, by both ways, until it holds',
  command: 'infra diagnose authentik --only edge --wait 2m',
  risk: 'read',
};

/** A repair by hand is taken back by the next apply: each needs its place in code. */
export function inCode(text: string, anchor: string): Remedy {
  return { phase: 'for-good', text: `${text} (infra runbook show authentik#${anchor})`, risk: 'write' };
}
