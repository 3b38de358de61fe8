/** A fresh directory for whatever a test runs, with a HOME inside it, gone at the end. */
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tellReaper } from './reaper.ts';

export interface Workspace {
  dir: string;
  home: string;
  remove(): Promise<void>;
}

/** `name` only helps whoever looks into /tmp while a test runs. */
export async function makeWorkspace(name: string): Promise<Workspace> {
  const dir = await mkdtemp(join(tmpdir(), `infra-real-${name}-`));
  tellReaper('d', dir);
  const home = join(dir, 'home');
  await chmod(dir, 0o755); // a server may run as another user
  await mkdir(home, { mode: 0o700 });
  const remove = async (): Promise<void> => {
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    tellReaper('x', dir);
  };
  return { dir, home, remove };
}
