import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from '../../../src/sandbox/start.ts';
import type { Faults } from '../../../src/sandbox/terragrunt/faults.ts';
import type { AtLine } from './infra.ts';

/** Lets a fault appear at the very moment in which infra has written the entry, and not before. */
export const onceWritten = (sandbox: Sandbox, faults: Faults): AtLine => ({
  event: 'note',
  note: 'entry-written',
  do: { write: { [join(sandbox.dir, 'faults.json')]: JSON.stringify(faults) } },
});

/** A colleague's clone: changes a file, commits and pushes. */
export function pushFromElsewhere(sandbox: Sandbox, file: string, line: string): void {
  const clone = join(sandbox.dir, 'colleague');
  const env = { PATH: sandbox.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  const git = (cwd: string, ...args: readonly string[]) => execFileSync('git', args, { cwd, env, stdio: 'pipe' });
  git(sandbox.dir, 'clone', '-q', sandbox.origin, clone);
  appendFileSync(join(clone, file), line);
  git(clone, '-c', 'user.name=C', '-c', 'user.email=c@sandbox.test', 'commit', '-q', '-a', '-m', 'By a colleague');
  git(clone, 'push', '-q');
}

/** Makes the bare repository refuse every push; the returned function takes that back. */
export function refusePushes(sandbox: Sandbox): () => void {
  const hook = join(sandbox.origin, 'hooks/pre-receive');
  mkdirSync(join(sandbox.origin, 'hooks'), { recursive: true });
  writeFileSync(hook, '#!/bin/sh\necho "protected branch" >&2\nexit 1\n');
  chmodSync(hook, 0o755);
  return () => writeFileSync(hook, '#!/bin/sh\nexit 0\n');
}

/** An environment in which a state's lock is waited for not for minutes but for `timeout`. */
export const impatient = (_sandbox: Sandbox, timeout: string): Readonly<Record<string, string>> => ({
  TG_LOCK_TIMEOUT: timeout,
});
