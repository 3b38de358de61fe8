import { expect, test } from 'vitest';
import type { Cause } from '../../../src/lib/diagnosis/cause.ts';
import { statusOfDiagnosis } from '../../../src/lib/diagnosis/diagnosis.ts';
import type { Judgement } from '../../../src/lib/diagnosis/probe.ts';
import { InfraError } from '../../../src/lib/errors.ts';
import { diagnoseTiny, tinyRunbook } from './run-tiny.ts';
import { tinyProbe } from './tiny-runbook.ts';

const cause = (code: string, layer: string, explains: readonly string[]): Cause => ({
  code,
  layer,
  title: `${code} is wrong`,
  explains,
  remedies: () => [
    { phase: 'for-good', text: 'mend it', risk: 'write' },
    { phase: 'now', text: 'throw it away', risk: 'destroy', destroys: 'it', signsOut: 'everybody' },
    { phase: 'now', text: 'push it', risk: 'write' },
    { phase: 'verify', text: 'look again', command: 'infra diagnose tiny', risk: 'read' },
  ],
});
const fails = (...codes: readonly string[]): Judgement => ({
  verdict: 'FAIL',
  detail: `saw ${codes.join()}`,
  observations: codes.map((code) => ({ code })),
});
const sees = (code: string, ...codes: readonly string[]): Judgement => ({ ...fails(...codes), causes: [{ code }] });
const forbidden = (): Promise<never> =>
  Promise.reject(new InfraError('kubernetes.denied', 'denied', 'That was forbidden.'));
const layers = ['db', 'outpost', 'edge'].map((id) => ({ id, title: `the ${id}` }));
const shmFull = cause('shm-full', 'outpost', ['http-400', 'save-failed']);
const dbDown = cause('db-down', 'db', ['http-500', 'server-unready']);
const unready = cause('server-unready', 'outpost', ['http-500']);

test('a cause that was seen and explains a symptom is confirmed, and the symptom is blamed on it', async () => {
  const runbook = tinyRunbook(
    [
      tinyProbe('t.edge.cloudflare', { says: fails('http-400') }),
      tinyProbe('t.outpost.logs', { says: sees('shm-full', 'save-failed') }),
      tinyProbe('t.db.pods'),
    ],
    { layers, causes: [shmFull] },
  );
  const { diagnosis } = await diagnoseTiny(runbook);
  expect(diagnosis.rootCause).toMatchObject({
    code: 'shm-full',
    confidence: 'confirmed',
    evidence: ['t.outpost.logs'],
  });
  expect(diagnosis.findings.map(({ causedBy }) => causedBy)).toEqual(['shm-full', undefined, undefined]);
  expect(diagnosis.alsoFailing).toEqual([]);
});

test('two faults that do not explain each other: the lower is the root, the other also fails, neither is blamed', async () => {
  const runbook = tinyRunbook(
    [
      tinyProbe('t.outpost.logs', { says: sees('shm-full', 'save-failed') }),
      tinyProbe('t.db.pods', { says: sees('db-down', 'http-500') }),
      tinyProbe('t.edge.a', { says: fails('http-400') }),
      tinyProbe('t.edge.b', { says: fails('http-500') }),
      tinyProbe('t.edge.c', { says: fails('cat-on-keyboard') }),
    ],
    { layers, causes: [shmFull, dbDown] },
  );
  const { diagnosis } = await diagnoseTiny(runbook);
  expect(diagnosis.rootCause).toMatchObject({ code: 'db-down', confidence: 'confirmed' });
  expect(diagnosis.alsoFailing).toEqual([
    { code: 'shm-full', summary: 'shm-full is wrong', evidence: ['t.outpost.logs'] },
    { summary: 'edge c: saw cat-on-keyboard', evidence: ['t.edge.c'] },
  ]);
  expect(diagnosis.findings.map(({ causedBy }) => causedBy)).toEqual([
    undefined,
    undefined,
    'shm-full',
    'db-down',
    undefined,
  ]);
});

test('another confirmed cause adds what ends it now', async () => {
  const runbook = tinyRunbook(
    [
      tinyProbe('t.outpost.logs', { says: sees('shm-full', 'save-failed') }),
      tinyProbe('t.db.pods', { says: sees('db-down', 'http-500') }),
    ],
    { layers, causes: [shmFull, dbDown] },
  );
  const { diagnosis } = await diagnoseTiny(runbook);
  expect(diagnosis.nextSteps.map(({ phase, risk, cause }) => [phase, risk, cause])).toEqual([
    ['keep', 'read', undefined],
    ['now', 'write', undefined],
    ['now', 'write', 'shm-full'],
    ['now', 'destroy', undefined],
    ['now', 'destroy', 'shm-full'],
    ['verify', 'read', undefined],
    ['for-good', 'write', undefined],
  ]);
});

test('an effect that was seen directly is not the root when its cause was seen too', async () => {
  const runbook = tinyRunbook(
    [
      tinyProbe('t.outpost.server', { says: sees('server-unready', 'http-500') }),
      tinyProbe('t.db.pods', { says: sees('db-down', 'server-unready') }),
    ],
    { layers, causes: [unready, dbDown] },
  );
  const { diagnosis } = await diagnoseTiny(runbook);
  expect(diagnosis.rootCause?.code).toBe('db-down');
  expect(diagnosis.alsoFailing).toEqual([]);
  expect(diagnosis.findings[0]?.causedBy).toBe('db-down');
});

