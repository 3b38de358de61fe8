/** The only place that ends the process. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { liveHost } from './lib/cli/context.ts';
import { asInfraError } from './lib/cli/failure.ts';
import type { Host } from './lib/cli/host.ts';
import { type Interrupter, makeInterrupter } from './lib/cli/interruption.ts';
import { EXIT } from './lib/errors.ts';

/**
 * A reader that goes away (`| head -1`) is not an error, and no reason to stop in the middle of an apply: what is
 * written from then on is dropped, the command goes on.
 */
function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** The first signal asks; a second one ends the process, unless something runs that must not be left behind. */
function listenToSignals(interrupter: Interrupter): void {
  const { interruption } = interrupter;
  const onSignal = (status: 'sigint' | 'sigterm') => (): void => {
    if (interruption.status === undefined) {
      // Whoever sees no reaction presses again, or kills.
      if (interruption.held)
        process.stderr.write('Stopping: what runs is asked once to end, and its state is saved.\n');
      interrupter.interrupt(status);
    } else if (interruption.held)
      process.stderr.write('Still waiting for a running program; it was asked once to stop.\n');
    else process.exit(EXIT[interruption.status].code);
  };
  process.on('SIGINT', onSignal('sigint'));
  process.on('SIGTERM', onSignal('sigterm'));
  process.on('SIGHUP', onSignal('sigterm'));
}

/** Resolves when everything written so far has been taken by the reader, or when there is no reader any more. */
async function drained(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength === 0 || stream.destroyed) return;
  await new Promise<void>((resolve) => {
    stream.write('', () => resolve());
    stream.once('close', resolve);
  });
}

/** Ends the process with the status that was set, after everything was read. */
async function end(): Promise<never> {
  await Promise.all([drained(process.stdout), drained(process.stderr)]);
  process.exit();
}

/** How far this run is; what is printed about a defect depends on it. */
type Progress = { reported: boolean; crashed: boolean };

/** A defect that no command reported: status 70, and the one document, unless the command has printed it already. */
async function crash(host: Host, argv: readonly string[], progress: Progress, error: unknown): Promise<never> {
  // A defect of the crash report itself: nothing can be said any more.
  if (progress.crashed) process.exit(EXIT.bug.code);
  const run = progress.reported ? [] : argv;
  progress.crashed = true;
  const { report, runWithoutCommand } = await import('./lib/cli/report.ts');
  report(runWithoutCommand(host, run), { payload: {}, error: asInfraError(error, host, '') });
  return await end();
}

/** Runs `infra` with the arguments after the program's name; `root` is the package's folder. */
export async function main(root: string, argv: readonly string[]): Promise<void> {
  // Libraries print requests, headers and data when DEBUG is set; `--debug` is ours and redacts.
  delete process.env.DEBUG;
  tolerateClosedPipes();
  const interrupter = makeInterrupter();
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const progress: Progress = { reported: false, crashed: false };
  const host = liveHost(version, interrupter.interruption, () => {
    progress.reported = true;
  });
  const onDefect = (error: unknown): void => void crash(host, argv, progress, error);
  listenToSignals(interrupter);
  process.on('uncaughtException', onDefect);
  process.on('unhandledRejection', onDefect);
  const onNothingLeft = (): void => onDefect(new Error('nothing is left that could finish the command'));
  process.once('beforeExit', onNothingLeft);
  process.exitCode = EXIT.ok.code;
  try {
    const { dispatch } = await import('./lib/cli/dispatch.ts');
    await dispatch(root, argv, host);
  } catch (error) {
    await crash(host, argv, progress, error);
  }
  process.off('beforeExit', onNothingLeft);
  // What ignores the signal must not keep an interrupted process alive.
  if (interrupter.interruption.status !== undefined) await end();
}
