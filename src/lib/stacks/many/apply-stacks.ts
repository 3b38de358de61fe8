import { InfraError, isInfraError } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Journal } from '../../operation/journal.ts';
import { listRuns, startJournal } from '../../operation/journal.ts';
import { unusedEntries } from '../guards/run-guard.ts';
import { finishStack } from '../run/plan-stack.ts';
import { makeExclusive } from '../waves/exclusive.ts';
import { applyAll } from './apply-all.ts';
import type { ApplyOverview, ApplyRequest, ApplyResult } from './apply-request.ts';
import { blastOf, NOT_ASKED } from './blast.ts';
import { partByHand } from './by-hand.ts';
import { conclude, finish, type Progress } from './conclude-apply.ts';
import { beyond, type Confirmed, toConfirm } from './confirmed.ts';
import type { ManyContext } from './context.ts';
import { stackDepsOf } from './context.ts';
import { APPLY_OPERATION, findEarlierApply, halfApplied } from './earlier-apply.ts';
import { makeInitQueue } from './init-queue.ts';
import { type Judged, type Judging, judgePlans } from './judge.ts';
import { needsOf } from './order.ts';
import { pendingChanges, planAll } from './plan-all.ts';
import { preflightMany } from './preflight.ts';
import type { Planned } from './report.ts';
import { widthOf } from './width.ts';

/**
 * Applies stacks: preflight, every plan, the guards over all of them, one question, each stack when its dependencies have
 * ended well, the result. Repeating it goes on where an earlier run stopped: the platform is the truth, not the journal.
 * Expected failures are in the result. Throws defects, and InfraErrors of what comes before anything is known.
 */
export async function applyStacks(context: ManyContext, request: ApplyRequest): Promise<ApplyResult> {
  const progress: Progress = {
    context,
    request,
    startedMs: context.clients.clock.monotonic(),
    preflight: [],
    byHand: [],
    parallelism: 1,
    plans: [],
  };
  try {
    return await ended(progress, await attempt(progress));
  } finally {
    const deps = { clients: context.clients, site: context.site };
    for (const { plan } of progress.plans) if (plan !== undefined) await finishStack(deps, plan);
  }
}

/** Writes the last line of the journal. Without it the run counts as unfinished, which a run that was fine then says. */
async function ended(progress: Progress, result: ApplyResult): Promise<ApplyResult> {
  // Waiting for a person is not this run's failure: nothing is left for it to go on with.
  const status = result.status === 'warn' ? 'ok' : result.status;
  const code = result.error === undefined ? {} : { code: result.error.code };
  try {
    await progress.journal?.write('run-end', undefined, { status, ...code });
    return result;
  } catch (caught) {
    if (!isInfraError(caught) || result.error !== undefined) throw caught;
    return { ...result, verdict: 'incomplete', status: 'incomplete', error: caught };
  }
}

async function attempt(progress: Progress): Promise<ApplyResult> {
  try {
    return await run(progress);
  } catch (caught) {
    if (!isInfraError(caught)) throw caught;
    return finish(progress, caught.status === 'refused' ? 'refused' : 'failed', caught.status, caught);
  }
}

async function run(progress: Progress): Promise<ApplyResult> {
  const { context, request } = progress;
  const { clients, site, stateFolder } = context;
  const { apply, byHand } = await partByHand(context, request.chosen.stacks);
  progress.byHand = byHand;
  for (const finding of byHand.map(byHandFinding)) context.onEvent({ type: 'check', finding });
  const names = apply.map(({ name }) => name);
  const needs = await needsOf(context, apply, request.chosen.known);
  const deps = await stackDepsOf(context);
  progress.parallelism = widthOf(deps, request.parallelism);
  if (apply.length === 0) return conclude(progress, []);
  progress.preflight = await preflightMany(context, deps, apply, true);

  const runs = await listRuns(clients, stateFolder);
  progress.earlier = findEarlierApply(runs, site.root.value, names);
  const journal = request.dryRun ? undefined : await openJournal(progress, names);
  if (journal !== undefined) progress.journal = journal;
  const prepare = makeInitQueue(deps);
  const recover = halfApplied(runs, site.root.value);
  const note = async (event: string, data: Readonly<Record<string, unknown>>): Promise<void> => {
    await journal?.write('note', undefined, { event, ...data });
  };
  progress.plans = await planAll({
    context,
    deps,
    prepare,
    stacks: apply,
    needs,
    parallelism: progress.parallelism,
    dryRun: request.dryRun,
    recover,
    note,
    onPlan: async (stack, plan) => {
      await journal?.write('step-planned', `stack ${stack.name}`, { state: plan.outcome, counts: plan.summary.counts });
      return !request.dryRun;
    },
  });
  const judging = { context, deps, runs, allowed: request.allowed };
  const { plans, guarded, refusal } = await judged(progress, judging);
  progress.plans = plans;
  progress.overview = {
    reports: plans.map(({ report }) => report),
    byHand,
    blast: await blastOf(
      context,
      plans.map(({ report }) => report),
    ),
    unusedEntries: unusedEntries(guarded, request.allowed),
  };
  context.onEvent({ type: 'overview', overview: progress.overview });
  if (refusal !== undefined) throw refusal;
  if (request.dryRun) return conclude(progress, []);

  const confirmed = await confirm(progress, progress.overview, plans);
  if (journal === undefined) return conclude(progress, []);
  await journal.write('confirmed', undefined, {
    stacks: [...confirmed].map(([stack, changes]) => ({ stack, changes })),
  });
  const applied = await applyAll({
    context,
    deps,
    journal,
    needs,
    parallelism: progress.parallelism,
    plans,
    recover,
    one: { judging, prepare, confirmed, agree: (stack, more) => agree(progress, stack, more) },
  });
  return conclude(progress, applied);
}

