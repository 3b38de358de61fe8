import type { Program } from './program.ts';
import { blocksOf, filesOf, PAGE, type Tmpfs, usageOf } from './tmpfs.ts';

/** `stat -c FORMAT FILE…` and `stat -f -c FORMAT /dev/shm` of GNU coreutils. */
export const stat: Program = (args, { shm, now }) => {
  const fileSystem = args.includes('-f');
  const at = args.indexOf('-c');
  const format = at === -1 ? args.find((word) => word.startsWith('--format='))?.slice(9) : args[at + 1];
  if (format === undefined) return { exitCode: 1, stdout: '', stderr: 'stat: only formats are played here\n' };
  const paths = args.filter((word, index) => !word.startsWith('-') && !(at !== -1 && index === at + 1));
  const lines = paths.map((path) =>
    fileSystem ? ofFileSystem(path, format, shm, now) : ofFile(path, format, shm, now),
  );
  return {
    exitCode: lines.some((line) => line.error !== '') ? 1 : 0,
    stdout: lines.map((line) => line.text).join(''),
    stderr: lines.map((line) => line.error).join(''),
  };
};

type Line = { readonly text: string; readonly error: string };

function ofFileSystem(path: string, format: string, shm: Tmpfs, now: number): Line {
  if (!/^\/dev\/shm\/?$/.test(path)) return missing(path, 'read file system information for');
  const { used, inodesUsed } = usageOf(shm, now);
  const blocks = Math.floor(shm.bytes / PAGE);
  const free = blocks - used / PAGE;
  return filled(format, {
    n: path,
    S: PAGE,
    s: PAGE,
    b: blocks,
    f: free,
    a: free,
    c: shm.inodes,
    d: shm.inodes - inodesUsed,
  });
}

function ofFile(path: string, format: string, shm: Tmpfs, now: number): Line {
  const file = [...filesOf(shm, now)].find(({ name }) => path === `/dev/shm/${name}`);
  if (file === undefined) return missing(path, 'statx');
  const changed = Math.floor(now / 1000 - file.secondsAgo);
  return filled(format, {
    n: path,
    s: file.bytes,
    b: blocksOf(file),
    B: 512,
    Y: changed,
    Z: changed,
    a: '600',
    F: 'regular file',
  });
}

function filled(format: string, values: Readonly<Record<string, string | number>>): Line {
  return {
    text: `${format.replaceAll(/%(.)/g, (whole, letter: string) => String(values[letter] ?? whole))}\n`,
    error: '',
  };
}

function missing(path: string, what: string): Line {
  return { text: '', error: `stat: cannot ${what} '${path}': No such file or directory\n` };
}
