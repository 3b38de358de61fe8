import { InfraError } from '../../errors.ts';
import type { Change, PlanSummary } from '../stack.ts';
import { destroyRefusal } from './destroy-guard.ts';

/** What is known about earlier applies of a stack. `seen` says where from, e.g. `its state file is in git`. */
export type AppliedBefore = { readonly seen: readonly string[] };

/** What is judged. `baseline`: the plan of the same stack before the run's first write; undefined with --no-baseline. */
export type GuardInput = {
  readonly stack: string;
  readonly summary: PlanSummary;
  readonly baseline?: PlanSummary | undefined;
  readonly appliedBefore?: AppliedBefore;
};

/**
 * The verdict over one plan. `refusal` is an error of status refused that no flag lifts; the lists part all changes
 * (reads apart) into those of the user, those that the baseline had too, and all others. Unrelated changes, standing
 * ones too, need a confirmation of their own or --allow-unrelated.
 */
export type GuardVerdict = {
  readonly refusal: InfraError | undefined;
  readonly user: readonly Change[];
  readonly standing: readonly Change[];
  readonly unrelated: readonly Change[];
};

/** Judges a plan. Pure: the same plan and baseline always give the same verdict. */
export function guardPlan(input: GuardInput): GuardVerdict {
  const changes = input.summary.changes.filter((change) => change.class !== 'read');
  const user = changes.filter((change) => change.namesUser);
  const others = changes.filter((change) => !change.namesUser);
  const standing = others.filter((change) => stoodBefore(change, input.baseline));
  return {
    refusal: stateRefusal(input) ?? destroyRefusal(input.stack, changes),
    user,
    standing,
    unrelated: others.filter((change) => !standing.includes(change)),
  };
}

/** True when something would be changed that is not about the user. */
export function needsConfirmation(verdict: GuardVerdict): boolean {
  return verdict.standing.length + verdict.unrelated.length > 0;
}

/** A change stood before when the baseline held the very same one, or all that does not concern the user of it. */
function stoodBefore(change: Change, baseline: PlanSummary | undefined): boolean {
  const before = baseline?.changes.find((other) => other.address === change.address && other.class === change.class);
  if (before === undefined) return false;
  if (before.digest === change.digest) return true;
  const known = new Set(before.foreign ?? []);
  const foreign = change.foreign ?? [];
  return foreign.length > 0 && foreign.every((digest) => known.has(digest));
}

/** A state that is empty although the stack was applied, or a plan that builds most of the stack anew. */
function stateRefusal({ stack, summary, appliedBefore }: GuardInput): InfraError | undefined {
  const seen = appliedBefore?.seen ?? [];
  const creates = summary.changes.filter((change) => change.class === 'create');
  const foreign = creates.filter((change) => !change.namesUser).length;
  const emptied = seen.length > 0 && summary.priorResources === 0 && summary.plannedResources > 0;
  const rebuilt = foreign > summary.plannedResources / 2;
  if (!emptied && !rebuilt) return undefined;
  const found = emptied
    ? `its state holds no resource, although it was applied before (${seen.join('; ')})`
    : `its plan creates ${foreign} of ${summary.plannedResources} resources that do not concern the user`;
  return new InfraError(
    'stack.state-lost',
    'refused',
    `Planned ${stack}: ${found}. Its state seems lost; applying would build everything a second time.`,
    {
      hints: [
        `Compare with the last good state: git log -- state/stacks/${stack} (Tier 0) or the database's backup (Tier 1).`,
        `If ${stack} was never applied, apply it once by hand first.`,
      ],
    },
  );
}
