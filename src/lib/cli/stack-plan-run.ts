import { randomBytes } from 'node:crypto';
import type { PayloadOf } from '../documents/envelope.ts';
import type { stackPlan } from '../documents/stack-plan.ts';
import { planText } from '../render/stack-plan.ts';
import type { Site } from '../site/site.ts';
import type { ManyContext } from '../stacks/many/context.ts';
import { type PlanRequest, planStacks } from '../stacks/many/plan-stacks.ts';
import type { Context } from './context.ts';
import type { Host } from './host.ts';
import type { Output } from './output.ts';
import type { Outcome } from './report.ts';
import { plannedPayload, tally, totalCounts } from './stack-plan-payload.ts';
import { type ManyProgress, makeManyProgress } from './stack-plan-progress.ts';

/** What a command hands over to work on many stacks. */
export type ManyRunner = { readonly host: Host; readonly output: Output; readonly context: Context };

/** Everything that a run over many stacks uses, made live. */
export async function manyContext(
  { host, output, context }: ManyRunner,
  site: Site,
): Promise<{ readonly many: ManyContext; readonly progress: ManyProgress }> {
  const clients = await context.clients(
    'clock',
    'files',
    'git',
    'kubernetes',
    'postgres',
    'processes',
    'prompt',
    'terragrunt',
    'vault',
  );
  const live = output.side.interactive ? (host.stderr as unknown as NodeJS.WritableStream) : undefined;
  const progress = makeManyProgress(output, live);
  const many: ManyContext = {
    clients,
    site,
    stateFolder: context.stateFolder,
    runId: randomBytes(4).toString('hex'),
    version: host.version,
    env: host.env,
    interrupt: host.interruption.signal,
    onEvent: progress.onEvent,
    redact: host.redactor.redact,
    elsewhere: await context.elsewhere(),
  };
  return { many, progress };
}

/** Runs `stack plan` and turns its result into the outcome of a command. */
export async function runPlan(
  runner: ManyRunner,
  site: Site,
  request: PlanRequest,
): Promise<Outcome<PayloadOf<typeof stackPlan>>> {
  const { many, progress } = await manyContext(runner, site);
  // Held: plan files and readable states are removed before the process ends, also after a signal.
  const result = await runner.host.interruption.hold(() => planStacks(many, request)).finally(() => progress.settle());
  const { reports, saved, error, status } = result;
  const payload: PayloadOf<typeof stackPlan> = {
    chosen: result.chosen.how as PayloadOf<typeof stackPlan>['chosen'],
    parallelism: result.parallelism,
    preflight: [...result.preflight],
    stacks: reports.map((report) => plannedPayload(report, saved.get(report.stack.name))),
    counts: totalCounts(reports),
    planned: tally(reports.map(({ state }) => state)),
  };
  const text = (style: Parameters<typeof planText>[0]): string => planText(style, result);
  return error === undefined ? { status, payload, text } : { payload, text, error };
}
