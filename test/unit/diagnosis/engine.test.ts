import { expect, test } from 'vitest';
import type { AccessQuestion } from '../../../src/lib/clients/kubernetes/client.ts';
import { conclude } from '../../../src/lib/diagnosis/conclude.ts';
import { statusOfDiagnosis } from '../../../src/lib/diagnosis/diagnosis.ts';
import { runProbes } from '../../../src/lib/diagnosis/engine.ts';
import { notConfigured } from '../../../src/lib/diagnosis/no-answer.ts';
import type { DiagnosisClients } from '../../../src/lib/diagnosis/probe.ts';
import { diagnosisPayload } from '../../../src/lib/documents/diagnosis.ts';
import { InfraError } from '../../../src/lib/errors.ts';
import { heldClock } from './held-clock.ts';
import { clientsOf, diagnoseTiny, settle, tinyRun, tinyRunbook } from './run-tiny.ts';
import { tinyProbe } from './tiny-runbook.ts';

const never = (): Promise<never> => new Promise(() => {});
const denied = (): Promise<never> =>
  Promise.reject(new InfraError('kubernetes.denied', 'denied', 'Listing pods in authentik was forbidden.'));

test('the first probe is told while the others still run', async () => {
  const told: string[] = [];
  const clock = heldClock();
  const runbook = tinyRunbook([tinyProbe('t.a.first'), tinyProbe('t.b.hangs', { collect: never })]);
  const running = runProbes(
    runbook,
    tinyRun(runbook, { clock, onFirst: ({ probe, judgement }) => told.push(`${probe.id} ${judgement.verdict}`) }),
  );
  await settle();
  expect(told).toEqual(['t.a.first PASS']);
  clock.pass(10_000);
  await running;
  expect(told).toHaveLength(1);
});

test('probes run at the same time; one that needs another gets its evidence', async () => {
  const order: string[] = [];
  const base = tinyProbe('t.a.base', { evidence: { pods: 3 } });
  const user = tinyProbe('t.b.user', {
    dependsOn: ['t.a.base'],
    collect: async ({ given }) => {
      order.push('user');
      return given.answer<{ pods: number }>('t.a.base').pods;
    },
    judge: (evidence, given) => ({
      verdict: 'PASS',
      detail: `${evidence} of ${given.answer<{ pods: number }>('t.a.base').pods}`,
    }),
  });
  const free = tinyProbe('t.c.free', {
    collect: async () => {
      order.push('free');
      return 1;
    },
  });
  const { diagnosis } = await diagnoseTiny(tinyRunbook([user, free, base]));
  expect(order).toEqual(['free', 'user']);
  expect(diagnosis.findings.map(({ detail }) => detail)).toEqual(['3 of 3', 'as it should be', 'as it should be']);
});

test('what hangs is UNKNOWN after its time, and nobody waits for it', async () => {
  const clock = heldClock();
  const runbook = tinyRunbook([tinyProbe('t.a.hangs', { collect: never, timeoutMs: 2000 }), tinyProbe('t.b.fine')]);
  const running = diagnoseTiny(runbook, { clock });
  await settle();
  clock.pass(2000);
  const { diagnosis } = await running;
  expect(diagnosis.findings[0]).toMatchObject({
    verdict: 'UNKNOWN',
    reason: 'timeout',
    detail: 'no answer within 2 s',
  });
  expect(statusOfDiagnosis(diagnosis)).toBe('unknown');
});

test('the deadline ends the run with what there is', async () => {
  const clock = heldClock();
  const runbook = tinyRunbook([
    tinyProbe('t.a.fine'),
    tinyProbe('t.b.hangs', { collect: never }),
    tinyProbe('t.c.after', { dependsOn: ['t.b.hangs'] }),
  ]);
  const running = diagnoseTiny(runbook, { clock, deadlineMs: 1000 });
  await settle();
  clock.pass(1000);
  const { diagnosis } = await running;
  expect(diagnosis.findings.map(({ verdict, reason }) => [verdict, reason])).toEqual([
    ['PASS', undefined],
    ['UNKNOWN', 'deadline'],
    ['UNKNOWN', 'deadline'],
  ]);
  expect(statusOfDiagnosis(diagnosis)).toBe('deadline');
});

test('a failure seen before the deadline outranks it', async () => {
  const clock = heldClock();
  const runbook = tinyRunbook([
    tinyProbe('t.a.bad', { says: { verdict: 'FAIL', detail: 'broken' } }),
    tinyProbe('t.b.hangs', { collect: never }),
  ]);
  const running = diagnoseTiny(runbook, { clock, deadlineMs: 1000 });
  await settle();
  clock.pass(1000);
  expect(statusOfDiagnosis((await running).diagnosis)).toBe('fail');
});

test('an interruption ends the run with what there is', async () => {
  const controller = new AbortController();
  const runbook = tinyRunbook([tinyProbe('t.a.fine'), tinyProbe('t.b.hangs', { collect: never })]);
  const running = diagnoseTiny(runbook, { signal: controller.signal });
  await settle();
  controller.abort(new Error('Ctrl-C'));
  const { recorded, diagnosis } = await running;
  expect(recorded.ended).toBe('interrupted');
  expect(diagnosis.findings[1]).toMatchObject({ verdict: 'UNKNOWN', reason: 'interrupted' });
});

