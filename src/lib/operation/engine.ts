import type { Clients } from '../clients/clients.ts';
import type { StatusName } from '../errors.ts';
import { InfraError, isInfraError } from '../errors.ts';
import type { Finding } from '../findings/finding.ts';
import type { Journal } from './journal.ts';
import type { JournalEvent } from './journal-line.ts';
import type { Planned, RunEvent, Step, StepRun, StepState } from './step.ts';

/** How one step of an operation ended. */
export type StepResult = {
  readonly step: string;
  readonly title: string;
  readonly state: StepState;
  readonly detail: string;
  readonly durationMs: number;
};

/** How an operation ended. `changed` is true once any step has written something that was not undone. */
export type OperationResult = {
  readonly steps: readonly StepResult[];
  readonly findings: readonly Finding[];
  readonly changed: boolean;
  readonly error: InfraError | undefined;
  readonly status: StatusName;
};

/** What the engine needs besides the steps. `journal` is undefined in a dry run: nothing is recorded. */
export type OperationOptions = {
  readonly clients: Pick<Clients, 'clock'>;
  readonly journal: Journal | undefined;
  readonly dryRun: boolean;
  readonly interrupt: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
};

/**
 * Runs steps in their order: plan when the turn comes, journal, apply exactly what was planned, journal, verify.
 * The first step that fails ends the operation; the steps behind it are `blocked`. A step that was refused or failed
 * while nothing had been applied but its predecessors' undoable edits rolls those back, newest first, under their own rules.
 * Never throws for a failing step: the error is in the result. A defect (no InfraError) is thrown on.
 */
export async function runOperation(steps: readonly Step[], options: OperationOptions): Promise<OperationResult> {
  const results: StepResult[] = [];
  const findings: Finding[] = [];
  const applied: { step: Step; planned: Planned<unknown> }[] = [];
  let error: InfraError | undefined;
  for (const step of steps) {
    if (error !== undefined) {
      results.push(report(options, step, 'blocked', error.code, 0));
      continue;
    }
    const outcome = await runStep(step, options);
    results.push(outcome.result);
    findings.push(...outcome.findings);
    error = outcome.error;
    if (outcome.wrote !== undefined) applied.push({ step, planned: outcome.wrote });
  }
  const undone = error === undefined ? [] : await undo(applied, error, options);
  const changed = applied.length > undone.length;
  const ended = results.map((result) => undone.find((each) => each.step === result.step) ?? result);
  return { steps: ended, findings, changed, error, status: statusOf(error, changed, options.interrupt) };
}

type StepOutcome = {
  readonly result: StepResult;
  readonly findings: readonly Finding[];
  readonly error: InfraError | undefined;
  /** The plan when the step wrote, or may have written, something. */
  readonly wrote: Planned<unknown> | undefined;
};

async function runStep(step: Step, options: OperationOptions): Promise<StepOutcome> {
  const { clock } = options.clients;
  const started = clock.monotonic();
  const run = stepRun(step, options);
  let planned: Planned<unknown> | undefined;
  let applying: 'no' | 'begun' | 'done' = 'no';
  options.onEvent({ type: 'step-start', step: step.id, title: step.title });
  try {
    if (options.interrupt.aborted)
      throw new InfraError('run.interrupted', 'sigint', `Interrupted before ${step.title}.`);
    planned = await step.plan(run);
    await options.journal?.write('step-planned', step.id, { state: planned.state, actions: planned.actions });
    if (planned.state === 'deferred' || options.dryRun) {
      const state = planned.state === 'ready' ? 'planned' : planned.state;
      return end(state, planned.reason ?? describe(planned), []);
    }
    let detail = planned.reason ?? 'no changes';
    if (planned.state === 'ready') {
      await options.journal?.write('step-applying', step.id);
      applying = 'begun';
      detail = await step.apply(planned, run);
      applying = 'done';
      await options.journal?.write('step-applied', step.id, { detail });
    }
    const findings = await step.verify(planned, run);
    await options.journal?.write('step-verified', step.id, {
      findings: findings.map(({ id, verdict }) => ({ id, verdict })),
    });
    options.onEvent({ type: 'findings', step: step.id, findings });
    return end(planned.state === 'ready' ? 'applied' : 'done', detail, findings);
  } catch (caught) {
    if (!isInfraError(caught)) throw caught;
    await recorded(options, 'step-failed', step.id, { code: caught.code, message: caught.message });
    const state: StepState =
      caught.status === 'refused'
        ? 'refused'
        : caught.status === 'sigint' || caught.status === 'sigterm'
          ? 'interrupted'
          : 'failed';
    return end(state, caught.message, [], caught);
  }

  function end(state: StepState, detail: string, findings: readonly Finding[], error?: InfraError): StepOutcome {
    const result = report(options, step, state, detail, clock.monotonic() - started, planned);
    // A step that threw while applying may have written, unless its error promises that it did not.
    const harmless = error?.nothingChanged === true || error?.status === 'refused' || error?.status === 'busy';
    const wrote = applying === 'done' || (applying === 'begun' && !harmless) ? planned : undefined;
    return { result, findings, error, wrote };
  }
}

