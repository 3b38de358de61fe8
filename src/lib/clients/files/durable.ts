import { randomBytes } from 'node:crypto';
import { constants, link, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, isAbsent } from './errors.ts';

/**
 * Replaces a file so that every reader, and every crash, sees the old content or the new one: temp file beside it,
 * fsync, rename, fsync of the folder. A link at the path stays a link: what it points to is replaced. A pipe or a device
 * is written to: a rename would put a file in its place, and root could lose /dev/stdout to it.
 */
export async function replaceFile(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  if (await isPipeOrDevice(path)) {
    await writeInto(path, content);
    return;
  }
  const target = await behindLinks(path);
  const temp = await writeTemp(target, content, mode);
  try {
    await rename(temp, target);
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
  await syncFolder(dirname(target));
}

/**
 * Creates a file with its whole content at once, or returns false when something is there. A hard link of a finished
 * temp file does this: `O_EXCL` alone would leave an empty file behind when the process dies before it has written.
 */
export async function createFile(path: string, content: string, mode: number): Promise<boolean> {
  const temp = await writeTemp(path, content, mode);
  try {
    await link(temp, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temp, { force: true });
  }
  await syncFolder(dirname(path));
  return true;
}

/** Appends and waits until the bytes are on the disk. */
export async function appendFile(path: string, content: string, mode: number): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
  const file = await inFolder(path, () => open(path, flags, mode));
  try {
    const isNew = (await file.stat()).size === 0;
    await file.appendFile(content);
    await file.sync();
    if (isNew) await syncFolder(dirname(path));
  } finally {
    await file.close();
  }
}

async function writeTemp(target: string, content: string | Uint8Array, mode: number): Promise<string> {
  const name = `.${basename(target).slice(0, 200)}.${randomBytes(6).toString('hex')}.tmp`;
  const temp = join(dirname(target), name);
  const file = await inFolder(temp, () => open(temp, 'wx', mode));
  try {
    // The mode given to open is cut by the umask.
    await file.chmod(mode);
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return temp;
}

/** Runs `make`, and once more after making the folder when that was what was missing. */
async function inFolder<T>(path: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return make();
  }
}

async function behindLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return path;
    throw error;
  }
}

/** Follows links as the kernel does: what stands behind /dev/stdout may have no name. */
async function isPipeOrDevice(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    return !found.isFile() && !found.isDirectory();
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

async function writeInto(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, constants.O_WRONLY);
  try {
    await file.writeFile(content);
  } finally {
    await file.close();
  }
}

/** A rename is durable only when the folder that holds the name is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