test('blocked is not failed: it names what had no answer', async () => {
  const runbook = tinyRunbook([
    tinyProbe('t.a.pods', { collect: denied }),
    tinyProbe('t.b.logs', { dependsOn: ['t.a.pods'] }),
    tinyProbe('t.c.lines', { dependsOn: ['t.b.logs'] }),
  ]);
  const { diagnosis } = await diagnoseTiny(runbook);
  expect(diagnosis.findings.map(({ verdict, reason, blockedBy }) => [verdict, reason, blockedBy])).toEqual([
    ['UNKNOWN', 'forbidden', undefined],
    ['UNKNOWN', 'blocked', 't.a.pods'],
    ['UNKNOWN', 'blocked', 't.a.pods'],
  ]);
  expect(diagnosis.counts.FAIL).toBe(0);
});

test('what is not configured is skipped with all that stands on it, and costs nothing', async () => {
  const runbook = tinyRunbook([
    tinyProbe('t.a.fine'),
    tinyProbe('t.b.metrics', { collect: () => Promise.reject(notConfigured('prometheus.url')) }),
    tinyProbe('t.c.rates', { dependsOn: ['t.b.metrics'] }),
  ]);
  const { diagnosis } = await diagnoseTiny(runbook);
  expect(diagnosis.findings.map(({ verdict, reason }) => [verdict, reason])).toEqual([
    ['PASS', undefined],
    ['SKIP', 'not-configured'],
    ['SKIP', 'not-configured'],
  ]);
  expect(statusOfDiagnosis(diagnosis)).toBe('ok');
});

test('when nothing was measured the end is unknown, not healthy', async () => {
  const runbook = tinyRunbook([tinyProbe('t.a.x', { collect: () => Promise.reject(notConfigured('mail.hostname')) })]);
  const { diagnosis } = await diagnoseTiny(runbook);
  expect(diagnosis.verdict).toBe('UNKNOWN');
  expect(statusOfDiagnosis(diagnosis)).toBe('unknown');
});

test('a defect in collecting or judging costs that probe only', async () => {
  const defects: string[] = [];
  const runbook = tinyRunbook([
    tinyProbe('t.a.throws', { collect: () => Promise.reject(new TypeError('canary-text')) }),
    tinyProbe('t.b.nothing', { collect: () => Promise.resolve(undefined as never) }),
    tinyProbe('t.c.judge', {
      judge: () => {
        throw new RangeError('canary-text');
      },
    }),
    tinyProbe('t.d.fine'),
  ]);
  const { diagnosis } = await diagnoseTiny(runbook, { onDefect: (id) => defects.push(id) });
  expect(diagnosis.findings.map(({ verdict, reason }) => [verdict, reason])).toEqual([
    ['UNKNOWN', 'defect'],
    ['UNKNOWN', 'defect'],
    ['UNKNOWN', 'defect'],
    ['PASS', undefined],
  ]);
  expect(JSON.stringify(diagnosis)).not.toContain('canary-text');
  expect(defects).toEqual(['t.a.throws', 't.b.nothing']);
});

test('a missing verb is asked for once, named, and its probe is not asked', async () => {
  const questions: string[] = [];
  const kubernetes = {
    allowed: async ({ verb, resource, subresource }: AccessQuestion) => {
      questions.push(`${verb} ${resource}/${subresource}`);
      return subresource !== 'exec';
    },
  } as unknown as DiagnosisClients['kubernetes'];
  const logs: AccessQuestion = { verb: 'get', group: '', resource: 'pods', subresource: 'log', namespace: 'authentik' };
  const exec: AccessQuestion = { ...logs, verb: 'create', subresource: 'exec', namespace: 'dbaas' };
  const runbook = tinyRunbook([
    tinyProbe('t.a.logs', { needs: () => [logs] }),
    tinyProbe('t.b.more', { needs: () => [logs] }),
    tinyProbe('t.c.sql', { needs: () => [logs, exec], collect: () => Promise.reject(new Error('it was asked')) }),
  ]);
  const { diagnosis } = await diagnoseTiny(runbook, { client: clientsOf({ kubernetes }) });
  expect(questions.sort()).toEqual(['create pods/exec', 'get pods/log']);
  expect(diagnosis.findings[2]).toMatchObject({
    verdict: 'UNKNOWN',
    reason: 'forbidden',
    detail: 'may not create pods/exec in dbaas',
  });
  expect(statusOfDiagnosis(diagnosis)).toBe('unknown');
  expect(diagnosis.requests).toEqual({ kubernetes: 2 });
});

test('a cluster that cannot say what is allowed does not keep the probe from asking', async () => {
  const kubernetes = { allowed: denied } as unknown as DiagnosisClients['kubernetes'];
  const needs = () => [{ verb: 'list', group: '', resource: 'pods' }];
  const { diagnosis } = await diagnoseTiny(tinyRunbook([tinyProbe('t.a.x', { needs })]), {
    client: clientsOf({ kubernetes }),
  });
  expect(diagnosis.findings[0]?.verdict).toBe('PASS');
});

