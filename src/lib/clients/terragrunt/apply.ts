import type { HoldOptions, Processes } from '../process/client.ts';
import type { ApplyRun, Unit } from './client.ts';
import { asText, failureOf } from './diagnostics.ts';
import { parseDiagnostics, parseProgress } from './json-lines.ts';
import { holdUnit } from './run-unit.ts';

/** What to apply and with what. `program` is the tool that made the plan. */
export type Apply = {
  readonly program: string;
  readonly planFile: string;
  readonly lockTimeout: string;
  readonly hold: Omit<HoldOptions, 'onLine'> & { readonly onProgress?: (address: string, done: boolean) => void };
};

/**
 * Applies a plan file by `terragrunt exec`, in every version: `terragrunt apply FILE` drops of the site's
 * extra_arguments only the words that start with `-var`, so that `-var` and its value as two words leave the value
 * behind, and tofu then finds two plan files. `exec` adds no extra arguments; a plan file has the variables in it, and
 * `-backup=-` keeps local state from leaving a copy. Hooks for `apply` do not run.
 */
export async function applyUnit(
  processes: Pick<Processes, 'run' | 'hold'>,
  unit: Unit,
  apply: Apply,
): Promise<ApplyRun> {
  const { onProgress, ...hold } = apply.hold;
  const flags = ['-json', '-input=false', `-lock-timeout=${apply.lockTimeout}`, '-backup=-'];
  const args = ['exec', '--in-download-dir', '--', apply.program, 'apply', ...flags, apply.planFile];
  const onLine = (line: string): void => {
    const progress = parseProgress(line);
    if (progress !== undefined) onProgress?.(progress.address, progress.done);
  };
  const ran = await holdUnit(processes, unit, args, { ...hold, onLine });
  const { durationMs } = ran;
  if (ran.exitCode === 0)
    return { outcome: 'applied', diagnostics: parseDiagnostics(ran.stdout), text: '', durationMs };
  const diagnostics = failureOf(ran);
  const interrupted = hold.interrupt.aborted ? { interrupted: true } : {};
  return { outcome: 'failed', diagnostics, text: asText(diagnostics), durationMs, ...interrupted };
}
