import type { StackDeps } from '../deps.ts';
import type { ManyContext } from '../many/context.ts';
import { makeInitQueue } from '../many/init-queue.ts';
import { planAll } from '../many/plan-all.ts';
import type { Planned } from '../many/report.ts';
import type { Stack } from '../stack.ts';

/**
 * Plans stacks without their states' locks, in no order: nothing is applied, so that nobody has to wait, and one that
 * cannot be planned says nothing about those that depend on it. No plan file is left, no Tier-0 state is saved.
 */
export function planUnlocked(
  context: ManyContext,
  deps: StackDeps,
  stacks: readonly Stack[],
  parallelism: number,
): Promise<readonly Planned[]> {
  return planAll({
    context,
    deps,
    prepare: makeInitQueue(deps),
    stacks,
    needs: new Map(stacks.map(({ name }) => [name, []])),
    parallelism,
    dryRun: true,
    recover: new Set(),
    lock: false,
    note: async () => {},
    onPlan: async () => false,
  });
}
