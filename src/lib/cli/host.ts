import type { Readable, Writable } from 'node:stream';
import type { StatusName } from '../errors.ts';
import type { Redactor } from '../secrets/redaction.ts';

/** Where text goes. `columns` is undefined or 0 when nobody knows the width. */
export type TextStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Ctrl-C and SIGTERM, as a command sees them; and a defect of infra beside work that must not be left behind. */
export type Interruption = {
  /** Aborted by the first of them; its reason is an InfraError with that status. */
  readonly signal: AbortSignal;
  readonly status: Extract<StatusName, 'sigint' | 'sigterm' | 'bug'> | undefined;
  /** Whether something runs that must be waited for, however long it takes. */
  readonly held: boolean;
  /** Runs work that must not be left behind (an apply, an encryption): the process does not end before it. */
  hold<T>(work: () => Promise<T>): Promise<T>;
};

/**
 * The process as commands may see it. Made once in main.ts (`liveHost`); tests hand in their own.
 */
export type Host = {
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  readonly stdin: {
    readonly isTTY: boolean;
    readonly stream: Readable & { readonly isTTY?: boolean };
    /** All of it, for a flag or argument that is `-`. */
    text(): Promise<string>;
  };
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly interruption: Interruption;
  /** Knows the secrets of this run; everything that is written passes through it. */
  readonly redactor: Redactor;
  now(): Date;
  /** Milliseconds that never go backwards. */
  monotonic(): number;
  setExitStatus(code: number): void;
  /** Writes a crash report (0600) into the state folder; undefined when that was not possible. */
  saveCrash(text: string): string | undefined;
};

const hosts = new WeakMap<object, Host>();

/** oclif makes command objects itself and hands them its config: the host travels with that. */
export function attachHost(config: object, host: Host): void {
  hosts.set(config, host);
}

/** The host attached to a config; a command that is made without one is a defect. */
export function hostOf(config: object): Host {
  const host = hosts.get(config);
  if (host === undefined) throw new Error('no host is attached to this config');
  return host;
}
