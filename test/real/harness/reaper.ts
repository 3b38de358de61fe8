/**
 * Nothing that a test started may outlive it, not even when the test process is killed with SIGKILL and no handler of
 * its own can run. A tiny shell, in a session of its own, holds the list and acts when its input closes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('reaper.sh', import.meta.url));
const held: { shell?: ChildProcess } = {};

/** `+`/`-`: a process group was started / is gone; `d`/`x`: a directory was made / is removed. */
export function tellReaper(op: '+' | '-' | 'd' | 'x', value: number | string): void {
  held.shell ??= startShell();
  held.shell.stdin?.write(`${op} ${value}\n`);
}

function startShell(): ChildProcess {
  const shell = spawn('/bin/sh', [script], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: '/usr/bin:/bin' },
  });
  shell.unref();
  const { stdin } = shell;
  if (stdin !== null && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  return shell;
}
