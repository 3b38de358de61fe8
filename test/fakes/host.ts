import { PassThrough } from 'node:stream';
import type { Host } from '../../src/lib/cli/host.ts';
import { type Interrupter, makeInterrupter } from '../../src/lib/cli/interruption.ts';
import { makeRedactor } from '../../src/lib/secrets/redaction.ts';

/** What a fake host has seen. */
export type Seen = { readonly stdout: string; readonly stderr: string; readonly exitStatus: number | undefined };

/** A process that writes into memory, at a fixed time, without a terminal. `secrets` are known to its redactor. */
export function fakeHost(secrets: readonly string[] = []): {
  readonly host: Host;
  readonly interrupter: Interrupter;
  seen(): Seen;
} {
  const interrupter = makeInterrupter();
  const stdout = new PassThrough({ encoding: 'utf8' });
  const stderr = new PassThrough({ encoding: 'utf8' });
  const state = { exitStatus: undefined as number | undefined };
  const host: Host = {
    version: '1.2.3',
    env: {},
    cwd: '/nowhere',
    home: '/nowhere',
    stdin: { isTTY: false, stream: new PassThrough(), text: async () => '' },
    stdout,
    stderr,
    interruption: interrupter.interruption,
    redactor: makeRedactor(secrets),
    now: () => new Date('2026-01-02T03:04:05.678Z'),
    monotonic: () => 0,
    setExitStatus: (code) => {
      state.exitStatus = code;
    },
    saveCrash: () => undefined,
  };
  const seen = (): Seen => ({
    stdout: String(stdout.read() ?? ''),
    stderr: String(stderr.read() ?? ''),
    exitStatus: state.exitStatus,
  });
  return { host, interrupter, seen };
}
