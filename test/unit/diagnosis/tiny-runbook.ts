import type { Json } from '../../../src/lib/diagnosis/json.ts';
import type { Judgement, Probe } from '../../../src/lib/diagnosis/probe.ts';

/** A probe that says what it is told to. */
export function tinyProbe(
  id: string,
  own: Partial<Probe> & { readonly says?: Judgement; readonly evidence?: Json } = {},
): Probe {
  const { says = { verdict: 'PASS', detail: 'as it should be' }, evidence = { answer: id }, ...rest } = own;
  return {
    id,
    title: id.split('.').slice(1).join(' '),
    layer: id.split('.')[1] ?? 'x',
    kind: 'passive',
    cost: '1 read',
    question: 'Is it there?',
    why: 'It may not be.',
    byHand: () => `look ${id}`,
    healthy: 'It is there.',
    failures: [...(says.observations ?? []), ...(says.causes ?? [])].map(({ code }) => ({ code, meaning: `${code}.` })),
    collect: async () => evidence,
    judge: () => says,
    ...rest,
  };
}
