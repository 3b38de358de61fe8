import { isInfraError } from '../../errors.ts';
import { statusOfFindings } from '../../findings/finding.ts';
import { runOperation } from '../../operation/engine.ts';
import type { Journal } from '../../operation/journal.ts';
import { startJournal } from '../../operation/journal.ts';
import type { Action, RunEvent, Step } from '../../operation/step.ts';
import { takeRunLock } from '../../stacks/run/run-lock.ts';
import { verifyUser } from '../verify/verify-user.ts';
import { prepareBaseline } from './baseline.ts';
import { conclude, finish, type Progress, unrecorded } from './conclude.ts';
import type { AddInputs } from './earlier-run.ts';
import { ADD_OPERATION, entryText, findEarlierRun, treeDigest } from './earlier-run.ts';
import { commandsLeft, withoutChoices } from './left-over.ts';
import { confirmMain, overviewOf } from './overview.ts';
import { readSurroundings, runPreflight, type Surroundings } from './preflight.ts';
import type { AddContext, AddEvent, AddOverview, AddRequest } from './request.ts';
import type { AddResult } from './result.ts';
import { portalStep } from './steps/portal.ts';
import { addSteps } from './steps/steps.ts';

/**
 * Adds a user: preflight, plans before the edit, one question, the edit, each stack in order, the proof. Repeating it
 * completes what an earlier run left, or finds nothing to change. Expected failures are in the result; the lock of the
 * user is held meanwhile. Throws defects, and InfraErrors of what comes before anything is known (lock, document, order).
 */
export async function addUser(context: AddContext, request: AddRequest): Promise<AddResult> {
  const { clients, site, stateFolder, runId, interrupt } = context;
  const lock = await takeRunLock(clients, {
    stateFolder,
    siteRoot: site.root.value,
    target: `user-${request.user.name}`,
    run: runId,
    waitMs: 0,
    interrupt,
  });
  const progress: Progress = { context, request, startedMs: clients.clock.monotonic(), preflight: [] };
  try {
    return await ended(progress, await attempt(progress));
  } finally {
    await lock.release();
  }
}

/** Writes the last line of the journal. Without it the run counts as unfinished, which a run that was fine then says. */
async function ended(progress: Progress, result: AddResult): Promise<AddResult> {
  const code = result.error === undefined ? {} : { code: result.error.code };
  try {
    await progress.journal?.write('run-end', undefined, { status: result.status, ...code });
    return result;
  } catch (caught) {
    if (!isInfraError(caught)) throw caught;
    return result.error === undefined ? unrecorded(progress, result, caught) : result;
  }
}

async function attempt(progress: Progress): Promise<AddResult> {
  try {
    return await run(progress);
  } catch (caught) {
    if (!isInfraError(caught)) throw caught;
    return finish(progress, caught.status === 'refused' ? 'refused' : 'failed', caught.status, { error: caught });
  }
}

async function run(progress: Progress): Promise<AddResult> {
  const { context, request } = progress;
  const { clients, site, stateFolder } = context;
  const around = await readSurroundings(context, request);
  progress.around = around;
  const applied = around.order.apply.map(({ stack }) => stack);
  const tree = request.noApply
    ? ''
    : await treeDigest(
        clients,
        site,
        applied.map((stack) => stack.name),
      );
  const inputs: AddInputs = { entry: entryText(request.user), tree };
  const earlier = await findEarlierRun(clients, stateFolder, site, request.user, inputs);
  progress.earlier = earlier;

  if (around.edit.state === 'same' && request.noApply) return entryIsThere(progress, around);
  if (around.edit.state === 'same' && earlier === undefined) {
    const done = await alreadyThere(progress, around);
    if (done !== undefined) return request.restartPortal ? restartOnly(progress, around, inputs) : done;
  }

  context.onEvent({ type: 'preflight-start', user: request.user });
  const preflight = await runPreflight(context, request, around);
  progress.preflight = preflight.findings;
  if (preflight.error !== undefined) throw preflight.error;

  const journal = await openJournal(progress, inputs);
  const baseline = request.noApply ? new Map() : await prepareBaseline({ context, request, around, earlier, journal });
  await agree(progress, overviewOf(context, request, around, baseline));

  const { steps, memory } = await addSteps({ context, request, around, facts: preflight.facts, baseline, earlier });
  return carryOut(progress, steps, () => memory.written?.version ?? around.document.version);
}

