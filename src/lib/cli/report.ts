import { type CommandDocument, SCHEMA_VERSION, serialise } from '../documents/envelope.ts';
import { unrecognised } from '../documents/unrecognised.ts';
import { EXIT, type InfraError, type StatusName, worstStatus } from '../errors.ts';
import { renderError } from '../render/error.ts';
import type { Style } from '../render/style.ts';
import { asInfraError, debugText, errorDocumentOf } from './failure.ts';
import { globalsOf } from './globals.ts';
import type { Host } from './host.ts';
import { interruptedAfterAll } from './interruption.ts';
import { makeOutput, type Output } from './output.ts';

/**
 * How a command ended: the one value that human text and `--json` are both folded from. With `error` the payload may be
 * partial and the status is the error's. `text` is called only when text is wanted.
 */
export type Outcome<P> =
  | {
      readonly status: StatusName;
      readonly payload: P;
      readonly text: (style: Style) => string;
      readonly error?: undefined;
    }
  | { readonly payload: Partial<P>; readonly text?: (style: Style) => string; readonly error: InfraError };

/** Any outcome, when its payload does not matter. */
export type AnyOutcome = Outcome<Readonly<Record<string, unknown>>>;

/** What a report needs to know about the run. */
export type Run = {
  readonly host: Host;
  readonly output: Output;
  readonly json: boolean;
  /** The command's words, empty when none was recognised. */
  readonly words: string;
  /** Undefined for commands without `--json`. */
  readonly document: CommandDocument | undefined;
  readonly startedAt: Date;
  readonly startedMs: number;
};

/** The run of what never reaches a command; with it main.ts can still print one document. */
export function runWithoutCommand(host: Host, argv: readonly string[]): Run {
  const globals = globalsOf(argv);
  return {
    host,
    output: makeOutput(host, globals),
    json: globals.json,
    words: '',
    document: unrecognised,
    startedAt: host.now(),
    startedMs: host.monotonic(),
  };
}

/** The text of a document, for stdout and for whoever puts it into a file. */
export function documentText(
  run: Pick<Run, 'host' | 'startedAt' | 'startedMs'>,
  document: CommandDocument,
  outcome: AnyOutcome,
  status: StatusName,
): string {
  const envelope = {
    schemaVersion: SCHEMA_VERSION,
    command: document.command,
    status,
    exitStatus: EXIT[status].code,
    startedAt: run.startedAt.toISOString(),
    durationMs: Math.round(run.host.monotonic() - run.startedMs),
  } as const;
  const error = outcome.error === undefined ? undefined : errorDocumentOf(outcome.error);
  return serialise(document, envelope, outcome.payload, error, run.host.redactor.redact);
}

function print(run: Run, outcome: AnyOutcome, status: StatusName): void {
  const { output, document } = run;
  if (run.json && document !== undefined) {
    output.answer(documentText(run, document, outcome, status));
  } else {
    output.answer(outcome.text?.(output.style) ?? '');
    if (outcome.error !== undefined) output.note(renderError(outcome.error, output.sideStyle));
  }
  if (outcome.error !== undefined) output.debug(debugText(outcome.error));
  run.host.setExitStatus(EXIT[status].code);
}

/** A run that a signal or a defect ended says so, whatever else it found. */
function withInterruption(run: Run, outcome: AnyOutcome): { outcome: AnyOutcome; status: StatusName } {
  const { status: signalled } = run.host.interruption;
  const own = outcome.error === undefined ? outcome.status : outcome.error.status;
  if (signalled === undefined) return { outcome, status: own };
  const error: InfraError = outcome.error ?? interruptedAfterAll(run.host.interruption);
  return { outcome: { ...outcome, error }, status: worstStatus([own, signalled]) };
}

/**
 * Prints how a run ended, once, and sets the exit status. Text and document are made whole before the first byte is
 * written; when that fails, it is our defect and that is what gets printed.
 */
export function report(run: Run, ended: AnyOutcome): void {
  try {
    const { outcome, status } = withInterruption(run, ended);
    print(run, outcome, status);
  } catch (thrown) {
    const error = asInfraError(thrown, run.host, run.words);
    print(run, { payload: {}, error }, worstStatus([error.status, run.host.interruption.status ?? 'ok']));
  }
}
