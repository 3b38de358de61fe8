import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { makeRedactor } from '../secrets/redaction.ts';
import type { Host, Interruption } from './host.ts';

/** Environment variables whose value must never be printed; those that name a file are not secret. */
const SECRET_NAME = /(TOKEN|PASSW|SECRET|CREDENTIAL|CONN_STR|API_?KEY|ACCESS_KEY|PRIVATE_KEY|AGE_KEY)/i;
const FILE_NAME = /_(FILE|PATH|DIR|CMD)$/i;

function secretsOf(env: Host['env']): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && SECRET_NAME.test(name) && !FILE_NAME.test(name) ? [value] : [],
  );
}

/** Folder of journals, locks and crash reports. */
export function stateFolderOf(host: Pick<Host, 'env' | 'home'>): string {
  return join(host.env.XDG_STATE_HOME || join(host.home, '.local', 'state'), 'infra');
}

/** Folder of what may be lost: compile cache, completion. */
export function cacheFolderOf(host: Pick<Host, 'env' | 'home'>): string {
  return join(host.env.XDG_CACHE_HOME || join(host.home, '.cache'), 'infra');
}

/** The running process. */
export function liveHost(version: string, interruption: Interruption): Host {
  const { env, stdin, stdout, stderr } = process;
  const home = env.HOME || homedir();
  return {
    version,
    env,
    cwd: process.cwd(),
    home,
    stdin: { isTTY: stdin.isTTY === true, text: () => text(stdin) },
    stdout,
    stderr,
    interruption,
    redactor: makeRedactor(secretsOf(env)),
    now: () => new Date(),
    monotonic: () => performance.now(),
    setExitStatus: (code) => {
      process.exitCode = code;
    },
    saveCrash: (report) => {
      const folder = join(stateFolderOf({ env, home }), 'crashes');
      const file = join(folder, `${new Date().toISOString().replaceAll(':', '-')}-${process.pid}.txt`);
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFileSync(file, `${report}\n`, { mode: 0o600, flag: 'wx' });
        return file;
      } catch {
        // The report is an aid; a full disk must not hide the error that it is about.
        return undefined;
      }
    },
  };
}

/** What a command may ask the world for. */
export type Context = {
  readonly host: Host;
  /** Releases what clients hold open. */
  close(): Promise<void>;
};

/** Options of a context: `--repo` and where debug lines go. */
export type ContextOptions = { readonly repo: string | undefined; readonly debug: (line: string) => void };

/** The composition root: the only place that makes live clients. */
export function makeContext(host: Host, options: ContextOptions): Context {
  void options;
  return { host, close: async () => {} };
}