function stepRun(step: Step, options: OperationOptions): StepRun {
  return {
    dryRun: options.dryRun,
    interrupt: options.interrupt,
    note: async (event, data) => {
      await options.journal?.write('note', step.id, { event, ...data });
    },
    progress: (text) => options.onEvent({ type: 'step-progress', step: step.id, text }),
  };
}

function describe(planned: Planned<unknown>): string {
  return planned.actions.map((action) => action.summary).join('; ');
}

function report(
  options: OperationOptions,
  step: Step,
  state: StepState,
  detail: string,
  durationMs: number,
  planned?: Planned<unknown>,
): StepResult {
  const event = { step: step.id, title: step.title, state, detail, durationMs };
  options.onEvent({ type: 'step-end', ...event, actions: planned?.actions ?? [] });
  return event;
}

/**
 * Writes a line about a step that has failed already, and tells whether it is there: a disk that is full must not hide
 * the first error, nor that something was changed. A run whose journal lacks the line counts as unfinished.
 */
async function recorded(
  options: OperationOptions,
  event: JournalEvent,
  step: string,
  data: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  try {
    await options.journal?.write(event, step, data);
    return true;
  } catch (caught) {
    if (!isInfraError(caught)) throw caught;
    return false;
  }
}

/** Takes back what can be taken back, newest first, and stops at the first step that stays. Returns what was undone. */
async function undo(
  applied: readonly { step: Step; planned: Planned<unknown> }[],
  error: InfraError,
  options: OperationOptions,
): Promise<readonly StepResult[]> {
  const undone: StepResult[] = [];
  if (options.interrupt.aborted) return undone;
  for (const { step, planned } of applied.toReversed()) {
    if (step.rollback === undefined) return undone;
    // What cannot be announced is not done.
    if (!(await recorded(options, 'rollback-starting', step.id, { because: error.code }))) return undone;
    const { outcome, detail } = await rollback(step, planned, options);
    await recorded(options, 'rolled-back', step.id, { outcome, detail });
    const result = report(options, step, outcome === 'undone' ? 'rolled-back' : 'applied', detail, 0, planned);
    if (outcome === 'kept') return undone;
    undone.push(result);
  }
  return undone;
}

async function rollback(
  step: Step,
  planned: Planned<unknown>,
  options: OperationOptions,
): Promise<{ outcome: 'undone' | 'kept'; detail: string }> {
  try {
    const outcome = await step.rollback?.(planned, stepRun(step, options));
    return outcome ?? { outcome: 'kept', detail: 'cannot be undone' };
  } catch (caught) {
    if (!isInfraError(caught)) throw caught;
    return { outcome: 'kept', detail: `not undone: ${caught.message}` };
  }
}

/** Once something has changed and stays, every end but a signal, a deadline or a bug is `incomplete`. */
function statusOf(error: InfraError | undefined, changed: boolean, interrupt: AbortSignal): StatusName {
  if (interrupt.aborted) return isInfraError(interrupt.reason) ? interrupt.reason.status : 'sigint';
  if (error === undefined) return 'ok';
  const keeps: readonly StatusName[] = ['sigint', 'sigterm', 'deadline', 'bug'];
  return changed && !keeps.includes(error.status) ? 'incomplete' : error.status;
}
