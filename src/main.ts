/** The only place that ends the process. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asInfraError } from './lib/cli/failure.ts';
import type { Host, TextStream } from './lib/cli/host.ts';
import { type Interrupter, makeInterrupter } from './lib/cli/interruption.ts';
import { type Live, liveHost } from './lib/cli/live-host.ts';
import { EXIT } from './lib/errors.ts';

/** The first signal asks; a second one ends the process, unless something runs that must not be left behind. */
function listenToSignals(interrupter: Interrupter, stderr: TextStream): void {
  const { interruption } = interrupter;
  const onSignal = (status: 'sigint' | 'sigterm') => (): void => {
    if (interruption.status === undefined) {
      // Whoever sees no reaction presses again, or kills.
      if (interruption.held) stderr.write('Stopping: what runs is asked once to end, and its state is saved.\n');
      interrupter.interrupt(status);
    } else if (interruption.held) stderr.write('Still waiting for a running program; it was asked once to stop.\n');
    else process.exit(EXIT[interruption.status].code);
  };
  process.on('SIGINT', onSignal('sigint'));
  process.on('SIGTERM', onSignal('sigterm'));
  process.on('SIGHUP', onSignal('sigterm'));
}

/** Resolves when everything written so far has been taken by the reader, or when there is no reader any more. */
async function drained(stream: TextStream): Promise<void> {
  if (stream.writableLength === 0 || stream.destroyed) return;
  await new Promise<void>((resolve) => {
    stream.write('', () => resolve());
    stream.once('close', resolve);
  });
}

/** Ends the process with the status that was set, after everything was read. */
async function end({ stdout, stderr }: Host): Promise<never> {
  await Promise.all([drained(stdout), drained(stderr)]);
  process.exit();
}

/** Statuses of a command that did what it was asked for. With half of its answer nobody can go on. */
const ANSWERED: readonly number[] = [EXIT.ok, EXIT.warn, EXIT.fail, EXIT.unknown, EXIT.deadline].map(
  ({ code }) => code,
);

/** Says that the answer did not arrive, which is no success and no defect of infra either. */
function tellUnwritten({ host, unwritten }: Live): void {
  const failure = unwritten();
  if (failure === undefined) return;
  const { code, message, hints } = failure;
  const status = Number(process.exitCode);
  const own = `The command itself ended with ${status}; what it changed stays changed.`;
  host.stderr.write(`error ${code}: ${message} ${own}\n${hints.map((hint) => `  ${hint}\n`).join('')}`);
  if (ANSWERED.includes(status)) process.exitCode = EXIT.unavailable.code;
}

/** How far this run is; what is done and printed about a defect depends on it. */
type Progress = { reported: boolean; crash: 'none' | 'waiting' | 'reporting'; dispatched: Promise<void> };

/**
 * A defect that no command reported: status 70, and the one document, unless the command has printed it already. What
 * must not be left behind is asked to end and waited for; its command then reports the defect itself.
 */
async function crash(
  host: Host,
  argv: readonly string[],
  progress: Progress,
  interrupter: Interrupter,
  error: unknown,
): Promise<void> {
  // A defect of the crash report itself: nothing can be said any more.
  if (progress.crash === 'reporting') process.exit(EXIT.bug.code);
  const defect = asInfraError(error, host, '');
  if (progress.crash === 'waiting') return;
  if (interrupter.interruption.held) {
    progress.crash = 'waiting';
    host.stderr.write('A defect of infra: what runs is asked once to end, and its state is saved.\n');
    interrupter.giveUp(defect);
    await progress.dispatched;
  }
  progress.crash = 'reporting';
  const { report, runWithoutCommand } = await import('./lib/cli/report.ts');
  report(runWithoutCommand(host, progress.reported ? [] : argv), { payload: {}, error: defect });
  await end(host);
}

/** Runs `infra` with the arguments after the program's name; `root` is the package's folder. */
export async function main(root: string, argv: readonly string[]): Promise<void> {
  // Libraries print requests, headers and data when DEBUG is set; `--debug` is ours and redacts.
  delete process.env.DEBUG;
  const interrupter = makeInterrupter();
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const progress: Progress = { reported: false, crash: 'none', dispatched: Promise.resolve() };
  const live = liveHost(version, interrupter.interruption, () => {
    progress.reported = true;
  });
  const { host } = live;
  const crashed = (error: unknown): Promise<void> => crash(host, argv, progress, interrupter, error);
  const onDefect = (error: unknown): void => void crashed(error);
  listenToSignals(interrupter, host.stderr);
  process.on('uncaughtException', onDefect);
  process.on('unhandledRejection', onDefect);
  const onNothingLeft = (): void => onDefect(new Error('nothing is left that could finish the command'));
  process.once('beforeExit', onNothingLeft);
  process.exitCode = EXIT.ok.code;
  const { dispatch } = await import('./lib/cli/dispatch.ts');
  const dispatched = dispatch(root, argv, host);
  progress.dispatched = dispatched.catch(() => {});
  try {
    await dispatched;
  } catch (error) {
    await crashed(error);
  }
  process.off('beforeExit', onNothingLeft);
  // Whoever waited for the command has the last word.
  if (progress.crash !== 'none') return;
  tellUnwritten(live);
  // What ignores the signal must not keep an interrupted process alive.
  if (interrupter.interruption.status !== undefined) await end(host);
}
