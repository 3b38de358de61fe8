import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { InfraError } from '../../errors.ts';
import type { Command, Finished, HoldOptions } from './client.ts';
import { childEnvironment } from './environment.ts';
import { identify, type ProcessTable } from './identity.ts';
import { assertFolder, needProgram } from './path.ts';
import { cancelled, type ProcessContext } from './run.ts';
import { learnSecrets, shownCommand } from './shown.ts';
import { startTail } from './tail.ts';

/**
 * Waits for one line on descriptor 3, then becomes the program: same pid, same start time. When infra dies before
 * it says go, `read` meets the end of the pipe and nothing has run.
 */
const GATE = 'IFS= read -r go <&3 || exit 125; exec 3<&-; exec "$@"';
const GROUP_POLL_MS = 100;

type Output = { readonly path: string; readonly from: number; readonly file: FileHandle };

/**
 * Runs a program that may change state. It leads a session of its own (no Ctrl-C of the terminal, no hang-up) and
 * writes to files (no broken pipe), so it outlives infra; it does nothing before `onStart` has resolved. It gets at
 * most one SIGINT, itself only and never its group: terragrunt passes a SIGINT on to tofu after 15 s unless tofu has
 * ended, so one to the group would reach tofu twice, and a second one makes tofu give up its state
 * (terragrunt internal/shell/run_cmd.go, SignalForwardingDelay). A program that a signal ended is done when its
 * session is empty: a killed terragrunt leaves a tofu that still writes.
 */
export async function holdToEnd(
  context: ProcessContext,
  table: ProcessTable,
  command: Command,
  options: HoldOptions,
): Promise<Finished> {
  const shown = shownCommand(command, context.redactor);
  learnSecrets(command, context.redactor);
  const cwd = command.cwd ?? context.cwd;
  const env = childEnvironment(context.env, command);
  await assertFolder(cwd);
  const program = await needProgram(command.program, env.PATH, cwd);
  if (options.interrupt.aborted) throw cancelled(shown, options.interrupt.reason);

  const started = performance.now();
  const stdout = await openOutput(join(options.outputFolder, 'stdout'));
  const stderr = await openOutput(join(options.outputFolder, 'stderr'));
  let child: ChildProcess;
  try {
    const stdin = command.stdin === undefined ? 'ignore' : 'pipe';
    const stdio = [stdin, stdout.file.fd, stderr.file.fd, 'pipe'] as const;
    child = spawn('/bin/sh', ['-c', GATE, 'sh', program, ...command.args], {
      cwd,
      env,
      detached: true,
      stdio: [...stdio],
    });
    await spawned(child, shown);
  } finally {
    await Promise.all([stdout.file.close(), stderr.file.close()]);
  }
  const ended = exit(child);
  try {
    const go = await announce(context, table, child, shown, options);
    const interrupt = (): void => {
      child.kill('SIGINT');
    };
    if (options.interrupt.aborted) throw cancelled(shown, options.interrupt.reason);
    options.interrupt.addEventListener('abort', interrupt, { once: true });
    feed(child, command);
    const tail = options.onLine === undefined ? undefined : startTail(stdout.path, stdout.from, options.onLine);
    go.end('go\n');
    const { exitCode, signal } = await ended;
    options.interrupt.removeEventListener('abort', interrupt);
    if (signal !== undefined && child.pid !== undefined) await sessionEnded(table, child.pid);
    const durationMs = performance.now() - started;
    await tail?.finish();
    const text = {
      stdout: await readFrom(stdout, context.maxOutput),
      stderr: await readFrom(stderr, context.maxOutput),
    };
    return { exitCode, signal, ...text, durationMs };
  } catch (error) {
    gate(child).destroy(); // A closed gate lets nothing run; where the program runs already, it changes nothing.
    await ended;
    throw error;
  }
}

const gate = (child: ChildProcess): Writable => child.stdio[3] as Writable;

async function announce(
  context: ProcessContext,
  table: ProcessTable,
  child: ChildProcess,
  shown: string,
  options: HoldOptions,
): Promise<Writable> {
  const pipe = gate(child);
  pipe.on('error', () => undefined); // The gate went away; the exit of the child tells the same, and it is awaited.
  const identity = child.pid === undefined ? undefined : await identify(child.pid, context.host, table);
  if (identity === undefined)
    throw new InfraError('process.not-started', 'config', `Could not start ${shown}: it was gone at once.`);
  await options.onStart(identity);
  return pipe;
}

/** Appends, so that what an earlier child left there is neither lost nor reported again. */
async function openOutput(path: string): Promise<Output> {
  const file = await open(path, 'a', 0o600);
  return { path, file, from: (await file.stat()).size };
}

function spawned(child: ChildProcess, shown: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(new InfraError('process.not-started', 'config', `Could not start ${shown}: ${error.code ?? error.name}.`));
    });
  });
}

function exit(
  child: ChildProcess,
): Promise<{ readonly exitCode: number | undefined; readonly signal: string | undefined }> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ exitCode: code ?? undefined, signal: signal ?? undefined }));
  });
}

function feed(child: ChildProcess, command: Command): void {
  if (child.stdin === null || command.stdin === undefined) return;
  child.stdin.on('error', () => undefined); // A program need not read all of its input.
  child.stdin.end(typeof command.stdin === 'string' ? command.stdin : command.stdin.reveal());
}

async function sessionEnded(table: ProcessTable, pid: number): Promise<void> {
  while (await table.sessionHasMembers(pid)) await new Promise((resolve) => setTimeout(resolve, GROUP_POLL_MS));
}

/** What was written since the start, its last `limit` bytes when it is more. */
async function readFrom(output: Output, limit: number): Promise<string> {
  const { size } = await stat(output.path);
  const from = Math.max(output.from, size - limit);
  const file = await open(output.path, 'r');
  try {
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}