test('every call of a client is counted for the probe that made it', async () => {
  const http = { json: async () => ({ status: 200, body: undefined }) };
  const runbook = tinyRunbook([
    tinyProbe('t.a.two', {
      collect: async ({ client }) => {
        const web = await client('http');
        await web.json({ method: 'GET', url: 'http://localhost/' });
        await web.json({ method: 'GET', url: 'http://localhost/' });
        return 2;
      },
    }),
    tinyProbe('t.b.none'),
  ]);
  const { diagnosis } = await diagnoseTiny(runbook, { client: clientsOf({ http }) });
  expect(diagnosis.requests).toEqual({ http: 2 });
  expect(diagnosis.evidence.map(({ requests }) => requests)).toEqual([2, 0]);
});

test('without exec nothing runs in a container', async () => {
  const runbook = tinyRunbook([
    tinyProbe('t.a.fine'),
    tinyProbe('t.b.df', { kind: 'exec', collect: () => Promise.reject(new Error('it ran')) }),
  ]);
  const { diagnosis } = await diagnoseTiny(runbook, { noExec: true });
  expect(diagnosis.findings[1]).toMatchObject({ verdict: 'SKIP', reason: 'no-exec' });
});

test('what was not selected is skipped, though it is asked where a selected probe needs it', async () => {
  const runbook = tinyRunbook([
    tinyProbe('t.a.base', { evidence: 7 }),
    tinyProbe('t.b.user', {
      dependsOn: ['t.a.base'],
      judge: (_, given) => ({ verdict: 'PASS', detail: `base ${given.answer('t.a.base')}` }),
    }),
    tinyProbe('t.c.other', { collect: () => Promise.reject(new Error('it was asked')) }),
  ]);
  const { diagnosis } = await diagnoseTiny(runbook, { selected: ['t.b.user'] });
  expect(diagnosis.findings.map(({ verdict, detail }) => `${verdict} ${detail}`)).toEqual([
    'SKIP not selected',
    'PASS base 7',
    'SKIP not selected',
  ]);
  expect(diagnosis.coverage).toEqual({ measured: 1, of: 1, unit: 'probes' });
});

test('healthy with less measured than there is, is not healthy', async () => {
  const says = { verdict: 'PASS', detail: 'all bound', coverage: { measured: 124, of: 159, unit: 'claims' } } as const;
  const { diagnosis } = await diagnoseTiny(tinyRunbook([tinyProbe('t.a.claims', { says })]));
  expect(diagnosis.findings[0]).toMatchObject({
    verdict: 'UNKNOWN',
    reason: 'partial',
    detail: 'all bound; only 124 of 159 claims measured',
  });
});

test('a fault in what a runbook concludes costs that part only', async () => {
  const parts: string[] = [];
  const boom = (): never => {
    throw new Error('boom');
  };
  const says = { verdict: 'FAIL', detail: 'x', observations: [{ code: 'o' }], causes: [{ code: 'c' }] } as const;
  const runbook = tinyRunbook([tinyProbe('t.a.x', { says, byHand: boom })], {
    causes: [{ code: 'c', layer: 'a', title: 'c is broken', explains: ['o'], remedies: boom }],
    ...{ exonerate: boom, scopeOf: boom, shapeOf: boom },
  });
  const recorded = await runProbes(runbook, tinyRun(runbook, { onDefect: (part) => parts.push(part) }));
  const diagnosis = conclude(runbook, recorded, (part) => parts.push(part));
  expect(diagnosis).toMatchObject({
    verdict: 'FAIL',
    rootCause: { code: 'c', confidence: 'confirmed' },
    nextSteps: [],
  });
  expect(parts.sort()).toEqual(['exonerate', 'next steps', 'scope', 'shape', 't.a.x']);
  expect(diagnosisPayload.safeParse(diagnosis).error).toBeUndefined();
});

test('what a judge looks at without naming it is a defect, not a guess', async () => {
  const runbook = tinyRunbook([
    tinyProbe('t.a.x'),
    tinyProbe('t.b.y', { judge: (_, given) => ({ verdict: 'PASS', detail: given.evidence('t.a.x').state }) }),
  ]);
  const { diagnosis } = await diagnoseTiny(runbook);
  expect(diagnosis.findings[1]).toMatchObject({ verdict: 'UNKNOWN', reason: 'defect' });
});

test('what a judge only considers does not block it', async () => {
  const runbook = tinyRunbook([
    tinyProbe('t.a.x', { collect: denied }),
    tinyProbe('t.b.y', {
      considers: ['t.a.x'],
      judge: (_, given) => ({ verdict: 'PASS', detail: given.evidence('t.a.x').state }),
    }),
  ]);
  const { diagnosis } = await diagnoseTiny(runbook);
  expect(diagnosis.findings[1]).toMatchObject({ verdict: 'PASS', detail: 'no-answer' });
});
