import { applyPlan } from './apply.ts';
import type { CommandLine } from './arguments.ts';
import type { Outside } from './drivers.ts';
import { Diagnosed } from './failure.ts';
import { readFaults } from './faults.ts';
import type { Plan } from './plan.ts';
import { readPlan, type SavedPlan } from './plan-file.ts';
import { absolute, currentState, planStack, sealer } from './run-plan.ts';
import { type State, writeState } from './state.ts';
import type { View } from './view.ts';
import type { Workspace } from './workspace.ts';

/** The `apply` verb: a saved plan, or a fresh one with `-auto-approve`. Returns the exit status. Errors: Diagnosed. */
export async function applyVerb(
  workspace: Workspace,
  line: CommandLine,
  outside: Outside,
  view: View,
  stopped: () => boolean,
): Promise<number> {
  const file = line.positional[0];
  const state = currentState(workspace);
  const plan =
    file === undefined
      ? await freshPlan(workspace, line, outside, view, state)
      : savedPlan(workspace, file, state).plan;
  if (file !== undefined && line.flags.has('json')) view.planned(plan.changes);
  const failures = await applyPlan(plan, state, {
    outside,
    view,
    stopped,
    save: (next) => writeState(workspace.stateFile, next),
    faults: () => readFaults(workspace.sandboxDir, workspace.stack),
    sealVault: sealer(workspace),
  });
  for (const failure of failures) view.diagnostic(failure);
  return failures.length > 0 ? 1 : 0;
}

async function freshPlan(
  workspace: Workspace,
  line: CommandLine,
  outside: Outside,
  view: View,
  state: State,
): Promise<Plan> {
  const approved = line.flags.has('auto-approve') || line.global.has('non-interactive');
  if (!approved && line.flags.has('json')) {
    throw new Diagnosed(
      'Plan file or auto-approve required',
      'OpenTofu cannot ask for interactive approval when -json is set. You can either apply a saved plan file, or enable the -auto-approve option.',
    );
  }
  const plan = await planStack(workspace, outside, view, state);
  view.planned(plan.changes);
  view.planSummary(plan.changes, undefined);
  if (!approved) throw new Diagnosed('error asking for approval: EOF');
  return plan;
}

function savedPlan(workspace: Workspace, file: string, state: State): SavedPlan {
  const saved = readPlan(absolute(workspace, file));
  if (saved.errored) {
    throw new Diagnosed(
      'Cannot apply incomplete plan',
      'OpenTofu encountered an error when generating this plan, so it cannot be applied.',
    );
  }
  const never = saved.prior.serial === 0 && state.serial === 0;
  if (!never && saved.prior.lineage !== state.lineage) {
    throw new Diagnosed(
      'Saved plan does not match the given state',
      'The given plan file can not be applied because it was created from a different state lineage.',
    );
  }
  if (saved.prior.serial !== state.serial) {
    throw new Diagnosed(
      'Saved plan is stale',
      'The given plan file can no longer be applied because the state was changed by another operation after the plan was created.',
    );
  }
  return saved;
}
