/** Somebody else at work on the same platform while a test runs. */
import { spawn } from 'node:child_process';
import type { Postgres } from './postgres.ts';
import { realTool } from './tools.ts';

/** Holds the lock of a stack's state in the database, as another terraform would. Answers how to let go of it. */
export async function holdStateLock(postgres: Postgres, stack: string): Promise<() => Promise<void>> {
  const child = spawn(realTool('psql'), ['-qAt', postgres.url], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const held = new Promise<void>((resolve) =>
    child.stdout.on('data', (chunk: Buffer) => (chunk.toString().includes('held') ? resolve() : undefined)),
  );
  child.stdin.write(`select pg_advisory_lock(id) from ${stack}.states where name = 'default';\nselect 'held';\n`);
  await held;
  return async () => {
    child.stdin.end();
    await ended;
  };
}
