import { InfraError } from '../errors.ts';
import { globalsLast, ownArguments } from './globals.ts';
import { nearest } from './suggest.ts';

/** Ids as oclif has them: words joined by `:`. */
export type Surface = { readonly commands: readonly string[]; readonly topics: readonly string[] };

/** What the arguments ask for. Nothing is ever guessed: a near miss is an error with suggestions. */
export type Resolved =
  | { readonly kind: 'command'; readonly id: string; readonly argv: readonly string[] }
  | { readonly kind: 'help'; readonly words: readonly string[] }
  | { readonly kind: 'error'; readonly error: InfraError };

const HELP = new Set(['--help', '-h']);

const typed = (id: string): string => id.replaceAll(':', ' ');

/** The words before the first flag. */
function leadingWords(argv: readonly string[]): readonly string[] {
  const own = ownArguments(argv);
  const flag = own.findIndex((arg) => arg.startsWith('-'));
  return flag === -1 ? own : own.slice(0, flag);
}

/** The longest beginning of `words` that names a command or a topic. */
function longest(words: readonly string[], ids: readonly string[]): readonly string[] {
  const known = new Set(ids);
  for (let length = words.length; length > 0; length -= 1) {
    if (known.has(words.slice(0, length).join(':'))) return words.slice(0, length);
  }
  return [];
}

function unknownCommand(words: readonly string[], topic: readonly string[], surface: Surface): InfraError {
  const tried = words.slice(0, topic.length + 1).join(' ');
  const ids = [...surface.commands, ...surface.topics].map(typed).filter((id) => id !== topic.join(' '));
  // `alice add` or `usr add alice`: compare as many words as a command has.
  const attempts = [tried, words.slice(0, 2).join(' ')];
  const meant = [...new Set(attempts.flatMap((attempt) => nearest(attempt, ids)))].slice(0, 3);
  const below = surface.commands.filter((id) => id.startsWith(`${topic.join(':')}:`)).map(typed);
  const hints =
    meant.length > 0
      ? meant.map((each) => `Did you mean: infra ${each}`)
      : below.map((each) => `There is: infra ${each}`);
  return new InfraError('usage.unknown-command', 'usage', `infra has no command "${tried}".`, {
    hints: [...hints, `All commands: infra ${[...topic, '--help'].join(' ')}`],
  });
}

/** A topic or nothing at all: what could follow. */
function incomplete(topic: readonly string[], surface: Surface): InfraError {
  const prefix = topic.length === 0 ? '' : `${topic.join(':')}:`;
  const commands = surface.commands.filter((id) => id.startsWith(prefix)).map((id) => `infra ${typed(id)}`);
  const message = topic.length === 0 ? 'No command was given.' : `"infra ${topic.join(' ')}" needs one more word.`;
  return new InfraError('usage.incomplete-command', 'usage', message, { hints: commands });
}

/**
 * `infra diagnose weather` is `infra diagnose site weather` where infra has no subject of that name: a site's own runbook
 * is typed like a built-in one.
 */
function withShortcut(argv: readonly string[], { commands }: Surface): readonly string[] {
  const [first, second] = argv;
  if (first !== 'diagnose' || second === undefined || second.startsWith('-')) return argv;
  const isOwn = commands.includes('diagnose:site') && !commands.includes(`diagnose:${second}`);
  return isOwn ? [first, 'site', ...argv.slice(1)] : argv;
}

/** Finds out what the arguments ask for. `--help` wins over everything but an unknown command. */
export function resolve(argvAsTyped: readonly string[], surface: Surface): Resolved {
  const isHelpWord = argvAsTyped[0] === 'help' && !surface.commands.includes('help');
  const argv = withShortcut(globalsLast(isHelpWord ? argvAsTyped.slice(1) : argvAsTyped), surface);
  const words = leadingWords(argv);
  const wantsHelp = isHelpWord || ownArguments(argv).some((arg) => HELP.has(arg));
  const command = longest(words, surface.commands);
  if (command.length > 0) {
    if (wantsHelp) return { kind: 'help', words: command };
    return { kind: 'command', id: command.join(':'), argv: argv.slice(command.length) };
  }
  const topic = longest(words, surface.topics);
  if (words.length > topic.length) {
    return { kind: 'error', error: unknownCommand(words, topic, surface) };
  }
  if (wantsHelp) return { kind: 'help', words: topic };
  const flag = ownArguments(argv).find((arg) => arg.startsWith('-') && arg !== '--json');
  if (topic.length === 0 && flag === undefined && !argv.includes('--json')) return { kind: 'help', words: [] };
  return { kind: 'error', error: incomplete(topic, surface) };
}
