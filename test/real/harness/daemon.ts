/** A server process in a process group of its own, with its output in a file and an end that always comes. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { tellReaper } from './reaper.ts';
import { GaveUp, until } from './until.ts';

export interface Daemon {
  pid: number;
  log: string;
  /** Asks politely, then kills the whole group. Resolves when the process is gone; may be called twice. */
  stop(): Promise<void>;
}

export interface DaemonSpec {
  name: string;
  program: string;
  args: readonly string[];
  env: Record<string, string>;
  log: string;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** Answers true once the server serves. */
  ready: () => Promise<boolean>;
  /** How it is asked to end; some servers take their time over SIGTERM. */
  signal?: 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGKILL';
}

export async function startDaemon(spec: DaemonSpec): Promise<Daemon> {
  const log = openSync(spec.log, 'a');
  const child = spawn(spec.program, spec.args, {
    cwd: spec.cwd,
    env: spec.env,
    uid: spec.uid,
    gid: spec.gid,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`exit ${code ?? signal}`));
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${spec.name} did not start: ${await ended}`);
  tellReaper('+', pid);
  const stop = async (): Promise<void> => {
    signalGroup(pid, spec.signal ?? 'SIGTERM');
    const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), 5000);
    await ended;
    clearTimeout(timer);
    signalGroup(pid, 'SIGKILL'); // its children, when it left some behind
    tellReaper('-', pid);
  };
  let over: string | undefined;
  void ended.then((how) => {
    over = how;
  });
  try {
    await until(`${spec.name} to serve`, async () => {
      if (over !== undefined) throw new GaveUp(`${spec.name} ended at once (${over}):\n${tail(spec.log)}`);
      return (await spec.ready()) ? true : undefined;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid, log: spec.log, stop };
}

/** A port that was free a moment ago may be taken now: a server that ended at once is started again, elsewhere. */
export async function startElsewhere<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      const taken = error instanceof GaveUp && /address already in use|bind:|could not bind/i.test(error.message);
      if (!taken || attempt === 3) throw error;
    }
  }
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').split('\n').slice(-20).join('\n');
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // nobody left in the group
  }
}
