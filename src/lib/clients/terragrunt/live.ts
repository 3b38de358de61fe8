import type { Processes } from '../process/client.ts';
import { applyUnit } from './apply.ts';
import type { Terragrunt } from './client.ts';
import { findUnits } from './find.ts';
import { planUnit } from './plan.ts';
import { readJson } from './read-json.ts';
import { runUnit } from './run-unit.ts';
import { summarise } from './state-summary.ts';
import { badOutput, explicitTool, findTool, readVersions } from './versions.ts';

/** `env` is the environment that `processes` gives to children; it decides which tool terragrunt calls. */
export type TerragruntOptions = {
  readonly processes: Pick<Processes, 'run' | 'hold'>;
  readonly env: Readonly<Record<string, string | undefined>>;
};

const INIT_MS = 900_000;
const READ_MS = 300_000;

/**
 * terragrunt, one unit at a time. Flags stand right after the verb and a plan file last: 0.99 looks at the last
 * argument only to see that a plan file is given, and tofu takes no flag after it.
 */
export function makeTerragrunt({ processes, env }: TerragruntOptions): Terragrunt {
  // A unit can name its tool in terragrunt.hcl; its plan says which one that was, and only that one can apply it.
  const plannedBy = new Map<string, string>();
  const toolFor = async (folder: string): Promise<string> =>
    explicitTool(env) ?? plannedBy.get(folder) ?? (await findTool(processes, env, folder)).program;
  return {
    versions: (folder) => readVersions(processes, env, folder),
    init: (unit, signal) =>
      runUnit(processes, unit, ['init', '-input=false'], {
        timeoutMs: INIT_MS,
        ...(signal === undefined ? {} : { signal }),
      }),
    async plan(unit, options) {
      const { run, tool } = await planUnit(processes, unit, options);
      if (tool !== undefined) plannedBy.set(unit.folder, tool);
      return run;
    },
    async show(unit, planFile) {
      const what = `terragrunt show in ${unit.folder}`;
      const shown = readJson(await runUnit(processes, unit, ['show', '-json', planFile], { timeoutMs: READ_MS }), what);
      if (shown === undefined) throw badOutput(what, 'a plan');
      return shown;
    },
    async apply(unit, planFile, lockTimeout, hold) {
      const program = await toolFor(unit.folder);
      return applyUnit(processes, unit, { program, planFile, lockTimeout, hold });
    },
    async statePull(unit) {
      const what = `terragrunt state pull in ${unit.folder}`;
      const state = readJson(await runUnit(processes, unit, ['state', 'pull'], { timeoutMs: READ_MS }), what);
      return state === undefined ? undefined : summarise(state, what);
    },
    find: (folder, signal) => findUnits(processes, folder, signal),
  };
}
