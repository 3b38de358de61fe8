import { stripVTControlCharacters } from 'node:util';
import { InfraError } from '../errors.ts';
import { nearest } from './suggest.ts';

/**
 * The parts of oclif's parse errors that are used. Its own classes are not asked for: every parse error carries the
 * command instance, so it is read here once and never kept as a cause.
 */
type ParseError = Error & {
  readonly parse: unknown;
  readonly flags?: readonly string[];
  readonly args?: readonly (string | { readonly name: string; readonly description?: string })[];
};

/** What the parser throws, without saying that it is a parse error, for a flag without its value or given twice. */
const ABOUT_A_FLAG = /^Flag --?[\w-]+ (?:expects|can only be) /;

/** What the parser writes around the message of whatever a flag's own parsing throws. */
const WRAPPED = /^Parsing (--[\w-]+) \n\t([\s\S]*)\nSee more help with --help$/;

/** What `Flags.integer` says. */
const NOT_AN_INTEGER = /^Expected an integer(?: (greater|less) than or equal to (-?\d+))? but received: ([\s\S]*)$/;

/** Whether oclif's parser threw this. */
export function isParseError(error: unknown): error is ParseError {
  if (!(error instanceof Error && 'oclif' in error)) return false;
  return 'parse' in error || ABOUT_A_FLAG.test(error.message) || WRAPPED.test(error.message);
}

/** An error of a flag's own parsing with its own words again; any other is left as it is. */
export function withoutParserWords(error: unknown): unknown {
  if (error instanceof Error) error.message = error.message.replace(WRAPPED, '$2');
  return error;
}

function badValue(message: string): string {
  const [, flag, said] = WRAPPED.exec(message) ?? [];
  if (flag === undefined || said === undefined) return message;
  const [whole, than, bound, value] = NOT_AN_INTEGER.exec(said) ?? [];
  if (whole === undefined) return `${flag}: ${said}`;
  const limit = bound === undefined ? '' : `, ${than === 'greater' ? 'at least' : 'at most'} ${bound}`;
  return `${flag} must be a whole number${limit}, not ${JSON.stringify(value)}`;
}

function unknownFlag(flags: readonly string[], known: readonly string[], help: string): InfraError {
  const names = flags.map((flag) => flag.replace(/=.*$/s, ''));
  const meant = names.flatMap((name) => nearest(name, known).slice(0, 1));
  const message = names.length === 1 ? `There is no flag ${names[0]}.` : `There are no flags ${names.join(', ')}.`;
  return new InfraError('usage.unknown-flag', 'usage', message, {
    hints: [...meant.map((flag) => `Did you mean ${flag}?`), help],
  });
}

function wrongArguments(error: ParseError, help: string): InfraError {
  const args = error.args ?? [];
  const extra = args.filter((arg) => typeof arg === 'string');
  if (extra.length > 0) {
    return new InfraError('usage.unexpected-argument', 'usage', `Nothing is expected at: ${extra.join(' ')}`, {
      hints: [help],
    });
  }
  const missing = args.flatMap((arg) => (typeof arg === 'string' ? [] : [arg.name.toUpperCase()]));
  return new InfraError('usage.missing-argument', 'usage', `What is missing: ${missing.join(' ')}`, { hints: [help] });
}

/**
 * Turns an error of oclif's parser into ours: `usage.unknown-flag`, `usage.missing-argument`,
 * `usage.unexpected-argument`, `usage.bad-value`; always status 64. `flags` are the names the command has, with `--`.
 */
export function usageError(error: ParseError, words: string, flags: readonly string[]): InfraError {
  const help = `All flags: infra ${words} --help`;
  const constructorName = error.constructor.name;
  if (error.flags !== undefined) return unknownFlag(error.flags, flags, help);
  if (constructorName === 'RequiredArgsError' || constructorName === 'UnexpectedArgsError') {
    return wrongArguments(error, help);
  }
  const lines = stripVTControlCharacters(badValue(error.message))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(See more help|The following errors? occurred)/.test(line));
  const message = lines.map((line) => (/[.?!]$/.test(line) ? line : `${line}.`)).join(' ');
  return new InfraError('usage.bad-value', 'usage', message, { hints: [help] });
}
