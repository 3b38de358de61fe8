import { beforeAll, describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../../../src/lib/clients/kubernetes/client.ts';
import type { Runbook } from '../../../../src/lib/diagnosis/runbook.ts';
import { InfraError } from '../../../../src/lib/errors.ts';
import { loadCel } from '../../../../src/lib/runbooks/own/expression.ts';
import { makeJudge } from '../../../../src/lib/runbooks/own/judge.ts';
import { readOwnRunbooks } from '../../../../src/lib/runbooks/own/read.ts';
import { fakeSite } from '../../../fakes/site.ts';
import { clientsOf, diagnoseTiny } from '../../diagnosis/run-tiny.ts';
import { WEATHER } from './weather.ts';

let runbook: Runbook;
beforeAll(async () => {
  const files = {
    info: async () => ({ kind: 'file' as const, size: 1, mode: 0o644, modifiedMs: 0 }),
    list: async () => [],
    read: async () => WEATHER,
  };
  const found = await readOwnRunbooks(files, fakeSite('/r', { runbooks: ['w.yaml'] }), []);
  runbook = found.runbooks[0]?.runbook ?? expect.fail('no runbook');
});

/** Diagnoses with a deployment as the API has it, and a page that answers with a status. */
async function weather(deployment: object | undefined, status: number) {
  const kubernetes = { allowed: async () => true, get: async () => deployment as KubernetesObject | undefined };
  const answer = { status, headers: {}, setCookie: [], body: '', bodyCut: false, ms: 3 };
  return (await diagnoseTiny(runbook, { client: clientsOf({ kubernetes, web: { get: async () => answer } } as never) }))
    .diagnosis;
}

const deployment = (ready?: number) => ({
  metadata: { name: 'weather', annotations: { token: 'x' } },
  spec: { replicas: 2, template: {} },
  status: ready === undefined ? {} : { readyReplicas: ready },
});

test('a runbook of the site is judged like a built-in one: cause, what it explains, remedies', async () => {
  const diagnosis = await weather(deployment(), 503);
  expect(diagnosis).toMatchObject({
    verdict: 'FAIL',
    rootCause: { code: 'weather.app.down', confidence: 'confirmed' },
    findings: [
      { id: 'weather.app.ready', detail: '0 of 2 ready' },
      { id: 'weather.edge.page', detail: 'answers 503', causedBy: 'weather.app.down' },
    ],
  });
  expect(diagnosis.nextSteps.map(({ command }) => command)).toContain(
    'kubectl -n weather rollout restart deployment weather',
  );
});

test('a healthy one has no cause', async () => {
  expect(await weather(deployment(2), 200)).toMatchObject({
    verdict: 'PASS',
    findings: [{ detail: '2 of 2 ready' }, { detail: 'answers 200 in 3 ms' }],
  });
  expect((await weather(deployment(2), 200)).rootCause).toBeUndefined();
});

test('an object is recorded with the fields that were asked for, and nothing else', async () => {
  const kubernetes = { allowed: async () => true, get: async () => deployment(2) as KubernetesObject };
  const get = async () => Promise.reject(new InfraError('web.unreachable', 'unavailable', 'No route.'));
  const { recorded, diagnosis } = await diagnoseTiny(runbook, {
    client: clientsOf({ kubernetes, web: { get } } as never),
  });
  expect(recorded.collected[0]?.evidence).toEqual({
    state: 'answered',
    value: { found: true, object: { spec: { replicas: 2 }, status: { readyReplicas: 2 } } },
  });
  expect(diagnosis.findings[1]).toMatchObject({ verdict: 'UNKNOWN', reason: 'unreachable' });
});

describe('rules', () => {
  const judged = async (when: string, evidence: object) =>
    makeJudge(
      [
        { when, verdict: 'FAIL', detail: 'bad' },
        { verdict: 'PASS', detail: 'good' },
      ],
      await loadCel(),
    )(evidence as never);
  test.each([
    ['evidence.count > 2', { count: 3 }, { verdict: 'FAIL' }],
    ['evidence.count > 2', { count: 2 }, { verdict: 'PASS' }],
    ['evidence.count > 2', { count: 2.5 }, { verdict: 'FAIL' }],
    ["evidence.items.exists(i, i.name == 'b')", { items: [{ name: 'a' }, { name: 'b' }] }, { verdict: 'FAIL' }],
    ['evidence.absent > 2', { count: 3 }, { verdict: 'UNKNOWN', reason: 'no-value' }],
    ['evidence.count', { count: 3 }, { verdict: 'UNKNOWN', reason: 'no-value' }],
  ])('%s over %j', async (when, evidence, expected) => {
    expect(await judged(when, evidence)).toMatchObject(expected);
  });
});
