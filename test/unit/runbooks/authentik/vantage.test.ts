import { expect, test } from 'vitest';
import type { Json } from '../../../../src/lib/diagnosis/json.ts';
import type { Judgements } from '../../../../src/lib/diagnosis/runbook.ts';
import { vantageOf } from '../../../../src/lib/runbooks/authentik/vantage.ts';
import { hop, leg, NOW } from './support.ts';

const judged = (answers: Readonly<Record<string, unknown>>): Judgements => ({
  ...{ all: [], options: {}, at: NOW, of: () => undefined, observed: () => [], caused: () => [] },
  verdict: () => undefined,
  answer: <T extends Json>(id: string) => answers[id] as T | undefined,
});

test('a document says where it was asked from: by which login, and by which ways', () => {
  const silent = { address: '10.0.20.203', reason: 'timeout', message: 'no answer' };
  const answers = {
    'authentik.context.access': { server: 'https://10.0.20.100:6443', source: 'KUBECONFIG (home)' },
    'authentik.edge.cloudflare': { ...leg(hop('a')), by: 'what 1.1.1.1 says' },
    'authentik.edge.direct': { ...leg(hop('a')), by: 'port-forward to traefik-1', silent },
  };
  expect(vantageOf(judged(answers))).toEqual([
    'cluster: https://10.0.20.100:6443, by KUBECONFIG (home)',
    'public way: what 1.1.1.1 says',
    'direct way: port-forward to traefik-1 (10.0.20.203 does not answer from here)',
  ]);
});

test('what nobody asked is no vantage', () => {
  expect(vantageOf(judged({}))).toBeUndefined();
});
