import { mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { makeFiles } from '../../../src/lib/clients/files/live.ts';
import type { Recorded } from '../../../src/lib/diagnosis/collected.ts';
import { conclude } from '../../../src/lib/diagnosis/conclude.ts';
import { readRecording } from '../../../src/lib/diagnosis/recording/read.ts';
import { requireEmpty, writeRecording } from '../../../src/lib/diagnosis/recording/write.ts';
import { makeSeal } from '../../../src/lib/diagnosis/redaction.ts';
import type { Runbook } from '../../../src/lib/diagnosis/runbook.ts';
import { makeRedactor } from '../../../src/lib/secrets/redaction.ts';
import { clientOf, platforms, WAYS } from './faulty-platform.ts';
import { heldClock } from './held-clock.ts';
import { clientsOf, diagnoseTiny, settle, tinyRunbook } from './run-tiny.ts';
import { tinyProbe } from './tiny-runbook.ts';

const files = makeFiles();
const state = { folder: '' };
beforeEach(() => {
  state.folder = join(mkdtempSync(join(tmpdir(), 'infra-recording-')), 'april');
});

const runbook: Runbook = tinyRunbook([
  tinyProbe('t.outpost.logs', {
    evidence: { lines: ['Cookie: authentik_proxy_1=Canary0123456789; b=Canary0123456789', 'from 203.0.113.7'] },
    judge: (evidence) => ({ verdict: 'WARN', detail: JSON.stringify(evidence) }),
  }),
  tinyProbe('t.edge.hosts', {
    says: { verdict: 'FAIL', detail: 'broken', observations: [{ code: 'x', subject: 'a' }] },
  }),
]);

async function recordedTo(folder: string, more: Parameters<typeof diagnoseTiny>[1] = {}): Promise<Recorded> {
  const seal = makeSeal(Buffer.alloc(32, 7), makeRedactor());
  const { recorded } = await diagnoseTiny(runbook, { seal, isKept: true, ...more });
  await writeRecording(files, folder, recorded, '1.2.3');
  return recorded;
}

const refused = (folder: string, subject = runbook) => readRecording(files, folder, subject).catch((error) => error);

test('a replay says what was said, with nothing but files to ask', async () => {
  const recorded = await recordedTo(state.folder, {
    options: { hosts: ['a', 'b'], user: null },
    ignore: [{ finding: 't.edge.hosts', subject: 'a', reason: 'known', expires: '2099-01-01' }],
  });
  const replayed = await readRecording(files, state.folder, runbook);
  expect(replayed).toEqual(recorded);
  expect(conclude(runbook, replayed)).toEqual(conclude(runbook, recorded));
  expect(conclude(runbook, replayed).verdict).toBe('WARN');
});

test('any run, whatever was withheld, replays as it was', async () => {
  const runs = platforms.chain((platform) => {
    const ids = platform.runbook.probes.map(({ id }) => id);
    return fc.tuple(fc.constant(platform), fc.subarray(ids), fc.constantFrom(...WAYS));
  });
  await fc.assert(
    fc.asyncProperty(runs, async ([platform, ids, way]) => {
      const folder = mkdtempSync(join(tmpdir(), 'infra-recording-'));
      const clock = heldClock();
      const withheld = new Map(ids.map((id) => [id, way] as const));
      const running = diagnoseTiny(platform.runbook, { clock, client: clientsOf(clientOf(platform, withheld)) });
      await settle();
      clock.pass(60_000);
      const { recorded, diagnosis } = await running;
      await writeRecording(files, folder, recorded, '1.2.3');
      expect(conclude(platform.runbook, await readRecording(files, folder, platform.runbook))).toEqual(diagnosis);
    }),
    { numRuns: 20 },
  );
});

test('only its owner can read a recording, and it lies in its folder', async () => {
  await recordedTo(state.folder);
  const all = readdirSync(state.folder, { recursive: true, encoding: 'utf8' }).sort();
  expect(all).toEqual(['manifest.json', 'probes', 'probes/t.edge.hosts.json', 'probes/t.outpost.logs.json']);
  const mode = (path: string): string => (statSync(join(state.folder, path)).mode & 0o777).toString(8);
  expect(['.', 'probes', ...all.filter((path) => path.endsWith('.json'))].map(mode)).toEqual([
    '700',
    '700',
    '600',
    '600',
    '600',
  ]);
  expect(readdirSync(join(state.folder, '..'))).toEqual(['april']);
});

test('no secret lies in a recording, and equal ones are seen to be equal', async () => {
  await recordedTo(state.folder);
  const text = readFileSync(join(state.folder, 'probes/t.outpost.logs.json'), 'utf8');
  expect(text).not.toContain('Canary');
  const tokens = [...text.matchAll(/\[secret [0-9a-f]{6}\]/g)].map(([token]) => token);
  expect(tokens).toHaveLength(2);
  expect(new Set(tokens).size).toBe(1);
  expect(text).toContain('203.0.113.7');
});

test('a folder that holds something, or is none, is refused before anything is asked', async () => {
  await requireEmpty(files, state.folder);
  await recordedTo(state.folder);
  await expect(requireEmpty(files, state.folder)).rejects.toMatchObject({
    code: 'recording.not-empty',
    status: 'usage',
  });
  const link = `${state.folder}-link`;
  symlinkSync(tmpdir(), link);
  await expect(requireEmpty(files, link)).rejects.toMatchObject({ code: 'recording.not-a-folder' });
});

test('a changed file is named and ends the replay', async () => {
  await recordedTo(state.folder);
  const path = join(state.folder, 'probes/t.edge.hosts.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"t.edge.hosts"', '"t.edge.hostz"'));
  expect(await refused(state.folder)).toMatchObject({
    code: 'recording.damaged',
    status: 'data',
    message: expect.stringContaining(path),
  });
});

