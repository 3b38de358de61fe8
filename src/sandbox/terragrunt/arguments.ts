import { Diagnosed } from './failure.ts';

/** A command line, taken apart. Flags without a value are `true`. */
export type CommandLine = {
  readonly verb: string;
  readonly flags: ReadonlyMap<string, string | true>;
  readonly positional: readonly string[];
  /** terragrunt's own flags (two dashes). */
  readonly global: ReadonlyMap<string, string | true>;
};

const STATE_FLAGS = [
  'lock',
  'lock-timeout',
  'no-color',
  'json',
  'input',
  'compact-warnings',
  'parallelism',
  'var',
  'var-file',
  'target',
  'exclude',
  'refresh',
  'refresh-only',
  'replace',
  'destroy',
  'state',
  'json-into',
  'show-sensitive',
  'concise',
  'deprecation',
  'consolidate-warnings',
  'consolidate-errors',
];

/** Flags that each verb of tofu knows. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  plan: [...STATE_FLAGS, 'out', 'detailed-exitcode', 'generate-config-out'],
  apply: [...STATE_FLAGS, 'auto-approve', 'backup', 'state-out'],
  init: [
    'input',
    'no-color',
    'upgrade',
    'reconfigure',
    'backend',
    'backend-config',
    'migrate-state',
    'force-copy',
    'get',
    'lock',
    'lock-timeout',
    'lockfile',
    'json',
    'plugin-dir',
    'from-module',
    'var',
    'var-file',
  ],
  show: ['json', 'no-color', 'var', 'var-file', 'show-sensitive', 'state', 'plan', 'config'],
  output: ['json', 'raw', 'no-color', 'state', 'var', 'var-file', 'show-sensitive'],
  'state pull': ['var', 'var-file'],
  'state list': ['id', 'state', 'var', 'var-file'],
  'state rm': ['lock', 'lock-timeout', 'dry-run', 'backup', 'state', 'ignore-remote-version', 'var', 'var-file'],
  'force-unlock': ['force', 'var', 'var-file'],
  validate: ['json', 'no-color', 'var', 'var-file', 'no-tests', 'test-directory'],
  version: ['json'],
  providers: ['var', 'var-file'],
};

/** terragrunt's own flags that take a value. */
const WITH_VALUE: readonly string[] = [
  'working-dir',
  'log-level',
  'log-format',
  'log-custom-format',
  'tf-path',
  'config',
  'download-dir',
  'source',
  'report-file',
  'report-format',
  'filter',
  'queue-include-dir',
  'queue-exclude-dir',
  'iam-assume-role',
  'inputs-debug',
  'provider-cache-dir',
  'parallelism',
  'format',
  'feature',
  'experiment',
  'strict-control',
];

/** terragrunt's own flags without a value. */
const SWITCHES: readonly string[] = [
  'non-interactive',
  'no-color',
  'no-auto-init',
  'no-auto-approve',
  'no-auto-retry',
  'tf-forward-stdout',
  'log-disable',
  'log-show-abs-paths',
  'all',
  'graph',
  'json',
  'dag',
  'dependencies',
  'external',
  'hidden',
  'no-hidden',
  'exclude',
  'include',
  'reading',
  'version',
  'help',
  'summary-disable',
  'no-tip',
  'no-tips',
  'provider-cache',
  'experiment-mode',
  'strict-mode',
  'backend-bootstrap',
  'in-download-dir',
  'no-dependency-fetch-output-from-state',
  'use-partial-parse-config-cache',
];

/** Parses what tofu is called with: verb, single-dash flags, the rest. */
export function parseTofu(argv: readonly string[]): CommandLine {
  const [first = '', ...rest] = argv.filter((word) => !word.startsWith('-chdir'));
  const two = first === 'state' && rest[0] !== undefined && !rest[0].startsWith('-');
  const verb = two ? `state ${rest[0]}` : first.replace(/^-+/, '');
  const flags = new Map<string, string | true>();
  const positional: string[] = [];
  const words = two ? rest.slice(1) : rest;
  for (const [position, word] of words.entries()) {
    if (!word.startsWith('-')) {
      const isValue = /^-{1,2}(var|var-file|target|out|replace|exclude|backend-config|lock-timeout|parallelism)$/.test(
        words[position - 1] ?? '',
      );
      if (isValue) flags.set((words[position - 1] ?? '').replace(/^-+/, ''), word);
      else positional.push(word);
      continue;
    }
    const [name = '', ...value] = word.replace(/^--?/, '').split('=');
    flags.set(name, value.length === 0 ? true : value.join('='));
  }
  return { verb, flags, positional, global: new Map() };
}

/** Parses what terragrunt is called with: its own flags anywhere before `--`, the rest for tofu. Errors: Diagnosed. */
export function parseTerragrunt(argv: readonly string[]): CommandLine {
  const global = new Map<string, string | true>();
  const rest: string[] = [];
  for (let position = 0; position < argv.length; position += 1) {
    const word = argv[position] ?? '';
    if (word === '--') {
      rest.push(...argv.slice(position + 1));
      break;
    }
    const match = /^--([a-z-]+)(?:=(.*))?$/.exec(word);
    const name = match?.[1] ?? '';
    if (match !== null && SWITCHES.includes(name)) global.set(name, true);
    else if (match !== null && WITH_VALUE.includes(name)) {
      global.set(name, match[2] ?? argv[position + 1] ?? '');
      if (match[2] === undefined) position += 1;
    } else rest.push(word);
  }
  // `exec -- PROGRAM WORDS…` runs the program itself, here always tofu, without the unit's extra arguments.
  const words = rest[0] === 'run' ? rest.slice(1) : rest[0] === 'exec' ? rest.slice(2) : rest;
  return { ...parseTofu(words), global };
}

/** Refuses flags that the verb does not know, as tofu does. Errors: Diagnosed. */
export function checkFlags(line: CommandLine): void {
  const known = KNOWN[line.verb];
  if (known === undefined)
    throw new Diagnosed(
      `OpenTofu has no command named "${line.verb}".`,
      "To see all of OpenTofu's top-level commands, run:\n  tofu -help",
    );
  for (const name of line.flags.keys()) {
    if (!known.includes(name))
      throw new Diagnosed('Failed to parse command-line flags', `flag provided but not defined: -${name}`);
  }
  const most = line.verb === 'state rm' ? Number.POSITIVE_INFINITY : 1;
  if (line.positional.length > most)
    throw new Diagnosed('Too many command line arguments', 'Expected at most one positional argument.');
}

/** Milliseconds of `5m`, `30s`, `1m30s`; 0 when the flag is absent. */
export function durationMs(value: string | true | undefined): number {
  if (typeof value !== 'string') return 0;
  const unit: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  return [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, count, name]) => sum + Number(count) * (unit[name ?? 's'] ?? 0),
    0,
  );
}
