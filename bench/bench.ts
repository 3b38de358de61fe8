/**
 * `npm run bench`: the performance limits, as ratios and differences measured in one run. Every server lives in this
 * process, on the loopback interface. Exits 1 when a limit is exceeded.
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
import { type Row, rowText } from './row.ts';
import { serverRows } from './servers.ts';
import { stackPlanRows } from './stack-plan.ts';
import { stackRows } from './stacks.ts';
import { type Program, startUpRows } from './start-up.ts';
import { userAddRow } from './user-add.ts';
import { wholeDiagnosisRow } from './whole-diagnosis.ts';

buildWhenStale();
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const infra: Program = (...args) => [process.execPath, join(root, 'bin/run.js'), ...args];
const folder = mkdtempSync(join(tmpdir(), 'infra-bench-'));
const rows: Row[] = [];
const show = (measured: readonly Row[]): void => {
  rows.push(...measured);
  for (const each of measured) process.stdout.write(`${rowText(each)}\n`);
};

try {
  show(await startUpRows(infra, { HOME: folder, PATH: process.env.PATH ?? '' }));
  show(await serverRows(infra, folder));
  show(await stackRows(infra, folder));
  show(await manyUsersRows(infra));
  show(await stackPlanRows(infra, folder));
  show([await mailRow(infra)]);
  show([await firstFindingRow(infra)]);
  show([await wholeDiagnosisRow(infra, folder)]);
  show([await userAddRow(infra)]);
  show(await diagnoseLogsRows(infra, folder, { HOME: folder, PATH: process.env.PATH ?? '' }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const over = rows.filter((each) => each.value > each.limit);
process.stdout.write(`${rows.length - over.length} within their limits, ${over.length} over\n`);
process.exitCode = over.length > 0 ? 1 : 0;
