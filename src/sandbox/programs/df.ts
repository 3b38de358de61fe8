import type { Program } from './program.ts';
import { PAGE, type Tmpfs, usageOf } from './tmpfs.ts';

/** The columns of GNU df that are played: their headers and least widths, from coreutils' df.c. */
const COLUMNS = {
  source: { header: 'Filesystem', width: 14, left: true },
  size: { header: 'blocks', width: 5 },
  used: { header: 'Used', width: 5 },
  avail: { header: 'Avail', width: 5 },
  pcent: { header: 'Use%', width: 4 },
  itotal: { header: 'Inodes', width: 5 },
  iused: { header: 'IUsed', width: 5 },
  iavail: { header: 'IFree', width: 5 },
  ipcent: { header: 'IUse%', width: 4 },
  target: { header: 'Mounted on', width: 0, left: true },
} as const;
type Column = keyof typeof COLUMNS;

const USUAL: readonly Column[] = ['source', 'size', 'used', 'avail', 'pcent', 'target'];
const INODES: readonly Column[] = ['source', 'itotal', 'iused', 'iavail', 'ipcent', 'target'];

type Form = {
  readonly unit: number;
  readonly human: boolean;
  readonly columns: readonly Column[];
  readonly own: boolean;
};

/** `df` of GNU coreutils on the one mount of a container: -B, -k, -h, -i, --block-size, --output. */
export const df: Program = (args, { shm, now }) => {
  const paths = args.filter((word) => !word.startsWith('-'));
  const form = formOf(args);
  if (typeof form === 'string') return { exitCode: 1, stdout: '', stderr: form };
  const path = paths[0] ?? '/dev/shm';
  if (!/^\/dev\/shm\/?$/.test(path)) {
    return { exitCode: 1, stdout: '', stderr: `df: ${path}: No such file or directory\n` };
  }
  return { exitCode: 0, stdout: table(form, shm, now), stderr: '' };
};

function formOf(args: readonly string[]): Form | string {
  let form: Form = { unit: 1024, human: false, columns: USUAL, own: false };
  for (const word of args.filter((each) => each.startsWith('-'))) {
    const block = /^(?:-B|--block-size=)(\d+)$/.exec(word)?.[1];
    const output = /^--output=(.+)$/.exec(word)?.[1];
    if (block !== undefined) form = { ...form, unit: Number(block) };
    else if (word === '-k') form = { ...form, unit: 1024 };
    else if (word === '-h') form = { ...form, human: true };
    else if (word === '-i') form = { ...form, columns: INODES };
    else if (output !== undefined) form = { ...form, columns: output.split(',') as Column[], own: true };
    else return `df: invalid option -- '${word.replace(/^-+/, '')}'\nTry 'df --help' for more information.\n`;
  }
  const wrong = form.columns.find((column) => !(column in COLUMNS));
  return wrong === undefined ? form : `df: option --output: field '${wrong}' unknown\n`;
}

function table(form: Form, shm: Tmpfs, now: number): string {
  const { used, inodesUsed } = usageOf(shm, now);
  const size = Math.floor(shm.bytes / PAGE) * PAGE;
  const space = (bytes: number): string => (form.human ? human(bytes) : String(Math.ceil(bytes / form.unit)));
  const share = (part: number, rest: number): string =>
    part + rest === 0 ? '-' : `${Math.ceil((part * 100) / (part + rest))}%`;
  const values: Readonly<Record<Column, string>> = {
    source: 'tmpfs',
    size: space(size),
    used: space(used),
    avail: space(size - used),
    pcent: share(used, size - used),
    itotal: String(shm.inodes),
    iused: String(inodesUsed),
    iavail: String(shm.inodes - inodesUsed),
    ipcent: share(inodesUsed, shm.inodes - inodesUsed),
    target: '/dev/shm',
  };
  const rows = [form.columns.map((column) => header(column, form)), form.columns.map((column) => values[column])];
  const widths = form.columns.map((column, at) =>
    Math.max(COLUMNS[column].width, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => {
        const column = form.columns[at] ?? 'target';
        const width = widths[at] ?? 0;
        if (!('left' in COLUMNS[column])) return cell.padStart(width);
        return at === form.columns.length - 1 ? cell : cell.padEnd(width);
      })
      .join(' ');
  return rows.map((row) => `${line(row)}\n`).join('');
}

function header(column: Column, form: Form): string {
  if (column === 'size') return form.human ? 'Size' : `${form.unit === 1024 ? '1K' : `${form.unit}B`}-blocks`;
  // Asked for by name it is the short one; in df's own table of blocks the long one.
  if (column === 'avail' && !form.own && !form.human) return 'Available';
  return COLUMNS[column].header;
}

/** Rounds up, one decimal below ten, as df -h does. */
function human(bytes: number): string {
  const units = ['', 'K', 'M', 'G', 'T'];
  let value = bytes;
  let at = 0;
  while (value >= 1024 && at < units.length - 1) {
    value /= 1024;
    at += 1;
  }
  if (at === 0) return String(value);
  const tenths = Math.ceil(value * 10) / 10;
  return `${tenths < 10 ? tenths.toFixed(1) : Math.ceil(value)}${units[at]}`;
}
