import { InfraError } from '../../../errors.ts';
import type { Finding } from '../../../findings/finding.ts';
import type { Step, StepRun } from '../../../operation/step.ts';
import type { StackDeps } from '../../../stacks/deps.ts';
import type { AppliedBefore } from '../../../stacks/guards/plan-guard.ts';
import { guardPlan, needsConfirmation } from '../../../stacks/guards/plan-guard.ts';
import { CHANGE_CLASSES } from '../../../stacks/plan/plan-summary.ts';
import { applyStack } from '../../../stacks/run/apply-stack.ts';
import { finishStack, planStack } from '../../../stacks/run/plan-stack.ts';
import type { Change, PlanSummary, Stack, StackPlan } from '../../../stacks/stack.ts';
import type { User } from '../../entry.ts';

/** What the step of one stack needs besides the stack. */
export type StackStepOptions = {
  readonly deps: StackDeps;
  readonly user: User;
  readonly title: string;
  readonly baseline: PlanSummary | undefined;
  readonly appliedBefore: AppliedBefore;
  /** A killed run may have applied this stack: its Tier-0 state has to be brought home first. */
  readonly recover: boolean;
  /** True when the entry is not written yet: a dry run cannot plan what reads it. */
  readonly waitsForEdit: boolean;
  readonly allowUnrelated: boolean;
  readonly confirm: (question: string) => Promise<boolean>;
  /** A refusal of its own, from what is live: throws to refuse the plan. */
  readonly refuse: (plan: StackPlan) => Promise<void>;
  /** Reads back the objects that this stack makes for the user. */
  readonly verify: () => Promise<readonly Finding[]>;
};

/** Plan, guard, confirm what is not about the user, apply exactly that plan, prove its objects. */
export function stackStep(stack: Stack, options: StackStepOptions): Step<StackPlan | undefined> {
  const { deps, user } = options;
  return {
    id: `stack ${stack.name}`,
    title: options.title,
    plan: async (run) => {
      const actions = [
        {
          kind: 'stack-apply',
          target: stack.name,
          summary: `plan, check and apply ${stack.name}`,
          risk: 'write' as const,
        },
      ];
      if (run.dryRun && options.waitsForEdit) {
        return {
          state: 'deferred',
          reason: 'it reads the entry, so it is planned after the edit',
          actions,
          payload: undefined,
        };
      }
      run.progress('planning');
      const plan = await planStack(deps, stack, run, { user, recover: options.recover });
      try {
        await judge(plan, options);
        await options.refuse(plan);
      } catch (error) {
        await finishStack(deps, plan);
        throw error;
      }
      const changes = plan.summary.changes.filter((change) => change.class !== 'read');
      if (plan.outcome === 'no-changes') {
        await finishStack(deps, plan);
        return { state: 'done', reason: 'no changes', actions: [], payload: undefined };
      }
      return { state: 'ready', actions: changes.map((change) => describe(stack, change)), payload: plan };
    },
    apply: async ({ payload: plan }, run) => {
      if (plan === undefined) return 'no changes';
      run.progress('applying');
      return await apply(plan, run);
    },
    verify: async () => await options.verify(),
  };

  async function apply(plan: StackPlan, run: StepRun): Promise<string> {
    try {
      const applied = await applyStack(deps, plan, stack, run);
      if (applied.state !== undefined) await run.note('state-saved', { stack: stack.name, state: applied.state });
      const warnings = applied.findings.map((finding) => ` · ${finding.verdict} ${finding.detail}`).join('');
      return `${countsText(applied.counts)}${warnings}`;
    } finally {
      await finishStack(deps, plan);
    }
  }
}

async function judge(plan: StackPlan, options: StackStepOptions): Promise<void> {
  const { summary, stack } = plan;
  const verdict = guardPlan({ stack, summary, baseline: options.baseline, appliedBefore: options.appliedBefore });
  if (verdict.refusal !== undefined) throw verdict.refusal;
  if (!needsConfirmation(verdict) || options.allowUnrelated) return;
  const others = [...verdict.unrelated, ...verdict.standing];
  const shown = others.slice(0, 8).map((change) => `  ${change.class} ${change.address}`);
  const more = others.length > 8 ? [`  and ${others.length - 8} more`] : [];
  const question = [
    `The plan of ${stack} also holds what is not about ${options.user.name}:`,
    ...shown,
    ...more,
    'Apply that too?',
  ];
  if (await options.confirm(question.join('\n'))) return;
  throw new InfraError(
    'stack.unrelated-changes',
    'refused',
    `The plan of ${stack} holds ${others.length} changes that are not about ${options.user.name}, and nobody agreed to them.`,
    {
      violations: others.map((change) => ({
        code: `stack.${change.class}`,
        message: `${change.class} ${change.address}`,
      })),
      hints: ['Apply them on their own first, or add --allow-unrelated.'],
    },
  );
}

function describe(stack: Stack, change: Change) {
  return {
    kind: `stack-${change.class}`,
    target: `${stack.name} ${change.address}`,
    summary: `${change.class} ${change.address}`,
    risk: 'write' as const,
  };
}

/** `9 created, 1 updated`. */
function countsText(counts: PlanSummary['counts']): string {
  const words: Partial<Record<keyof PlanSummary['counts'], string>> = {
    create: 'created',
    update: 'updated',
    import: 'imported',
    move: 'moved',
    output: 'outputs changed',
  };
  const parts = CHANGE_CLASSES.flatMap((name) =>
    counts[name] > 0 && words[name] !== undefined ? [`${counts[name]} ${words[name]}`] : [],
  );
  return parts.length === 0 ? 'applied' : parts.join(', ');
}