test('a manifest that is cut, foreign or reaches outside is named', async () => {
  await recordedTo(state.folder);
  const path = join(state.folder, 'manifest.json');
  const whole = readFileSync(path, 'utf8');
  const wrong = async (text: string): Promise<unknown> => {
    writeFileSync(path, text);
    return await refused(state.folder);
  };
  const named = { status: 'data', message: expect.stringContaining(path) };
  expect(await wrong(whole.slice(0, 100))).toMatchObject({ ...named, code: 'recording.damaged' });
  expect(await wrong('[]')).toMatchObject({ ...named, code: 'recording.damaged' });
  expect(await wrong(whole.replace('probes/t.edge', 'probes/../../t.edge'))).toMatchObject({
    ...named,
    code: 'recording.damaged',
  });
  expect(await wrong(whole.replace('infra-recording/1', 'infra-recording/9'))).toMatchObject(named);
});

test('a manifest that says something else than what was recorded is named', async () => {
  await recordedTo(state.folder, {
    options: { hosts: ['a', 'b'] },
    ignore: [{ finding: 't.edge.hosts', subject: 'a', reason: 'known', expires: '2026-04-19' }],
  });
  const path = join(state.folder, 'manifest.json');
  const whole = JSON.parse(readFileSync(path, 'utf8'));
  const damaged = { code: 'recording.damaged', status: 'data', message: expect.stringContaining(path) };
  const { run, files: listed, sha256: _, ...rest } = whole;
  for (const other of [
    { ...whole, run: { ...run, selected: ['t.outpost.logs'] } },
    { ...whole, run: { ...run, selected: [] }, files: [] },
    { ...whole, run: { ...run, subject: 'mail' } },
    { ...whole, run: { ...run, at: '2026-04-18T00:00:00.000Z' } },
    { ...whole, run: { ...run, ended: 'deadline' } },
    { ...whole, run: { ...run, options: { hosts: ['b', 'a'] } } },
    { ...whole, run: { ...run, ignore: [{ ...run.ignore[0], expires: '2999-01-01' }] } },
    { ...whole, files: listed.slice(1) },
    { ...whole, files: [...listed, listed[0]] },
    { ...whole, version: '9.9.9' },
    { ...whole, more: 1 },
    { ...whole, sha256: '0'.repeat(64) },
    { ...rest, run, files: listed },
  ]) {
    writeFileSync(path, JSON.stringify(other));
    expect(await refused(state.folder), JSON.stringify(other)).toMatchObject(damaged);
  }
  // What it says is kept, not how it is spaced and ordered.
  writeFileSync(path, JSON.stringify(Object.fromEntries(Object.entries(whole).toReversed())));
  expect(await readRecording(files, state.folder, runbook)).toMatchObject({ subject: 'tiny' });
});

test('a manifest without the file of a probe that was selected is named, and so is the probe', async () => {
  const { recorded } = await diagnoseTiny(runbook);
  await writeRecording(files, state.folder, { ...recorded, collected: recorded.collected.slice(0, 1) }, '1.2.3');
  expect(await refused(state.folder)).toMatchObject({
    code: 'recording.damaged',
    status: 'data',
    message: expect.stringMatching(/manifest\.json lists no file with the answer to t\.edge\.hosts/),
  });
});

test('a recording of another subject is told by the name of its own', async () => {
  await recordedTo(state.folder);
  expect(await refused(state.folder, { ...runbook, subject: 'mail' })).toMatchObject({
    code: 'recording.other-subject',
    status: 'data',
    message: expect.stringContaining(join(state.folder, 'manifest.json')),
  });
});

test('a recording of a probe that this infra does not know is foreign', async () => {
  await recordedTo(state.folder);
  const other = tinyRunbook([tinyProbe('t.outpost.logs')]);
  expect(await refused(state.folder, other)).toMatchObject({ code: 'recording.unknown-probe', status: 'data' });
});

test('a folder without a manifest is no recording', async () => {
  expect(await refused(state.folder)).toMatchObject({ code: 'recording.absent', status: 'data' });
});

test('a probe that is newer than the recording has no answer', async () => {
  await recordedTo(state.folder);
  const newer = tinyRunbook([...runbook.probes, tinyProbe('t.new.thing')]);
  const replayed = await readRecording(files, state.folder, newer);
  const diagnosis = conclude(newer, { ...replayed, selected: [...replayed.selected, 't.new.thing'] });
  expect(diagnosis.findings[2]).toMatchObject({ verdict: 'UNKNOWN', reason: 'not-asked' });
});
