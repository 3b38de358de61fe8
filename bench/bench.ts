/**
 * `npm run bench`: the performance limits, as ratios and differences measured in one run. Every server lives in this
 * process, on the loopback interface. Exits 1 when a limit is exceeded. `npm run bench -- stack-plan user-add` measures
 * those groups alone.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import buildWhenStale from '../test/built.ts';
import { diagnoseLogsRows } from './diagnose-logs.ts';
import { firstFindingRow } from './first-finding.ts';
import { mailRow } from './mail.ts';
import { manyUsersRows } from './many-users.ts';
import { isOver, type Row, rowText } from './row.ts';
import { serverRows } from './servers.ts';
import { stackPlanRows } from './stack-plan.ts';
import { runAllRows } from './stack-run-all.ts';
import { stackRows } from './stacks.ts';
import { type Program, startUpRows } from './start-up.ts';
import { userAddRow } from './user-add.ts';
import { wholeDiagnosisRow } from './whole-diagnosis.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const infra: Program = (...args) => [process.execPath, join(root, 'bin/run.js'), ...args];
const folder = mkdtempSync(join(tmpdir(), 'infra-bench-'));
const env = { HOME: folder, PATH: process.env.PATH ?? '' };

/** What can be measured on its own, in the order of the table. */
const GROUPS: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  'start-up': () => startUpRows(infra, env),
  servers: () => serverRows(infra, folder),
  stacks: () => stackRows(infra, folder),
  'many-users': () => manyUsersRows(infra),
  'stack-plan': () => stackPlanRows(infra, folder),
  'stack-run-all': () => runAllRows(infra, folder),
  mail: async () => [await mailRow(infra)],
  'first-finding': async () => [await firstFindingRow(infra)],
  'whole-diagnosis': async () => [await wholeDiagnosisRow(infra, folder)],
  'user-add': async () => [await userAddRow(infra)],
  'diagnose-logs': () => diagnoseLogsRows(infra, folder, env),
};

/** The rows of the named groups, of all without names; shown as they are measured. Returns the exit status. */
async function bench(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => GROUPS[name] === undefined);
  if (unknown.length > 0) {
    process.stderr.write(`Nothing is called ${unknown.join(', ')}. There are: ${Object.keys(GROUPS).join(', ')}\n`);
    return 64;
  }
  buildWhenStale();
  const rows: Row[] = [];
  for (const [name, measure] of Object.entries(GROUPS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    for (const row of await measure()) {
      rows.push(row);
      process.stdout.write(`${rowText(row)}\n`);
    }
  }
  const over = rows.filter(isOver).length;
  const limited = rows.filter(({ limit }) => limit !== undefined).length;
  process.stdout.write(`${limited - over} within their limits, ${over} over\n`);
  return over > 0 ? 1 : 0;
}

try {
  process.exitCode = await bench(process.argv.slice(2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
