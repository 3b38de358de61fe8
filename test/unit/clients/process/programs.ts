import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder with a `bin` folder for small programs; `remove` is to be returned from `beforeEach`. */
export type Bench = {
  readonly folder: string;
  readonly bin: string;
  readonly env: Record<string, string>;
  readonly remove: () => Promise<void>;
};

export async function makeBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'infra-process-'));
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  return { folder, bin, env: { PATH: `${bin}:/usr/bin:/bin`, HOME: folder }, remove };
}

/** Puts a program on the bench's PATH. */
export async function addProgram(bin: string, name: string, text: string): Promise<string> {
  const path = join(bin, name);
  await writeFile(path, text);
  await chmod(path, 0o755);
  return path;
}

/** Waits until `ask` gives a value: the condition is the synchronisation, the interval only how often it is asked. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, withinMs = 10_000): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const value = await ask();
    if (value !== undefined) return value;
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
