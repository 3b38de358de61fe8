/**
 * Writes the parts of README.md that come from elsewhere: scenes of the demo as they were recorded, and the exit
 * statuses. `npm run readme`; test/golden/readme.test.ts says when they are stale.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { partOf, record, scrubbed, statusTable, withPart } from './readme-parts.ts';

const README = join(import.meta.dirname, '..', 'README.md');

const recorded = await record();
const before = await readFile(README, 'utf8');
// A recording that differs in times and ids only is no news.
let page = before;
for (const [part, text] of [
  ['demo', recorded.shown],
  ['incident', recorded.incident],
] as const) {
  if (scrubbed(text) !== scrubbed(partOf(page, part))) page = withPart(page, part, text);
}
await writeFile(README, withPart(page, 'statuses', statusTable()));
console.log(recorded.surprises.length === 0 ? 'README.md is written' : recorded.surprises.join('\n'));
process.exitCode = recorded.surprises.length === 0 ? 0 : 1;
