import { type Dirent, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Entry, Files, PathInfo } from './client.ts';
import { appendFile, createFile, replaceFile } from './durable.ts';
import { codeOf, filesError, isAbsent } from './errors.ts';

/** The machine's file system. `tempFolder` is where private folders are made; default the system's. */
export function makeFiles(options: { readonly tempFolder?: string } = {}): Files {
  return {
    read: (path) => present(`read ${path}`, () => readText(path)),
    readBytes: (path, limit) => present(`read ${path}`, () => readBytes(path, limit)),
    list: (path) => present(`list ${path}`, () => list(path), isMissing),
    info: (path) => present(`look at ${path}`, async () => toInfo(await fs.lstat(path))),
    realPath: (path) => present(`resolve ${path}`, () => fs.realpath(path)),
    readLink: (path) => present(`read the link ${path}`, () => fs.readlink(path), isNoLink),
    makeLink: (path, target) => attempt(`make the link ${path}`, () => fs.symlink(target, path)),
    writeAtomic: (path, content, mode) => attempt(`write ${path}`, () => replaceFile(path, content, mode)),
    createExclusive: (path, content, mode) => attempt(`create ${path}`, () => createFile(path, content, mode)),
    appendDurably: (path, content, mode) => attempt(`append to ${path}`, () => appendFile(path, content, mode)),
    makeFolder: (path, mode) =>
      attempt(`make the folder ${path}`, async () => {
        await fs.mkdir(path, { recursive: true, mode });
      }),
    makePrivateTemp: (prefix) => {
      const base = join(options.tempFolder ?? tmpdir(), prefix);
      return attempt(`make a temporary folder ${base}*`, () => fs.mkdtemp(base));
    },
    rename: (from, to) => attempt(`rename ${from} to ${to}`, () => fs.rename(from, to)),
    remove: (path) => attempt(`remove ${path}`, () => fs.rm(path, { recursive: true, force: true })),
  };
}

async function attempt<T>(tried: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw filesError(error, tried);
  }
}

/** Like attempt, but nothing at the path is a value. */
async function present<T>(tried: string, work: () => Promise<T>, absent = isAbsent): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (absent(error)) return undefined;
    throw filesError(error, tried);
  }
}

/** A file where a folder is expected is not an absent folder. */
function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

function isNoLink(error: unknown): boolean {
  return isAbsent(error) || codeOf(error) === 'EINVAL';
}

/** Lets signals, timers and answers in first: who reads in a loop must not keep them out. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Up to here a read on the spot is shorter than the way through Node's thread pool. */
const SMALL_BYTES = 1024 * 1024;

/**
 * A small regular file is read on the spot: a repository has hundreds of them, and each trip through the thread pool
 * costs ten times the read. What may block (a pipe, a device) or take long is read aside, so that Ctrl-C is heard.
 */
async function readText(path: string): Promise<string> {
  await turn();
  const stats = statSync(path);
  return stats.isFile() && stats.size <= SMALL_BYTES ? readFileSync(path, 'utf8') : fs.readFile(path, 'utf8');
}

async function readBytes(path: string, limit: number | undefined): Promise<Uint8Array> {
  if (limit === undefined) return fs.readFile(path);
  const file = await fs.open(path, 'r');
  try {
    const buffer = new Uint8Array(limit);
    let filled = 0;
    while (filled < limit) {
      const { bytesRead } = await file.read(buffer, filled, limit - filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  } finally {
    await file.close();
  }
}

async function list(path: string): Promise<readonly Entry[]> {
  await turn();
  const found = readdirSync(path, { withFileTypes: true });
  const entries = found.map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function kindOf(entry: Dirent | Stats): Entry['kind'] {
  if (entry.isSymbolicLink()) return 'link';
  if (entry.isDirectory()) return 'folder';
  return entry.isFile() ? 'file' : 'other';
}

function toInfo(stats: Stats): PathInfo {
  return { kind: kindOf(stats), size: stats.size, mode: stats.mode & 0o7777, modifiedMs: stats.mtimeMs };
}
