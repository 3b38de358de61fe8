import { expect, test } from 'vitest';
import type { Ignore } from '../../../src/lib/diagnosis/collected.ts';
import { type Diagnosis, statusOfDiagnosis } from '../../../src/lib/diagnosis/diagnosis.ts';
import type { Judgement } from '../../../src/lib/diagnosis/probe.ts';
import { diagnoseTiny, tinyRunbook } from './run-tiny.ts';
import { tinyProbe } from './tiny-runbook.ts';

const fails = (...subjects: readonly string[]): Judgement => ({
  verdict: 'FAIL',
  detail: 'broken',
  observations: subjects.map((subject) => ({ code: 'broken', subject })),
});
const entry: Ignore = { finding: 't.edge.hosts', reason: 'it moves next week', expires: '2026-04-18' };

async function diagnosed(says: Judgement, ...ignore: readonly Ignore[]): Promise<Diagnosis> {
  const runbook = tinyRunbook([tinyProbe('t.edge.hosts', { says }), tinyProbe('t.edge.fine')]);
  return (await diagnoseTiny(runbook, { ignore })).diagnosis;
}

test('an accepted finding is listed, counts for nothing and blames nothing', async () => {
  const diagnosis = await diagnosed(fails('a'), entry);
  expect(diagnosis.findings[0]).toMatchObject({
    verdict: 'FAIL',
    ignored: { reason: 'it moves next week', expires: '2026-04-18' },
  });
  expect(diagnosis.verdict).toBe('PASS');
  expect(diagnosis.rootCause).toBeUndefined();
  expect(statusOfDiagnosis(diagnosis)).toBe('ok');
  expect(diagnosis.ignores).toEqual([{ ...entry, state: 'applied' }]);
});

test('after its day an entry counts no more, and is told', async () => {
  const diagnosis = await diagnosed(fails('a'), { ...entry, expires: '2026-04-17' });
  expect(statusOfDiagnosis(diagnosis)).toBe('fail');
  expect(diagnosis.ignores[0]?.state).toBe('expired');
});

test('an entry for one subject does not cover another', async () => {
  const mine = { ...entry, subject: 'a' };
  expect(statusOfDiagnosis(await diagnosed(fails('a'), mine))).toBe('ok');
  expect(statusOfDiagnosis(await diagnosed(fails('a', 'b'), mine))).toBe('fail');
  expect(statusOfDiagnosis(await diagnosed(fails('a', 'b'), mine, { ...entry, subject: 'b' }))).toBe('ok');
});

test('an entry that matches nothing is told', async () => {
  const diagnosis = await diagnosed({ verdict: 'PASS', detail: 'fine' }, entry);
  expect(diagnosis.ignores[0]?.state).toBe('unmatched');
});

test('entries of other subjects are not this one’s business', async () => {
  const diagnosis = await diagnosed(fails('a'), { ...entry, finding: 'mail.dns.mx' });
  expect(diagnosis.ignores).toEqual([]);
});
