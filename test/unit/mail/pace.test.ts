import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeFiles } from '../../../src/lib/clients/files/live.ts';
import { afterLastRun, MAX_A_MINUTE, makePacer } from '../../../src/lib/mail/pace.ts';
import { fakeClock } from '../../fakes/clock.ts';

test('within a minute a listener is asked only so often, and a wait is said', async () => {
  const clock = fakeClock();
  const said: string[] = [];
  const pacer = makePacer(clock, (line) => said.push(line));
  await Promise.all(Array.from({ length: MAX_A_MINUTE }, () => pacer.turn('smtp')));
  expect(clock.slept).toEqual([]);
  await pacer.turn('imaps');
  expect(clock.slept).toEqual([]);
  await Promise.all([pacer.turn('smtp'), pacer.turn('smtp')]);
  expect(clock.slept).toEqual([60_000]);
  expect(said).toEqual(['Waiting 60 s: 8 connections to smtp within this minute are enough.']);
});

async function stampFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'infra-pace-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'state', 'stamps.json');
}

test('a second run within a minute waits for the rest of it; another server does not', async () => {
  const clock = fakeClock();
  const said: string[] = [];
  const file = await stampFile();
  const run = (server: string) => afterLastRun({ clock, files: makeFiles() }, file, server, (line) => said.push(line));
  await run('mail.example.com');
  expect(clock.slept).toEqual([]);
  await clock.sleep(15_000);
  await run('mail.example.org');
  expect(clock.slept).toEqual([15_000]);
  await run('mail.example.com');
  expect(clock.slept).toEqual([15_000, 45_000]);
  expect(said).toEqual(['Waiting 45 s: mail.example.com was asked less than a minute ago, and it limits connections.']);
  expect(Object.keys(JSON.parse(await readFile(file, 'utf8')))).toEqual(['mail.example.com', 'mail.example.org']);
});

test.each(['', 'nonsense', '[1]', '{"mail.example.com": "soon"}', '{"mail.example.com": 99999999999999}'])(
  'a file that says %j says nothing',
  async (content) => {
    const clock = fakeClock();
    const file = join(tmpdir(), `infra-pace-${process.pid}.json`);
    await writeFile(file, content);
    onTestFinished(() => rm(file));
    await afterLastRun({ clock, files: makeFiles() }, file, 'mail.example.com', () => undefined);
    expect(clock.slept).toEqual([]);
  },
);
