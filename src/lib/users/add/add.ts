import { InfraError, isInfraError, type StatusName } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import { statusOfFindings } from '../../findings/finding.ts';
import type { OperationResult } from '../../operation/engine.ts';
import { runOperation } from '../../operation/engine.ts';
import type { Journal } from '../../operation/journal.ts';
import { startJournal } from '../../operation/journal.ts';
import type { Action, RunEvent } from '../../operation/step.ts';
import { takeRunLock } from '../../stacks/run/run-lock.ts';
import { verifyUser } from '../verify/verify-user.ts';
import { prepareBaseline } from './baseline.ts';
import type { AddInputs, EarlierRun } from './earlier-run.ts';
import { ADD_OPERATION, entryText, findEarlierRun, treeDigest } from './earlier-run.ts';
import { byHand, commandsLeft, sameCommand } from './left-over.ts';
import { confirmMain, overviewOf } from './overview.ts';
import { readSurroundings, runPreflight, type Surroundings } from './preflight.ts';
import type { AddContext, AddEvent, AddOverview, AddRequest } from './request.ts';
import type { AddResult, AddVerdict } from './result.ts';
import { addSteps } from './steps/steps.ts';

/** What is known so far; every way out builds its result from it. */
type Progress = {
  readonly context: AddContext;
  readonly request: AddRequest;
  readonly startedMs: number;
  around?: Surroundings;
  preflight: readonly Finding[];
  overview?: AddOverview;
  earlier?: EarlierRun | undefined;
  journal?: Journal;
};

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
    const result = await attempt(progress);
    await progress.journal?.write('run-end', undefined, {
      status: result.status,
      ...(result.error === undefined ? {} : { code: result.error.code }),
    });
    return result;
  } finally {
    await lock.release();
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

  if (around.edit.state === 'same' && (earlier === undefined || request.noApply)) {
    const done = await alreadyThere(progress, around);
    if (done !== undefined) return done;
  }

  context.onEvent({ type: 'preflight-start', user: request.user });
  const preflight = await runPreflight(context, request, around);
  progress.preflight = preflight.findings;
  if (preflight.error !== undefined) throw preflight.error;

  const journal = request.dryRun ? undefined : await openJournal(context, request, inputs, earlier);
  if (journal !== undefined) progress.journal = journal;
  const baseline = request.noApply ? new Map() : await prepareBaseline({ context, request, around, earlier, journal });
  const overview = overviewOf(context, request, around, baseline);
  progress.overview = overview;
  context.onEvent({ type: 'plan-ready', overview });
  if (!request.dryRun && earlier?.sameInputs !== true) await confirmMain(context, request);
  await journal?.write('confirmed');

  const { steps, memory } = await addSteps({ context, request, around, facts: preflight.facts, baseline, earlier });
  const actions = new Map<string, readonly Action[]>();
  const operation = await runOperation(steps, {
    clients,
    journal,
    dryRun: request.dryRun,
    interrupt: context.interrupt,
    onEvent: (event: RunEvent) => {
      if (event.type === 'step-end') actions.set(event.step, event.actions);
      context.onEvent(event satisfies AddEvent);
    },
  });
  const version = memory.written?.version ?? around.document.version;
  const ended = operation.steps.map((step) => ({ ...step, actions: actions.get(step.step) ?? [] }));
  return conclude(progress, operation, { steps: ended, version });
}

/** The entry is there and no earlier run is open: complete, or undefined when something is missing and has to be applied. */
async function alreadyThere(progress: Progress, around: Surroundings): Promise<AddResult | undefined> {
  const { context, request } = progress;
  if (request.noApply) return finish(progress, 'nothing-to-change', 'ok', {});
  const findings = await verifyUser(context.clients, context.site, around.shape, request.user);
  const complete = statusOfFindings(findings) === 'ok';
  return complete ? finish(progress, 'nothing-to-change', 'ok', { findings }) : undefined;
}

async function openJournal(
  context: AddContext,
  request: AddRequest,
  inputs: AddInputs,
  earlier: EarlierRun | undefined,
): Promise<Journal> {
  const { clients, site, stateFolder, runId, version } = context;
  const journal = await startJournal(clients, stateFolder, {
    id: runId,
    operation: ADD_OPERATION,
    target: request.user.name,
    site: site.root.value,
    inputs: { ...inputs, user: request.user, noApply: request.noApply, restartPortal: request.restartPortal },
    process: await clients.processes.self(),
    version,
  });
  if (earlier !== undefined) await journal.write('run-resumed', undefined, { run: earlier.record.header.id });
  return journal;
}

