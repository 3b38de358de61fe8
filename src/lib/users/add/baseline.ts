import type { Journal } from '../../operation/journal.ts';
import type { StackDeps, StackRun } from '../../stacks/deps.ts';
import { destroyRefusal } from '../../stacks/guards/destroy-guard.ts';
import { countChanges } from '../../stacks/plan/plan-summary.ts';
import { finishStack, planStack } from '../../stacks/run/plan-stack.ts';
import type { Change, PlanSummary, Stack } from '../../stacks/stack.ts';
import type { EarlierRun } from './earlier-run.ts';
import type { Surroundings } from './preflight.ts';
import type { AddContext, AddRequest } from './request.ts';

/** The plan of each stack from before the edit, by stack name. What it holds is not this run's doing. */
export type Baseline = ReadonlyMap<string, PlanSummary>;

/** What a baseline is made from. `journal` is undefined in a dry run. */
export type BaselineOptions = {
  readonly context: AddContext;
  readonly request: AddRequest;
  readonly around: Surroundings;
  readonly earlier: EarlierRun | undefined;
  readonly journal: Journal | undefined;
};

/**
 * Plans every stack before anything is written: proof that they can be planned, and the measure of what is unrelated.
 * Once the entry is written there is no "before" any more: then the baseline of the earlier run is used, or none.
 * One stack after another, because inits share a provider cache; the plans themselves are thrown away.
 * Errors: those of `planStack`; `stack.destroy-refused` when a plan would delete, replace or forget already now.
 */
export async function prepareBaseline(options: BaselineOptions): Promise<Baseline> {
  const { context, request, around, earlier, journal } = options;
  if (around.edit.state === 'same') return await fromJournal(earlier, journal);
  if (request.noBaseline) return new Map();
  const deps = await stackDeps(context);
  const run = quietRun(context, request, journal);
  const baseline = new Map<string, PlanSummary>();
  for (const { stack } of around.order.apply) {
    context.interrupt.throwIfAborted();
    const summary = await planOne(context, request, deps, run, stack);
    baseline.set(stack.name, summary);
    await journal?.write('baseline', undefined, { stack: stack.name, changes: recorded(stack.name, summary.changes) });
  }
  return baseline;
}

async function planOne(
  context: AddContext,
  request: AddRequest,
  deps: StackDeps,
  run: StackRun,
  stack: Stack,
): Promise<PlanSummary> {
  const plan = await planStack(deps, stack, run, { user: request.user });
  await finishStack(deps, plan);
  const refusal = destroyRefusal(stack.name, plan.summary.changes);
  const pending = plan.summary.changes.filter((change) => change.class !== 'read').length;
  const detail = pending === 0 ? 'plannable, nothing pending' : `plannable, ${pending} changes pending before the edit`;
  const verdict = refusal === undefined ? (pending === 0 ? 'PASS' : 'WARN') : 'FAIL';
  context.onEvent({
    type: 'check',
    finding: {
      id: `users.add.plan.${stack.name}`,
      title: `plan of ${stack.name}`,
      verdict,
      detail: refusal?.message ?? detail,
    },
  });
  if (refusal !== undefined) throw refusal;
  return plan.summary;
}

/** What the journal keeps of a change: enough to recognise it again, no value. */
function recorded(stack: string, changes: readonly Change[]) {
  return changes.map(({ address, type, class: kind, digest, foreign }) => ({
    stack,
    address,
    type,
    class: kind,
    digest,
    ...(foreign === undefined ? {} : { foreign }),
  }));
}

/** The baseline of the run that wrote the entry, copied into this run's journal for the next one. */
async function fromJournal(earlier: EarlierRun | undefined, journal: Journal | undefined): Promise<Baseline> {
  const baseline = new Map<string, PlanSummary>();
  for (const [stack, changes] of earlier?.baseline ?? []) {
    await journal?.write('baseline', undefined, { stack, changes: recorded(stack, changes) });
    baseline.set(stack, {
      changes,
      counts: countChanges(changes),
      priorResources: 0,
      plannedResources: 0,
      applyable: true,
    });
  }
  return baseline;
}

/** The stacks' room as this run sees it. Children get the token of a login that infra did itself: no file holds it. */
export async function stackDeps(context: AddContext): Promise<StackDeps> {
  const { clients, site, stateFolder, runId, env } = context;
  const token = await clients.vault.loginToken();
  return {
    clients,
    site,
    stateFolder,
    runId,
    env,
    ...(token === undefined ? {} : { childSecrets: { VAULT_TOKEN: token } }),
  };
}

/** A run for planning only: its progress is the check's own line. */
function quietRun(context: AddContext, request: AddRequest, journal: Journal | undefined): StackRun {
  return {
    dryRun: request.dryRun,
    interrupt: context.interrupt,
    note: async (event, data) => {
      await journal?.write('note', undefined, { event, ...data });
    },
    progress: () => {},
  };
}

/** The changes of a baseline that are no reads, for the overview. */
export function standingDrift(baseline: Baseline): readonly { stack: string; address: string; class: string }[] {
  return [...baseline].flatMap(([stack, summary]) =>
    summary.changes
      .filter((change) => change.class !== 'read')
      .map((change) => ({ stack, address: change.address, class: change.class })),
  );
}
