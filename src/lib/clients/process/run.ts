import type { Readable } from 'node:stream';
import { InfraError } from '../../errors.ts';
import type { Redactor } from '../../secrets/redaction.ts';
import type { Secret } from '../../secrets/secret.ts';
import type { Command, Finished, RunOptions } from './client.ts';
import { childEnvironment, type Environment } from './environment.ts';
import { makeLineSplitter } from './lines.ts';
import { assertFolder, needProgram } from './path.ts';
import { learnSecrets, shownCommand } from './shown.ts';

/** What `run` and `hold` share: the tool's own environment and folder, and what must not appear in errors. */
export type ProcessContext = {
  readonly env: Environment;
  readonly cwd: string;
  readonly redactor: Redactor;
  readonly host: string;
  readonly maxOutput: number;
};

const DEFAULT_TIMEOUT_MS = 600_000;
const KILL_AFTER_MS = 5000;

/**
 * Runs a program that only reads, to its end. On a timeout or an abort its whole process group gets one SIGTERM and,
 * 5 s later, SIGKILL. Output beyond 128 Mi characters a stream is `process.output-too-large` (69).
 */
export async function runToEnd(context: ProcessContext, command: Command, options: RunOptions = {}): Promise<Finished> {
  const shown = shownCommand(command, context.redactor);
  learnSecrets(command, context.redactor);
  if (options.signal?.aborted) throw cancelled(shown, options.signal.reason);
  const { execa } = await import('./execa-shim.ts');
  const cwd = command.cwd ?? context.cwd;
  const env = childEnvironment(context.env, command);
  await assertFolder(cwd);
  const program = await needProgram(command.program, env.PATH, cwd);
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const child = execa(program, [...command.args], {
    cwd,
    env,
    extendEnv: false,
    // Without it a program that reads stdin waits on a pipe that never ends.
    ...(command.stdin === undefined ? { stdin: 'ignore' as const } : { input: stdinText(command.stdin) }),
    stripFinalNewline: false,
    timeout: timeoutMs,
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    // A grandchild that holds stdout would keep a killed child from settling.
    killDescendants: true,
    forceKillAfterDelay: KILL_AFTER_MS,
    maxBuffer: context.maxOutput,
    reject: false,
    verbose: 'none',
  });
  const watched = options.onLine === undefined ? undefined : watchLines(child, options.onLine);
  const result = await child;
  watched?.finish();
  if (result.timedOut) throw timedOut(shown, cwd, timeoutMs);
  if (result.isCanceled) throw cancelled(shown, options.signal?.reason);
  if (result.isMaxBuffer) throw tooMuch(shown, context.maxOutput);
  const { exitCode, signal, durationMs } = result;
  if (exitCode === undefined && signal === undefined) throw notStarted(shown, result.code, result.cause);
  return { exitCode, signal, stdout: String(result.stdout ?? ''), stderr: String(result.stderr ?? ''), durationMs };
}

const stdinText = (stdin: string | Secret): string => (typeof stdin === 'string' ? stdin : stdin.reveal());

type Watched = { readonly stdout: Readable | null; kill(): unknown };

/** Hands whole lines on while the program runs. What `onLine` throws ends the program and comes out of `finish`. */
function watchLines(child: Watched, onLine: (line: string) => void): { finish(): void } {
  const splitter = makeLineSplitter();
  let failure: { readonly error: unknown } | undefined;
  const guarded = (lines: readonly string[]): void => {
    if (failure !== undefined) return;
    try {
      for (const line of lines) onLine(line);
    } catch (error) {
      failure = { error };
      child.kill();
    }
  };
  child.stdout?.on('data', (chunk: Uint8Array) => guarded(splitter.push(chunk)));
  return {
    finish() {
      guarded(splitter.end());
      if (failure !== undefined) throw failure.error;
    },
  };
}

/** `process.cancelled` (130), also used by `hold` when nothing has started yet. */
export function cancelled(shown: string, reason: unknown): InfraError {
  return new InfraError('process.cancelled', 'sigint', `Stopped before it ended: ${shown}.`, { cause: reason });
}

function timedOut(shown: string, cwd: string, timeoutMs: number): InfraError {
  const limit = timeoutMs >= 1000 ? `${timeoutMs / 1000} s` : `${timeoutMs} ms`;
  return new InfraError(
    'process.timeout',
    'unavailable',
    `${shown} in ${cwd} did not end within ${limit} and was stopped.`,
  );
}

function tooMuch(shown: string, limit: number): InfraError {
  return new InfraError(
    'process.output-too-large',
    'unavailable',
    `${shown} wrote more than ${limit} characters and was stopped.`,
  );
}

function notStarted(shown: string, code: string | undefined, cause: unknown): InfraError {
  const reason = code ?? (cause instanceof Error ? cause.name : 'no reason given');
  return new InfraError('process.not-started', 'config', `Could not start ${shown}: ${reason}.`);
}
