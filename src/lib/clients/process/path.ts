import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { InfraError } from '../../errors.ts';

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false; // Absent and not executable are the same to a PATH search; the caller says that nothing was found.
  }
}

/** Absolute path of `program`: searched in `path` as a shell does, or taken as it is when it holds a slash. */
export async function findProgram(program: string, path: string | undefined, cwd: string): Promise<string | undefined> {
  if (program.includes('/')) {
    const file = resolve(cwd, program);
    return (await isProgram(file)) ? file : undefined;
  }
  for (const folder of (path ?? '').split(delimiter)) {
    const base = folder === '' ? cwd : isAbsolute(folder) ? folder : resolve(cwd, folder);
    const file = join(base, program);
    if (await isProgram(file)) return file;
  }
  return undefined;
}

/** The path of `program`, or `process.not-found` (78). */
export async function needProgram(program: string, path: string | undefined, cwd: string): Promise<string> {
  const found = await findProgram(program, path, cwd);
  if (found !== undefined) return found;
  throw new InfraError('process.not-found', 'config', `The program ${program} was not found on PATH.`, {
    hints: [`Install ${program}, or put its folder on PATH.`],
  });
}

/** Refuses a working folder that is not there: the system reports that as if the program were missing. `process.bad-cwd` (78). */
export async function assertFolder(cwd: string): Promise<void> {
  const kind = await stat(cwd).then(
    (found) => (found.isDirectory() ? 'folder' : 'not a folder'),
    (error: NodeJS.ErrnoException) => error.code ?? 'unreadable',
  );
  if (kind === 'folder') return;
  throw new InfraError('process.bad-cwd', 'config', `Cannot run a program in ${cwd}: ${kind}.`);
}