/** Shows what will be done and asks the one question. */
async function agree(progress: Progress, overview: AddOverview): Promise<void> {
  const { context, request, earlier, journal } = progress;
  progress.overview = overview;
  context.onEvent({ type: 'plan-ready', overview });
  if (!request.dryRun && earlier?.sameInputs !== true) await confirmMain(context, request);
  await journal?.write('confirmed');
}

async function carryOut(
  progress: Progress,
  steps: readonly Step[],
  version: () => number | undefined,
): Promise<AddResult> {
  const { context, request, journal } = progress;
  const actions = new Map<string, readonly Action[]>();
  const operation = await runOperation(steps, {
    clients: context.clients,
    journal,
    dryRun: request.dryRun,
    interrupt: context.interrupt,
    onEvent: (event: RunEvent) => {
      if (event.type === 'step-end') actions.set(event.step, event.actions);
      context.onEvent(event satisfies AddEvent);
    },
  });
  const ended = operation.steps.map((step) => ({ ...step, actions: actions.get(step.step) ?? [] }));
  return conclude(progress, operation, { steps: ended, version: version() });
}

/** With --no-apply, and the entry is there: whether anything was ever applied is not asked, so nothing is called complete. */
function entryIsThere(progress: Progress, around: Surroundings): AddResult {
  const { context, request } = progress;
  progress.overview = overviewOf(context, request, around, new Map());
  return finish(progress, request.dryRun ? 'planned' : 'edited', 'ok', {
    version: around.document.version,
    commandsLeft: commandsLeft(context.site, request, around.order),
  });
}

/** The entry is there and no earlier run is open: complete, or undefined when something is missing and has to be applied. */
async function alreadyThere(progress: Progress, around: Surroundings): Promise<AddResult | undefined> {
  const { context, request } = progress;
  const findings = withoutChoices(await verifyUser(context.clients, context.site, around.shape, request.user));
  const complete = statusOfFindings(findings) === 'ok';
  return complete ? finish(progress, 'nothing-to-change', 'ok', { findings }) : undefined;
}

/** Everything is there already: what is left of the request is the restart of the portal. */
async function restartOnly(progress: Progress, around: Surroundings, inputs: AddInputs): Promise<AddResult> {
  const { context, request } = progress;
  await openJournal(progress, inputs);
  const { namespace, deployment } = context.site.users.portal;
  await agree(progress, {
    ...overviewOf(context, { ...request, noApply: true }, around, new Map()),
    notes: [`Every object is there. What is left is the restart of ${namespace.value}/${deployment.value}.`],
  });
  return carryOut(progress, [portalStep(context) as Step], () => around.document.version);
}

/** None in a dry run. */
async function openJournal(progress: Progress, inputs: AddInputs): Promise<Journal | undefined> {
  const { context, request, earlier } = progress;
  if (request.dryRun) return undefined;
  const { clients, site, stateFolder, runId, version } = context;
  const journal = await startJournal(
    clients,
    stateFolder,
    {
      id: runId,
      operation: ADD_OPERATION,
      target: request.user.name,
      site: site.root.value,
      inputs: { ...inputs, user: request.user, noApply: request.noApply, restartPortal: request.restartPortal },
      process: await clients.processes.self(),
      version,
    },
    context.redact,
  );
  if (earlier !== undefined) {
    const { record, applying } = earlier;
    await journal.write('run-resumed', undefined, { run: record.header.id, applying });
  }
  progress.journal = journal;
  return journal;
}
