import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Streams, takeStreams } from '../clients/streams/live.ts';
import { makeRedactor } from '../secrets/redaction.ts';
import { stateFolderOf } from './folders.ts';
import type { Host, Interruption } from './host.ts';
import { secretsOf } from './secret-variables.ts';

/** The running process; `unwritten` as of its streams. */
export type Live = { readonly host: Host; readonly unwritten: Streams['unwritten'] };

/** Takes the process over. `onReported` is called when a command has printed its answer and set the exit status. */
export function liveHost(version: string, interruption: Interruption, onReported: () => void): Live {
  const { env, stdin } = process;
  const { stdout, stderr, unwritten } = takeStreams();
  const home = env.HOME || homedir();
  const host: Host = {
    version,
    env,
    cwd: process.cwd(),
    home,
    stdin: { isTTY: stdin.isTTY === true, stream: stdin, text: () => text(stdin) },
    stdout,
    stderr,
    interruption,
    redactor: makeRedactor(secretsOf(env)),
    now: () => new Date(),
    monotonic: () => performance.now(),
    setExitStatus: (code) => {
      process.exitCode = code;
      onReported();
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
  return { host, unwritten };
}
