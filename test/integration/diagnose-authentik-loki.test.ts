/** Where the kubelet's file does not reach back, Loki dates the outage; whatever it answers, the cause stays. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Diagnosis } from '../../src/lib/diagnosis/diagnosis.ts';
import type { Injection } from '../../src/sandbox/http/injection.ts';
import type { World } from '../../src/sandbox/world.ts';
import { loadWorld } from '../../src/sandbox/worlds/catalogue.ts';
import { diagnoseWorld } from './diagnose-world.ts';
import { type Stage, setStage } from './stage.ts';

const stages: Stage[] = [];
beforeAll(async () => {
  stages.push(await setStage());
});
afterAll(() => stages[0]?.close());

async function diagnose(world: World): Promise<Diagnosis> {
  const { diagnosis } = await diagnoseWorld(stages[0] ?? expect.fail('no stage'), world);
  expect(diagnosis.rootCause).toMatchObject({ code: 'authentik.outpost.shm-full', confidence: 'confirmed' });
  return diagnosis;
}

const kept = (seed: number, name = 'outpost-shm-full-kept'): Promise<World> => loadWorld(name, { seed });
const historyIn = ({ findings }: Diagnosis) => findings.find(({ id }) => id === 'authentik.outpost.history');
const firstKept = ({ loki }: World): string =>
  loki?.lines.find(({ text }) => text.includes('no space left'))?.at ?? expect.fail('nothing is kept');

test.each([0, 1, 2])('under seed %i the outage began at the first failed write that Loki kept', async (seed) => {
  const world = await kept(seed);
  const diagnosis = await diagnose(world);
  expect(diagnosis.since).toEqual({ at: firstKept(world) });
  expect(historyIn(diagnosis)).toMatchObject({ verdict: 'FAIL', detail: expect.not.stringContaining('or before') });
  const log = diagnosis.findings.find(({ id }) => id === 'authentik.outpost.logs');
  expect(log?.detail).toContain('the log reaches back to');
});

test('what another pod wrote, or this one before it was started anew, is another outage', async () => {
  const world = await kept(0);
  const [line] = world.loki?.lines ?? [];
  if (line === undefined) return expect.fail('nothing is kept');
  const earlier = {
    ...line,
    at: new Date(Date.now() - 20 * 86_400_000).toISOString(),
    text: 'no space left on device',
  };
  const lines = [earlier, { ...earlier, pod: 'ak-outpost-gone' }, ...(world.loki?.lines ?? [])];
  expect((await diagnose({ ...world, loki: { lines } })).since?.at).toBe(firstKept(world));
});

test('where Loki reaches no further back than the first failed write, it is “or before” still', async () => {
  const world = await kept(0);
  const lines = world.loki?.lines.slice(1) ?? [];
  const diagnosis = await diagnose({ ...world, loki: { lines } });
  expect(diagnosis.since).toEqual({ at: firstKept(world), orBefore: true, note: 'start of what Loki keeps' });
});

test.each([
  ['forbidden', { path: '/*', status: 403, body: { message: 'not yours' } }, /Loki answered 403/],
  ['forbidden', { path: '/*', status: 401, body: 'no org id' }, /answered 401/],
  ['malformed', { path: '/*', status: 200, body: '<html>', html: true }, /./],
  ['malformed', { path: '/*', status: 200, body: { status: 'success', data: { resultType: 'matrix' } } }, /not Loki’s/],
  ['unreachable', { path: '/*', close: true }, /./],
] as const)('%s is one answer of four: %j', async (reason, injection, detail) => {
  const world = await kept(0);
  const injections: readonly Injection[] = [injection];
  const diagnosis = await diagnose({ ...world, loki: { lines: world.loki?.lines ?? [], injections } });
  expect(historyIn(diagnosis)).toMatchObject({ verdict: 'UNKNOWN', reason, detail: expect.stringMatching(detail) });
  expect(diagnosis.since?.orBefore).toBe(true);
});

test('a Loki that has none of these lines knows nothing of them, and is not healthy for it', async () => {
  const diagnosis = await diagnose({ ...(await kept(0)), loki: { lines: [] } });
  expect(historyIn(diagnosis)).toMatchObject({ verdict: 'UNKNOWN', reason: 'empty' });
});

test('without loki.url nothing is asked', async () => {
  const { loki: _none, ...world } = await kept(0);
  expect(historyIn(await diagnose(world))).toMatchObject({ verdict: 'SKIP', reason: 'not-configured' });
});
