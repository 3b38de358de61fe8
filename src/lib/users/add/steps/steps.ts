import type { RunRecord } from '../../../operation/journal.ts';
import { listRuns } from '../../../operation/journal.ts';
import type { Step } from '../../../operation/step.ts';
import { appliedBefore } from '../../../stacks/guards/state-lost.ts';
import type { Stack } from '../../../stacks/stack.ts';
import type { RuleFacts } from '../../facts.ts';
import { expectedObjects } from '../../objects.ts';
import { provedAbsent } from '../../verify/proved-absent.ts';
import type { Baseline } from '../baseline.ts';
import { stackDeps } from '../baseline.ts';
import type { EarlierRun } from '../earlier-run.ts';
import { appliedSince, stackMade } from '../evidence.ts';
import type { Surroundings } from '../preflight.ts';
import type { AddContext, AddRequest } from '../request.ts';
import { refuseClonedSecret } from './cloned-secret.ts';
import { type EditMemory, editStep } from './edit.ts';
import { groupsStep } from './groups.ts';
import { portalStep } from './portal.ts';
import { settledFindings } from './settled.ts';
import { stackStep } from './stack.ts';

/** What the steps are made from. */
export type StepsOptions = {
  readonly context: AddContext;
  readonly request: AddRequest;
  readonly around: Surroundings;
  readonly facts: RuleFacts;
  readonly baseline: Baseline;
  readonly earlier: EarlierRun | undefined;
};

/** The steps of `user add` in their order: the edit, each stack, the Authentik groups, the portal. */
export async function addSteps(options: StepsOptions): Promise<{ steps: readonly Step[]; memory: EditMemory }> {
  const { context, request, around, facts } = options;
  const { user } = request;
  const memory: EditMemory = { written: undefined };
  const startedAt = context.clients.clock.now().toISOString();
  const objects = expectedObjects(user, around.shape, context.site);
  const edit = editStep(context, user, facts, memory, async () => {
    const other = await appliedSince(context, startedAt);
    if (other !== undefined) return { may: false, because: `run ${other} has applied a stack since` };
    return provedAbsent(context.clients, context.site, stackMade(objects));
  });
  if (request.noApply) return { steps: [edit as Step], memory };
  const stacks: Step[] = [];
  const runs = await listRuns(context.clients, context.stateFolder);
  for (const { stack } of around.order.apply) stacks.push((await stepOf(options, stack, runs)) as Step);
  const { authentik } = context.site;
  const groups =
    authentik.url.value !== undefined && authentik.token.value !== undefined ? [groupsStep(context, user)] : [];
  const portal = request.restartPortal ? [portalStep(context)] : [];
  return { steps: [edit, ...stacks, ...groups, ...portal] as Step[], memory };
}

async function stepOf(options: StepsOptions, stack: Stack, runs: readonly RunRecord[]): Promise<Step<never>> {
  const { context, request, around, baseline, earlier } = options;
  const { clients } = context;
  return stackStep(stack, {
    deps: await stackDeps(context),
    user: request.user,
    title: stack.name,
    baseline: baseline.get(stack.name),
    appliedBefore: { seen: await appliedBefore(context, stack, runs) },
    recover: earlier?.applying.includes(stack.name) === true,
    waitsForEdit: around.edit.state === 'absent',
    allowUnrelated: request.allowUnrelated,
    confirm: async (question) => clients.prompt.available && (await clients.prompt.confirm(question)),
    refuse: (plan) => refuseClonedSecret(clients, context.site, request.user, plan),
    verify: () => settledFindings(context, around.shape, request.user, stack.name),
  }) as Step<never>;
}
