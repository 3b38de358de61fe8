import type { Processes } from '../process/client.ts';
import type { PlanOptions, PlanRun, Unit } from './client.ts';
import { asText, failureOf } from './diagnostics.ts';
import { parseDiagnostics, parseTool } from './json-lines.ts';
import { preparePlanFile, settlePlanFile } from './plan-file.ts';
import { runUnit } from './run-unit.ts';
import { badOutput } from './versions.ts';

const PLAN_MS = 1_800_000;

/** A plan, and which tool made it: the same one has to apply it. */
export type Planned = { readonly run: PlanRun; readonly tool: 'tofu' | 'terraform' | undefined };

/** Plans one unit into a file that only its owner can read. A plan that failed, or was stopped, leaves no empty file. */
export async function planUnit(
  processes: Pick<Processes, 'run' | 'hold'>,
  unit: Unit,
  options: PlanOptions,
): Promise<Planned> {
  const lock = options.lock ? `-lock-timeout=${options.lockTimeout}` : '-lock=false';
  const args = ['plan', '-json', '-detailed-exitcode', '-input=false', lock, `-out=${options.out}`];
  const limits = {
    timeoutMs: options.timeoutMs ?? PLAN_MS,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  await preparePlanFile(options.out);
  const ran = await runUnit(processes, unit, args, limits).catch(async (error: unknown) => {
    await settlePlanFile(options.out);
    throw error;
  });
  const written = await settlePlanFile(options.out);
  const failed = ran.exitCode !== 0 && ran.exitCode !== 2;
  // An `exclude` or `skip` block ends with 0 and no plan: that is not "no changes".
  if (!failed && !written) throw badOutput(`terragrunt plan in ${unit.folder}`, 'a plan (is the unit excluded?)');
  const outcome = failed ? 'failed' : ran.exitCode === 2 ? 'changes' : 'no-changes';
  const diagnostics = failed ? failureOf(ran) : parseDiagnostics(ran.stdout);
  const run: PlanRun = { outcome, diagnostics, text: asText(diagnostics), durationMs: ran.durationMs };
  return { run, tool: parseTool(ran.stdout) };
}
