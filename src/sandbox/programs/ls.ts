import type { Program, Ran } from './program.ts';
import { blocksOf, filesOf, type TmpfsFile } from './tmpfs.ts';

/** `ls` of GNU coreutils, one name a line as into a pipe: -A, -a, -1, -s, -U, -l is refused; --block-size, --ignore. */
export const ls: Program = (args, { shm, now }) => {
  const options = args.filter((word) => word.startsWith('-'));
  const path = args.find((word) => !word.startsWith('-')) ?? '/dev/shm';
  const unknown = options.find((word) => !/^(-[Aa1sU]+|--block-size=\d+|--ignore=.+|-I.+)$/.test(word));
  if (unknown !== undefined)
    return failed(2, `ls: unrecognized option '${unknown}'\nTry 'ls --help' for more information.\n`);
  if (!/^\/dev\/shm\/?$/.test(path)) {
    return failed(2, `ls: cannot access '${path}': No such file or directory\n`);
  }
  const short = options.filter((word) => /^-[Aa1sU]+$/.test(word)).join('');
  const ignored = options.flatMap((word) => {
    const pattern = /^(?:--ignore=|-I)(.+)$/.exec(word)?.[1];
    return pattern === undefined ? [] : [glob(pattern)];
  });
  const hidden = short.includes('A') || short.includes('a');
  const wantsSessions = !options.some((word) => /^(--ignore=|-I)session_\*$/.test(word));
  const shown = [...filesOf(shm, now, wantsSessions)].filter(
    ({ name }) => (hidden || !name.startsWith('.')) && !ignored.some((pattern) => pattern.test(name)),
  );
  if (!short.includes('U')) shown.sort((a, b) => (a.name < b.name ? -1 : 1));
  const unit = Number(/--block-size=(\d+)/.exec(options.join(' '))?.[1] ?? 1024);
  return { exitCode: 0, stdout: short.includes('s') ? sized(shown, unit) : plain(shown), stderr: '' };
};

function plain(files: readonly TmpfsFile[]): string {
  return files.map(({ name }) => `${name}\n`).join('');
}

function sized(files: readonly TmpfsFile[], unit: number): string {
  const sizes = files.map((file) => String(Math.ceil((blocksOf(file) * 512) / unit)));
  const total = files.reduce((sum, file) => sum + blocksOf(file), 0);
  const width = Math.max(0, ...sizes.map((size) => size.length));
  const lines = files.map(({ name }, at) => `${(sizes[at] ?? '').padStart(width)} ${name}\n`);
  return `total ${Math.ceil((total * 512) / unit)}\n${lines.join('')}`;
}

function glob(pattern: string): RegExp {
  const escaped = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`);
}

function failed(exitCode: number, stderr: string): Ran {
  return { exitCode, stdout: '', stderr };
}
