import { mkdirSync, rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';

/** Gives a whole run of tests one temporary folder, and takes it away at the end: thousands of small ones go with it. */
export default function temporaryFolder({ config }: TestProject): () => void {
  const folder = config.env.TMPDIR;
  if (folder === undefined) throw new Error('vitest.config.ts names no TMPDIR');
  mkdirSync(folder, { mode: 0o700 });
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
