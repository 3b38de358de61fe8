import { chmod, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';

/**
 * Makes the file that a plan is written to: empty, 0600, in a folder that is 0700 if it is new. tofu keeps the mode of
 * a file that exists and would make a new one readable for everybody; plans hold secrets in clear.
 */
export async function preparePlanFile(path: string): Promise<void> {
  if (!isAbsolute(path))
    throw new TypeError(`a plan file needs an absolute path, not ${path}: terragrunt runs tofu in a folder of its own`);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await rm(path, { force: true });
  await (await open(path, 'wx', 0o600)).close();
}

/** Whether a plan was written; an empty file is removed, a full one kept to its owner. */
export async function settlePlanFile(path: string): Promise<boolean> {
  const size = await stat(path).then(
    (found) => found.size,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return 0;
      throw error;
    },
  );
  if (size === 0) await rm(path, { force: true });
  else await chmod(path, 0o600);
  return size > 0;
}
