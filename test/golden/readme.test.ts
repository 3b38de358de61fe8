import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { partOf, record, scrubbed, statusTable } from '../../scripts/readme-parts.ts';

const ROOT = join(import.meta.dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

test('README shows what the demo prints, and every command of the demo ends as told', async () => {
  const recorded = await record();
  expect(recorded.surprises).toEqual([]);
  expect(scrubbed(recorded.shown), 'write it again: npm run readme').toBe(scrubbed(partOf(README, 'demo')));
  expect(scrubbed(recorded.incident), 'write it again: npm run readme').toBe(scrubbed(partOf(README, 'incident')));
});

test('a recording that differs in more than times, ports and ids is another one', () => {
  const shown = partOf(README, 'demo');
  expect(scrubbed(shown.replace(/infra run show \w+/, 'infra run show 0000'))).toBe(scrubbed(shown));
  expect(scrubbed(shown.replace('10 created', '9 created'))).not.toBe(scrubbed(shown));
});

test('README has the exit statuses of errors.ts', () => {
  expect(partOf(README, 'statuses'), 'write it again: npm run readme').toBe(statusTable());
});

test('README is short', () => {
  expect(README.split('\n').length).toBeLessThanOrEqual(230);
});
