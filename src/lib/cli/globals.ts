/** The flags of every command that matter before the command has parsed its own, and when parsing fails. */
export type Globals = {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
  readonly noColor: boolean;
  /** The value of `--repo`. */
  readonly repo: string | undefined;
};

/** Flags that may also stand before the command's name; true when a value follows. */
const MOVABLE: Readonly<Record<string, boolean>> = {
  '--json': false,
  '--quiet': false,
  '--debug': false,
  '--no-color': false,
  '--yes': false,
  '--repo': true,
};

/** Arguments before a `--`: what follows it belongs to somebody else. */
export function ownArguments(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end === -1 ? argv : argv.slice(0, end);
}

/** Reads the global flags straight from the arguments. */
export function globalsOf(argv: readonly string[]): Globals {
  const args = ownArguments(argv);
  const own = new Set(args);
  const repoAt = args.indexOf('--repo');
  return {
    // --format json is another name of --json, where a command knows formats.
    json:
      own.has('--json') ||
      own.has('--format=json') ||
      (args[args.indexOf('--format') + 1] === 'json' && own.has('--format')),
    quiet: own.has('--quiet'),
    debug: own.has('--debug'),
    noColor: own.has('--no-color'),
    repo: repoAt === -1 ? args.find((arg) => arg.startsWith('--repo='))?.slice('--repo='.length) : args[repoAt + 1],
  };
}

/** Moves global flags that stand before the command behind it: `--json user list` means `user list --json`. */
export function globalsLast(argv: readonly string[]): readonly string[] {
  const { leading, rest } = leadingGlobals(argv);
  const end = ownArguments(rest).length;
  return [...rest.slice(0, end), ...leading, ...rest.slice(end)];
}

/** Parts the global flags before the command from all that follows. `isOpen`: the last of them still lacks its value. */
export function leadingGlobals(argv: readonly string[]): {
  readonly leading: readonly string[];
  readonly rest: readonly string[];
  readonly isOpen: boolean;
} {
  const leading: string[] = [];
  const rest = [...argv];
  while (rest[0] !== undefined) {
    const takesValue = rest[0].startsWith('--repo=') ? false : MOVABLE[rest[0]];
    if (takesValue === undefined) break;
    if (takesValue && rest.length === 1) return { leading: [...leading, ...rest], rest: [], isOpen: true };
    leading.push(...rest.splice(0, takesValue ? 2 : 1));
  }
  return { leading, rest, isOpen: false };
}
