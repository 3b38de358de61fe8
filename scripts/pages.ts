import type { RunbookProse } from '../src/lib/diagnosis/prose.ts';
import { EXIT } from '../src/lib/errors.ts';
import { runbookMarkdown } from '../src/lib/render/runbook.ts';

/** A flag or argument as oclif.manifest.json has it. */
type Field = {
  readonly name: string;
  readonly type?: 'boolean' | 'option';
  readonly char?: string;
  readonly description?: string;
  readonly summary?: string;
  readonly options?: readonly string[];
  readonly helpValue?: string | readonly string[];
  readonly helpGroup?: string;
  readonly default?: unknown;
  readonly required?: boolean;
  readonly multiple?: boolean;
  readonly hidden?: boolean;
};

/** A command as oclif.manifest.json has it. */
type ManifestCommand = {
  readonly id: string;
  readonly summary?: string;
  readonly description?: string;
  readonly hidden?: boolean;
  readonly args: Readonly<Record<string, Field>>;
  readonly flags: Readonly<Record<string, Field>>;
  readonly examples?: readonly (string | { readonly command: string; readonly description?: string })[];
};

/** oclif.manifest.json. */
export type Manifest = { readonly commands: Readonly<Record<string, ManifestCommand>> };

const GENERATED = '<!-- Written by `npm run generate`; edit the source instead. -->';

const words = (id: string): string => id.replaceAll(':', ' ');
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** docs/exit-statuses.md: the table of errors.ts. */
export function statusesPage(): string {
  const rows = Object.values(EXIT).map(({ code, name, meaning }) => `| ${code} | \`${name}\` | ${cell(meaning)} |`);
  return [
    '# Exit statuses',
    GENERATED,
    'Every command ends with one of these. Under `--json`, `status` is the name and `exitStatus` the number.',
    ['| status | name | meaning |', '|---|---|---|', ...rows].join('\n'),
    'Once something has changed and was not undone, every end but a signal, a deadline or a defect is 5; `error.code` keeps the reason.',
    '',
  ].join('\n\n');
}

/** docs/runbooks/SUBJECT.md: what `infra runbook show SUBJECT` prints into a pipe, outside of any repository. */
export function runbookPage(prose: RunbookProse): string {
  return `${GENERATED}\n\n${runbookMarkdown(prose)}\n`;
}

function placeholder(flag: Field): string {
  if (flag.type === 'boolean') return '';
  const help = typeof flag.helpValue === 'string' ? flag.helpValue : flag.helpValue?.[0];
  return ` ${flag.options?.join('|') ?? help ?? 'VALUE'}`;
}

function usage(command: ManifestCommand): string {
  const args = Object.values(command.args).map((arg) => {
    const name = `${arg.name.toUpperCase()}${arg.multiple === true ? '…' : ''}`;
    return arg.required === true ? name : `[${name}]`;
  });
  const required = Object.values(command.flags).filter((flag) => flag.required === true);
  const flags = required.map((flag) => `--${flag.name}${placeholder(flag)}`);
  return ['infra', words(command.id), ...args, ...flags].join(' ');
}

function fieldRow(name: string, field: Field): string {
  const notes = [
    field.options === undefined || field.type === 'option' ? '' : `One of ${field.options.join(', ')}.`,
    field.default === undefined || field.default === false ? '' : `Default: ${String(field.default)}.`,
    field.multiple === true ? 'May be repeated.' : '',
  ];
  const text = [field.summary ?? field.description ?? '', ...notes].filter((part) => part !== '').join(' ');
  return `| \`${cell(name)}\` | ${cell(text)} |`;
}

function examples(command: ManifestCommand): string {
  const lines = (command.examples ?? []).flatMap((example) => {
    const [line, why] = typeof example === 'string' ? [example] : [example.command, example.description];
    const typed = `$ ${line.replaceAll('<%= config.bin %>', 'infra').replaceAll('<%= command.id %>', words(command.id))}`;
    return why === undefined ? [typed] : [`# ${why}`, typed];
  });
  return lines.length === 0 ? '' : ['```sh', ...lines, '```'].join('\n');
}

function section(command: ManifestCommand, hasDocument: boolean): string {
  const own = Object.values(command.flags).filter((flag) => flag.helpGroup !== 'GLOBAL' && flag.hidden !== true);
  const rows = [
    ...Object.values(command.args).map((arg) => fieldRow(arg.name.toUpperCase(), arg)),
    ...own.map((flag) => fieldRow(`--${flag.name}${placeholder(flag)}`, flag)),
  ];
  const table = rows.length === 0 ? '' : ['| | |', '|---|---|', ...rows].join('\n');
  const schema = `../schemas/${command.id.replaceAll(':', '-')}.schema.json`;
  return [
    `## infra ${words(command.id)}`,
    command.summary ?? '',
    command.description ?? '',
    `\`${usage(command)}\``,
    table,
    examples(command),
    hasDocument ? `\`--json\` prints [this document](${schema}).` : 'It has no `--json`.',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** docs/commands.md: every command, topics in the order of package.json, then the rest. */
export function commandsPage(manifest: Manifest, topics: readonly string[], documented: readonly string[]): string {
  const rank = (id: string): number => {
    const topic = topics.indexOf(id.split(':')[0] ?? '');
    return topic === -1 ? topics.length : topic;
  };
  const commands = Object.values(manifest.commands)
    .filter((command) => command.hidden !== true)
    .sort((a, b) => rank(a.id) - rank(b.id) || a.id.localeCompare(b.id));
  const globals = commands.flatMap((command) =>
    Object.values(command.flags).filter((flag) => flag.helpGroup === 'GLOBAL'),
  );
  const unique = [...new Map(globals.map((flag) => [flag.name, flag])).values()];
  const index = commands.map(
    (command) =>
      `| [\`infra ${words(command.id)}\`](#infra-${command.id.replaceAll(':', '-')}) | ${cell(command.summary ?? '')} |`,
  );
  return [
    '# Commands',
    GENERATED,
    ['| | |', '|---|---|', ...index].join('\n'),
    'Every command takes:',
    ['| | |', '|---|---|', ...unique.map((flag) => fieldRow(`--${flag.name}${placeholder(flag)}`, flag))].join('\n'),
    'What a status means: [exit statuses](exit-statuses.md).',
    ...commands.map((command) => section(command, documented.includes(words(command.id)))),
    '',
  ].join('\n\n');
}