/** The plans, judged. A signal, or a cluster that cannot be asked, ends the run here: what was planned is told all the same. */
async function judged(progress: Progress, judging: Judging): Promise<Judged> {
  const { context, byHand, plans } = progress;
  try {
    context.interrupt.throwIfAborted();
    return await judgePlans(judging, plans);
  } catch (error) {
    progress.overview = { reports: plans.map(({ report }) => report), byHand, blast: NOT_ASKED, unusedEntries: [] };
    context.onEvent({ type: 'overview', overview: progress.overview });
    throw error;
  }
}

/**
 * The one question, unless --yes answers it, nothing would be changed, or the same was agreed to in the run that this one
 * goes on from. Returns what is agreed to. Errors: `stack.not-confirmed` (4) when the answer is no, or nobody can be asked.
 */
async function confirm(progress: Progress, overview: ApplyOverview, plans: readonly Planned[]): Promise<Confirmed> {
  const { request, context, earlier } = progress;
  const pending = overview.reports.filter(({ summary }) => pendingChanges(summary).length > 0);
  const before = earlier?.confirmed ?? new Map();
  const confirmed = new Map([
    ...before,
    ...plans.map(({ report }) => [report.stack.name, toConfirm(report.summary?.changes ?? [])] as const),
  ]);
  const isAgreed = pending.every(
    ({ stack, summary }) => beyond(before.get(stack.name), pendingChanges(summary)).length === 0,
  );
  if (request.yes || pending.length === 0 || (earlier !== undefined && isAgreed)) return confirmed;
  const { prompt } = context.clients;
  const count = pending.reduce((sum, { summary }) => sum + pendingChanges(summary).length, 0);
  const what = `${count} ${count === 1 ? 'change' : 'changes'} to ${pending.length} ${pending.length === 1 ? 'stack' : 'stacks'}`;
  if (prompt.available && (await prompt.confirm(`Apply ${what}?`))) return confirmed;
  const why = prompt.available ? 'You said no.' : 'There is no terminal to ask on, and --yes was not given.';
  throw new InfraError('stack.not-confirmed', 'refused', `${why} Nothing was applied (${what}).`, {
    hints: prompt.available ? [] : ['Add --yes, or look first with --dry-run.'],
    nothingChanged: true,
  });
}

/** Whether changes beyond what was confirmed may be applied too: by --accept-replans, or by whoever sits there. */
async function agree({ request, context }: Progress, stack: string, more: readonly string[]): Promise<boolean> {
  if (request.acceptReplans) return true;
  const { prompt } = context.clients;
  if (request.yes || !prompt.available) return false;
  const shown = [
    ...more.slice(0, 8).map((line) => `  ${line}`),
    ...(more.length > 8 ? [`  and ${more.length - 8} more`] : []),
  ];
  return await prompt.confirm([`The new plan of ${stack} also holds:`, ...shown, 'Apply that too?'].join('\n'));
}

async function openJournal(progress: Progress, stacks: readonly string[]): Promise<Journal> {
  const { context, request, earlier } = progress;
  const { clients, site, stateFolder, runId, version, redact } = context;
  const target =
    request.chosen.how === 'affected' || request.chosen.how === 'all' ? request.chosen.how : stacks.join(' ');
  const header = {
    id: runId,
    operation: APPLY_OPERATION,
    target,
    site: site.root.value,
    inputs: { stacks, how: request.chosen.how },
    process: await clients.processes.self(),
    version,
  };
  const journal = await startJournal(clients, stateFolder, header, redact);
  if (earlier !== undefined) await journal.write('run-resumed', undefined, { run: earlier.record.header.id });
  // Stacks work at the same time; lines are written one after another, in the order in which things happened.
  const alone = makeExclusive();
  return { ...journal, write: (event, step, data) => alone(() => journal.write(event, step, data)) };
}

function byHandFinding({ stack, reason }: { readonly stack: string; readonly reason: string }): Finding {
  return { id: 'stack.by-hand', title: stack, verdict: 'WARN', detail: `not applied: ${reason}` };
}