/** Turns what the steps did into the result: after a success everything is read back once more. */
async function conclude(
  progress: Progress,
  operation: OperationResult,
  parts: Pick<Partial<AddResult>, 'steps' | 'version'>,
): Promise<AddResult> {
  const { request, context, around, earlier } = progress;
  if (request.dryRun) return finish(progress, 'planned', operation.status, { ...parts, error: operation.error });
  if (operation.error !== undefined) {
    const undone = operation.steps.some((step) => step.state === 'rolled-back');
    const open = operation.changed || operation.status === 'incomplete';
    const verdict: AddVerdict = open
      ? 'incomplete'
      : undone
        ? 'undone'
        : operation.status === 'refused'
          ? 'refused'
          : 'failed';
    return finish(progress, verdict, operation.status, {
      ...parts,
      error: failure(operation, operation.error, request),
    });
  }
  if (request.noApply || around === undefined) return finish(progress, 'edited', operation.status, parts);
  const findings = await verifyUser(context.clients, context.site, around.shape, request.user);
  const proved = statusOfFindings(findings);
  if (proved === 'fail' || proved === 'unknown') {
    const error = notProved(findings, operation.changed, proved);
    return finish(progress, 'incomplete', error.status, { ...parts, findings, error });
  }
  const verdict: AddVerdict = earlier === undefined && around.edit.state === 'absent' ? 'added' : 'completed';
  return finish(progress, verdict, operation.status === 'ok' ? proved : operation.status, { ...parts, findings });
}

/** The step's own error, with the status of the whole and the command that goes on. */
function failure(operation: OperationResult, error: InfraError, request: AddRequest): InfraError {
  if (!operation.changed) return error;
  return new InfraError(error.code, operation.status, error.message, {
    hints: [...error.hints, `To go on from here: ${sameCommand(request)}`],
    violations: error.violations,
    cause: error,
  });
}

/** The error with what became of the edit and where the journal is. */
function toldWithJournal(error: InfraError, undone: boolean, run: string): InfraError {
  const { code, status, message, hints, docs, violations } = error;
  const kept = undone ? ['The entry was taken back: nothing is changed.'] : [];
  return new InfraError(code, status, message, {
    hints: [...hints, ...kept, `infra run show ${run}`],
    violations,
    cause: error,
    ...(docs === undefined ? {} : { docs }),
  });
}

function notProved(findings: readonly Finding[], changed: boolean, proved: StatusName): InfraError {
  const open = findings.filter((finding) => finding.verdict === 'FAIL' || finding.verdict === 'UNKNOWN');
  return new InfraError(
    'users.not-proved',
    changed ? 'incomplete' : proved,
    `${open.length} of ${findings.length} objects could not be proved: ${open.map((finding) => finding.title).join(', ')}.`,
    {
      hints: [...new Set(open.flatMap((finding) => (finding.command === undefined ? [] : [finding.command])))].slice(
        0,
        5,
      ),
    },
  );
}

function finish(progress: Progress, verdict: AddVerdict, status: StatusName, parts: Partial<AddResult>): AddResult {
  const { context, request, around, preflight, overview, journal, startedMs } = progress;
  const findings = parts.findings ?? [];
  const open = verdict === 'added' || verdict === 'completed' || verdict === 'edited';
  return {
    user: request.user,
    verdict,
    status,
    run: journal?.header.id,
    shape: around?.shape,
    preflight,
    overview,
    version: undefined,
    steps: [],
    findings,
    byHand: open ? byHand(context.site, request, findings) : [],
    commandsLeft:
      verdict === 'edited' && around !== undefined ? commandsLeft(context.site, request.user, around.order) : [],
    known: [...new Set([...(around?.document.users.keys() ?? []), ...(open ? [request.user.name] : [])])],
    durationMs: context.clients.clock.monotonic() - startedMs,
    ...parts,
    error:
      parts.error === undefined || journal === undefined
        ? parts.error
        : toldWithJournal(parts.error, verdict === 'undone', journal.header.id),
  };
}
