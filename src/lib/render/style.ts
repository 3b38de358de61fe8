import { Chalk } from 'chalk';
import type { Verdict } from '../findings/finding.ts';
import type { Terminal } from './terminal.ts';

type Paint = (text: string) => string;

/** Paints and symbols for one stream. Nothing here carries a meaning that the words beside it do not. */
export type Style = {
  readonly colorLevel: Terminal['colorLevel'];
  readonly width: number;
  /** Whether lines and arrows beyond ASCII can be shown. */
  readonly unicode: boolean;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
  /** A one-column mark in the verdict's colour, to stand before words. */
  mark(verdict: Verdict): string;
  /** The verdict's name in its colour. */
  verdict(verdict: Verdict): string;
};

const MARKS: Readonly<Record<Verdict, readonly [unicode: string, plain: string]>> = {
  PASS: ['✓', '+'],
  WARN: ['!', '!'],
  FAIL: ['✗', 'x'],
  UNKNOWN: ['?', '?'],
  SKIP: ['-', '-'],
};

/** Makes the style of a stream; the colour level is ours, chalk's own guess ignores NO_COLOR. */
export function makeStyle(terminal: Pick<Terminal, 'colorLevel' | 'unicode' | 'width'>): Style {
  const chalk = new Chalk({ level: terminal.colorLevel });
  const paints: Readonly<Record<Verdict, Paint>> = {
    PASS: chalk.green,
    WARN: chalk.yellow,
    FAIL: chalk.red,
    UNKNOWN: chalk.yellow,
    SKIP: chalk.dim,
  };
  return {
    colorLevel: terminal.colorLevel,
    width: terminal.width,
    unicode: terminal.unicode,
    bold: chalk.bold,
    dim: chalk.dim,
    red: chalk.red,
    green: chalk.green,
    yellow: chalk.yellow,
    cyan: chalk.cyan,
    mark: (verdict) => paints[verdict](MARKS[verdict][terminal.unicode ? 0 : 1]),
    verdict: (verdict) => paints[verdict](verdict),
  };
}

/** Black on white at width 80: for files, golden tests and pipes. */
export const PLAIN: Style = makeStyle({ colorLevel: 0, unicode: true, width: 80 });
