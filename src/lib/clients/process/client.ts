import type { Secret } from '../../secrets/secret.ts';

/** A program to run: an argv array, never a shell line. Secrets travel in `secretEnv` or `stdin` only. */
export type Command = {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Added to the environment of infra itself. */
  readonly env?: Readonly<Record<string, string>>;
  readonly secretEnv?: Readonly<Record<string, Secret>>;
  readonly stdin?: string | Secret;
};

/** How a program ended. `exitCode` is undefined when a signal ended it. */
export type Finished = {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
};

/** Names one process for good: a pid is reused, a pid with its start time and host is not. */
export type ProcessIdentity = { readonly pid: number; readonly startedAt: string; readonly host: string };

/** Options of a read: it may be killed at any time. */
export type RunOptions = {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly onLine?: (line: string) => void;
};

/** Options of a child that may change state: it gets one interrupt and then as long as it needs. */
export type HoldOptions = {
  /** A 0700 folder for the files `stdout` and `stderr`, so that the child outlives infra without a broken pipe. */
  readonly outputFolder: string;
  /** Called as soon as the child runs and before anything else happens, to journal it. */
  readonly onStart: (child: ProcessIdentity) => Promise<void>;
  /** Aborting it sends one SIGINT to the child; nothing else is ever sent. */
  readonly interrupt: AbortSignal;
  /** Called with each whole line of stdout while the child runs. */
  readonly onLine?: (line: string) => void;
};

/**
 * Programs. Errors: `process.not-found` (78) when the program is not on PATH, `process.bad-cwd` (78),
 * `process.not-started` (78: the system refused), `process.timeout` (69), `process.output-too-large` (69: `run` only),
 * `process.cancelled` (130). A non-zero exit is a value, not an error.
 */
export type Processes = {
  run(command: Command, options?: RunOptions): Promise<Finished>;
  hold(command: Command, options: HoldOptions): Promise<Finished>;
  /** Absolute path of a program on PATH, or undefined. */
  which(program: string): Promise<string | undefined>;
  /** `unknown` when it belongs to another host. */
  liveness(identity: ProcessIdentity): Promise<'alive' | 'dead' | 'unknown'>;
  self(): Promise<ProcessIdentity>;
  /** Cores that may be used, and the memory limit in bytes: the cgroup's where there is one, else the machine's. */
  capacity(): { readonly cores: number; readonly memoryBytes: number };
};
