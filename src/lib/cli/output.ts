import { makeStyle, type Style } from '../render/style.ts';
import { type Terminal, terminalOf } from '../render/terminal.ts';
import type { Globals } from './globals.ts';
import type { Host, TextStream } from './host.ts';

/**
 * The one writer. stdout carries the answer only; everything else goes to stderr. Every byte is redacted on its way.
 */
export type Output = {
  /** How text on stdout may look. */
  readonly style: Style;
  /** How text on stderr may look: errors, progress, prompts. */
  readonly sideStyle: Style;
  /** What stderr is, for progress that redraws lines. */
  readonly side: Terminal;
  readonly quiet: boolean;
  /** The answer: to stdout, with a line end. */
  answer(text: string): void;
  /** Warnings and errors: to stderr, also under --quiet. */
  note(text: string): void;
  /** Progress: to stderr, dropped by --quiet. */
  progress(text: string): void;
  /** With --debug to stderr, else dropped. */
  debug(text: string): void;
};

/** Makes the writer of one run. */
export function makeOutput(host: Host, globals: Globals): Output {
  const terminal = (stream: TextStream): Terminal =>
    terminalOf({
      isTTY: stream.isTTY === true,
      columns: stream.columns,
      env: host.env,
      noColor: globals.noColor,
    });
  const side = terminal(host.stderr);
  const sideStyle = makeStyle(side);
  const began = host.monotonic();
  const write = (stream: TextStream, text: string): void => {
    if (text !== '') stream.write(`${host.redactor.redact(text)}\n`);
  };
  return {
    style: makeStyle(terminal(host.stdout)),
    sideStyle,
    side,
    quiet: globals.quiet,
    answer: (text) => write(host.stdout, text),
    note: (text) => write(host.stderr, text),
    progress: (text) => {
      // Unlike an answer it may be empty: a line between two blocks.
      if (!globals.quiet) host.stderr.write(`${host.redactor.redact(text)}\n`);
    },
    debug: (text) => {
      if (!globals.debug) return;
      const elapsed = `${(host.monotonic() - began).toFixed(0).padStart(5)} ms`;
      write(host.stderr, sideStyle.dim(`debug ${elapsed} ${text}`));
    },
  };
}