test('an effect does not become the culprit when its cause cannot be ruled out', async () => {
  const runbook = tinyRunbook(
    [
      tinyProbe('t.outpost.server', { says: sees('server-unready', 'http-500') }),
      tinyProbe('t.db.pods', { collect: forbidden, failures: [{ code: 'db-down', meaning: 'It is down.' }] }),
    ],
    { layers, causes: [unready, dbDown] },
  );
  const { diagnosis } = await diagnoseTiny(runbook);
  expect(diagnosis.rootCause).toMatchObject({ confidence: 'undetermined', layer: 'outpost' });
  expect(diagnosis.rootCause?.code).toBeUndefined();
  expect(diagnosis.rootCause?.because).toBe(
    'server-unready is wrong; db-down may be behind it and could not be ruled out: no answer from db pods',
  );
  expect(diagnosis.nextSteps).toMatchObject([
    { command: 'infra diagnose tiny --print-role' },
    { text: 'no answer from db pods: That was forbidden.', command: 'look t.db.pods' },
  ]);
});

test('what was left out by choice makes a cause likely, and says so', async () => {
  const runbook = tinyRunbook(
    [
      tinyProbe('t.outpost.server', { says: sees('server-unready', 'http-500') }),
      tinyProbe('t.db.pods', { failures: [{ code: 'db-down', meaning: 'It is down.' }] }),
    ],
    { layers, causes: [unready, dbDown] },
  );
  const { diagnosis } = await diagnoseTiny(runbook, { selected: ['t.outpost.server'] });
  expect(diagnosis.rootCause).toMatchObject({
    code: 'server-unready',
    confidence: 'likely',
    because: 'seen directly; db-down may be behind it and was not asked for',
  });
  expect(diagnosis.nextSteps[0]).toMatchObject({ command: 'infra diagnose tiny', risk: 'read' });
});

test('a cause that was seen is only likely while nothing that it explains was observed', async () => {
  const runbook = tinyRunbook([tinyProbe('t.outpost.logs', { says: sees('shm-full', 'smoke') })], {
    layers,
    causes: [shmFull],
  });
  const { diagnosis } = await diagnoseTiny(runbook);
  expect(diagnosis.rootCause).toMatchObject({ code: 'shm-full', confidence: 'likely' });
  expect(diagnosis.nextSteps.map(({ risk }) => risk)).toEqual(['read']);
});

test('position alone makes a cause likely, and only with nothing unanswered below', async () => {
  const edge = cause('edge-broken', 'edge', ['http-400']);
  const probes = (below: Parameters<typeof tinyProbe>[1]) => [
    tinyProbe('t.edge.a', { says: fails('http-400') }),
    tinyProbe('t.outpost.logs', below),
  ];
  const healthy = await diagnoseTiny(tinyRunbook(probes({}), { layers, causes: [edge, shmFull] }));
  expect(healthy.diagnosis.rootCause).toMatchObject({ code: 'edge-broken', confidence: 'likely' });
  const silent = await diagnoseTiny(tinyRunbook(probes({ collect: forbidden }), { layers, causes: [edge, shmFull] }));
  expect(silent.diagnosis.rootCause).toMatchObject({ confidence: 'undetermined' });
  expect(silent.diagnosis.rootCause?.code).toBeUndefined();
});

test('a failure that nothing explains is undetermined, and still a failure', async () => {
  const runbook = tinyRunbook([tinyProbe('t.edge.a', { says: fails('odd') })], { layers, causes: [shmFull] });
  const { diagnosis } = await diagnoseTiny(runbook);
  expect(diagnosis.rootCause).toMatchObject({ confidence: 'undetermined', layer: 'edge' });
  expect(statusOfDiagnosis(diagnosis)).toBe('fail');
});

test('a healthy platform has no root cause', async () => {
  const { diagnosis } = await diagnoseTiny(tinyRunbook([tinyProbe('t.edge.a')], { layers, causes: [shmFull] }));
  expect(diagnosis.rootCause).toBeUndefined();
  expect(diagnosis.nextSteps).toEqual([]);
});

test('next steps keep evidence first and take the least intrusive way first', async () => {
  const runbook = tinyRunbook([tinyProbe('t.outpost.logs', { says: sees('shm-full', 'save-failed') })], {
    layers,
    causes: [shmFull],
  });
  const live = await diagnoseTiny(runbook);
  expect(live.diagnosis.nextSteps.map(({ phase, risk }) => `${phase} ${risk}`)).toEqual([
    'keep read',
    'now write',
    'now destroy',
    'verify read',
    'for-good write',
  ]);
  expect(live.diagnosis.nextSteps[0]?.command).toBe('infra diagnose tiny --record DIR');
  expect(live.diagnosis.nextSteps[2]?.note).toBe('destroys it; signs out everybody');
  const kept = await diagnoseTiny(runbook, { isKept: true });
  expect(kept.diagnosis.nextSteps.map(({ phase }) => phase)).not.toContain('keep');
});

test('a warning alone can have a cause', async () => {
  const runbook = tinyRunbook(
    [tinyProbe('t.outpost.shm', { says: { ...sees('shm-full', 'save-failed'), verdict: 'WARN' } })],
    { layers, causes: [shmFull] },
  );
  const { diagnosis } = await diagnoseTiny(runbook);
  expect(diagnosis.rootCause?.code).toBe('shm-full');
  expect(statusOfDiagnosis(diagnosis)).toBe('warn');
  expect(statusOfDiagnosis(diagnosis, 'fail')).toBe('ok');
});

test('a cause that the runbook does not list is not lost', async () => {
  const runbook = tinyRunbook([tinyProbe('t.outpost.logs', { says: sees('brand-new', 'x') })], { layers });
  const { diagnosis } = await diagnoseTiny(runbook);
  expect(diagnosis.rootCause).toMatchObject({ code: 'brand-new', confidence: 'likely' });
});
