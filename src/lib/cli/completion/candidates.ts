import { leadingGlobals } from '../globals.ts';

/** A value to complete with, and what it is. */
export type Candidate = { readonly value: string; readonly description: string };

/** The parts of oclif.manifest.json that completion reads. */
export type Manifest = {
  readonly commands: Readonly<
    Record<
      string,
      {
        readonly id: string;
        readonly hidden?: boolean;
        readonly summary?: string;
        readonly args: Readonly<Record<string, Field>>;
        readonly flags: Readonly<Record<string, Field>>;
      }
    >
  >;
  /** Names that the build knows: subjects of runbooks, worlds. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
};

type Field = {
  readonly name: string;
  readonly type?: 'boolean' | 'option';
  readonly multiple?: boolean;
  readonly allowNo?: boolean;
  readonly options?: readonly string[];
  readonly description?: string;
  readonly summary?: string;
  readonly hidden?: boolean;
};

/**
 * Names by the argument or flag that takes them: `user`, or `diagnose:site subject` where a command means something of its
 * own. By a command's id alone: words that may follow it besides its subcommands.
 */
export type Names = Readonly<Partial<Record<string, () => Promise<readonly string[]>>>>;

const firstSentence = (text: string | undefined): string => (text ?? '').split(/[.\n]/, 1)[0] ?? '';

async function valuesOf(id: string, field: Field, names: Names): Promise<readonly Candidate[]> {
  const values = field.options ?? (await (names[`${id} ${field.name}`] ?? names[field.name])?.()) ?? [];
  return values.map((value) => ({ value, description: field.options === undefined ? field.name : '' }));
}

/** The next words of commands that begin with `words`, with what they are. */
function nextWords(
  manifest: Manifest,
  words: readonly string[],
  topics: Readonly<Record<string, string>>,
): Candidate[] {
  const found = new Map<string, string>();
  for (const command of Object.values(manifest.commands)) {
    const path = command.id.split(':');
    const next = path[words.length];
    if (command.hidden === true || next === undefined || words.some((word, index) => path[index] !== word)) continue;
    const isLeaf = path.length === words.length + 1;
    const topic = topics[[...words, next].join(':')];
    found.set(next, firstSentence(isLeaf ? command.summary : topic));
  }
  return [...found].map(([value, description]) => ({ value, description }));
}

function flagCandidates(flags: Readonly<Record<string, Field>>, used: readonly string[]): Candidate[] {
  return Object.values(flags)
    .filter(
      ({ name, hidden, multiple }) =>
        hidden !== true && (multiple === true || !(used.includes(`--${name}`) || used.includes(`--no-${name}`))),
    )
    .flatMap((flag) => {
      const description = firstSentence(flag.summary ?? flag.description);
      const itself = { value: `--${flag.name}`, description };
      if (flag.allowNo !== true) return [itself];
      const no = `--no-${flag.name}`;
      // What can be taken back is on without being asked for: the description tells what is left out.
      return [{ value: no, description: description.startsWith(no) ? description : `Not: ${description}` }, itself];
    });
}

/** bash splits `--role=admin` at the `=`. */
export function unsplit(typed: readonly string[]): readonly string[] {
  const words = typed.filter((word) => word !== '=');
  return typed.at(-1) === '=' ? [...words, ''] : words;
}

/**
 * What may stand at the cursor. `typed` are the words after `infra` up to the cursor, the last one being what is there
 * of the word itself. Nothing is offered after a `--`.
 */
export async function candidates(
  typed: readonly string[],
  manifest: Manifest,
  topics: Readonly<Record<string, string>>,
  names: Names,
): Promise<readonly Candidate[]> {
  const words = unsplit(typed);
  const { leading, rest: before, isOpen } = leadingGlobals(words.slice(0, -1));
  const current = words.at(-1) ?? '';
  if (isOpen || before.includes('--')) return [];
  const startingWith = (all: readonly Candidate[]): readonly Candidate[] =>
    all.filter(({ value }) => value.startsWith(current));

  const path = before.filter((word) => !word.startsWith('-'));
  // hasOwn: `constructor` is no command.
  // The longest: `diagnose` is a command, and so is `diagnose logs`.
  const length =
    path.findLastIndex((_, index) => Object.hasOwn(manifest.commands, path.slice(0, index + 1).join(':'))) + 1;
  const command = length === 0 ? undefined : manifest.commands[path.slice(0, length).join(':')];
  if (command === undefined) return startingWith(nextWords(manifest, path, topics));

  const takesValue = (word: string | undefined): Field | undefined => {
    const flag = word?.startsWith('--') === true ? command.flags[word.slice(2)] : undefined;
    return flag?.type === 'option' ? flag : undefined;
  };
  const inline = /^--([^=]+)=/.exec(current);
  const inlineFlag = takesValue(inline === null ? undefined : `--${inline[1]}`);
  if (inline !== null && inlineFlag !== undefined) {
    const values = await valuesOf(command.id, inlineFlag, names);
    return startingWith(values.map(({ value, description }) => ({ value: `${inline[0]}${value}`, description })));
  }
  const flag = takesValue(before.at(-1));
  if (flag !== undefined) return startingWith(await valuesOf(command.id, flag, names));
  if (current.startsWith('-')) return startingWith(flagCandidates(command.flags, [...leading, ...before]));

  const positionals = before
    .slice(length)
    .filter((word, index, rest) => !word.startsWith('-') && takesValue(rest[index - 1]) === undefined);
  if (positionals.length === 0) {
    const others = ((await names[command.id]?.()) ?? []).map((value) => ({ value, description: 'of the site' }));
    const next = [...nextWords(manifest, path.slice(0, length), topics), ...others];
    if (next.length > 0) return startingWith(next);
  }
  const fields = Object.values(command.args);
  const field = fields[positionals.length] ?? (fields.at(-1)?.multiple === true ? fields.at(-1) : undefined);
  return field === undefined ? [] : startingWith(await valuesOf(command.id, field, names));
}
