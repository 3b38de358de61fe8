import { Flags } from '@oclif/core';
import { InfraError } from '../errors.ts';
import { durationFlag } from './duration.ts';
import { globalFlags } from './flags.ts';

const words = (description: string) =>
  Flags.string({ description, helpValue: 'PROBE', multiple: true, delimiter: ',', default: [] });
const on = (description: string) => Flags.boolean({ description, default: false });

/** The flags of every `infra diagnose SUBJECT`. */
export const diagnoseFlags = {
  ...globalFlags,
  format: Flags.string({
    description: 'How the answer is written; json is --json.',
    options: ['text', 'json', 'junit', 'md'] as const,
  }),
  output: Flags.string({ description: 'Write the answer into a file, whole or not at all.', helpValue: 'FILE' }),
  short: on('Ten lines for a chat.'),
  'alert-rules': on('Prometheus rules that would have fired.'),
  list: on('List the probes and what each costs, and ask nothing.'),
  'print-role': on('Print the smallest Role and ClusterRole that this diagnosis needs.'),
  verbose: Flags.boolean({ char: 'v', description: 'Every finding, with samples and commands.', default: false }),
  only: words('Ask only these: an id, a layer, or a pattern with *.'),
  skip: words('Leave these out.'),
  first: on('Ask only the first probe.'),
  'no-exec': on('Run no program in any container, not even one that only reads.'),
  timeout: durationFlag('timeout', 'Time of each probe. Default: its own, mostly 10s.'),
  deadline: durationFlag('deadline', 'Time of everything; then what is known is printed, with status 124.'),
  wait: durationFlag('wait', 'Ask again until it is healthy, for at most this long.'),
  'fail-on': Flags.string({
    description: 'fail: end with 0 when the worst is WARN.',
    options: ['warn', 'fail'] as const,
    default: 'warn' as const,
  }),
  changes: on('Tell what differs from the last run of this subject.'),
  record: Flags.string({ description: 'Keep the evidence, redacted, in a new or empty folder.', helpValue: 'DIR' }),
  replay: Flags.string({ description: 'Judge a recording again; nothing else is asked.', helpValue: 'DIR' }),
};

/** What the flags come to. */
export type DiagnoseFlags = {
  readonly json?: boolean;
  readonly format?: 'text' | 'json' | 'junit' | 'md';
  readonly output?: string;
  readonly short: boolean;
  readonly 'alert-rules': boolean;
  readonly list: boolean;
  readonly 'print-role': boolean;
  readonly verbose: boolean;
  readonly only: readonly string[];
  readonly skip: readonly string[];
  readonly first: boolean;
  readonly 'no-exec': boolean;
  readonly timeout?: number;
  readonly deadline?: number;
  readonly wait?: number;
  readonly 'fail-on': 'warn' | 'fail';
  readonly changes: boolean;
  readonly record?: string;
  readonly replay?: string;
};

/** What is printed. `list` and `print-role` ask nothing. */
export type Look = 'text' | 'json' | 'junit' | 'md' | 'short' | 'alert-rules' | 'list' | 'print-role';

const exclude = (message: string, hints: readonly string[] = []): InfraError =>
  new InfraError('usage.flags-exclude', 'usage', message, { hints });

/**
 * What the flags want printed. Errors, all 64: `usage.flags-exclude` for two looks at once, and for what a replay cannot
 * do. `given` are the names of the flags that were typed.
 */
export function lookOf(flags: DiagnoseFlags, given: readonly string[]): Look {
  const asked: readonly (readonly [flag: string, look: Look | undefined])[] = [
    ['--json', flags.json === true ? 'json' : undefined],
    [`--format ${flags.format}`, flags.format],
    ['--short', flags.short ? 'short' : undefined],
    ['--alert-rules', flags['alert-rules'] ? 'alert-rules' : undefined],
    ['--list', flags.list ? 'list' : undefined],
    ['--print-role', flags['print-role'] ? 'print-role' : undefined],
  ];
  const looks = asked.flatMap(([flag, look]) => (look === undefined ? [] : [[flag, look] as const]));
  const [first, other] = looks.filter(([, look], index) => looks.findIndex((one) => one[1] === look) === index);
  if (first !== undefined && other !== undefined)
    throw exclude(`${first[0]} and ${other[0]} exclude each other: one answer has one form.`);
  if (flags.first && flags.only.length > 0) throw exclude('--first and --only exclude each other.');
  const look = first?.[1] ?? 'text';
  if (flags.replay !== undefined) {
    const mute = new Set(['list', 'print-role']);
    const live = ['record', 'wait', 'changes', 'timeout', 'deadline', 'no-exec'].filter((name) => given.includes(name));
    const [one] = [...live, ...(mute.has(look) ? [look] : [])];
    if (one !== undefined) throw exclude(`--replay and --${one} exclude each other: a replay asks nothing.`);
  }
  return look;
}
