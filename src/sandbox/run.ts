import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { type Sandbox, startSandbox } from './start.ts';
import { WORLDS } from './worlds/catalogue.ts';

/** What to run and in which world. Without a command an interactive shell is run, in the repository. */
export type SandboxRun = {
  readonly world: string;
  readonly command: readonly string[];
  readonly authentik: boolean;
  readonly keep: boolean;
  /** The caller's environment; only what describes the terminal and the language is handed on. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by a signal that comes before the command has started; afterwards signals are the command's. */
  readonly interrupt: AbortSignal;
  /** Writes a line for the operator, to stderr. */
  readonly say: (line: string) => void;
};

const HANDED_ON = ['TERM', 'COLORTERM', 'NO_COLOR', 'FORCE_COLOR', 'COLUMNS', 'LINES', 'LANG', 'LC_ALL', 'LC_CTYPE'];

/** The worlds as `--list` shows them. */
export function listWorlds(): readonly { readonly name: string; readonly symptom: string }[] {
  return WORLDS.map(({ name, symptom }) => ({ name, symptom }));
}

/**
 * Plays a world around a command and returns the command's exit status: 128 + signal for one that was killed, 127 and
 * 126 as shells have them. SIGTERM and SIGHUP go on to the command; SIGINT reaches it from the terminal and is held
 * here, so that it can end in its own way. Afterwards everything is stopped and removed, unless `keep`.
 * Errors: `sandbox.no-such-world` (64); the interrupt's reason when it came before the command had started.
 */
export async function runSandbox(run: SandboxRun): Promise<number> {
  const sandbox = await startSandbox({ world: run.world, authentik: run.authentik, keep: run.keep });
  const child: Child = { kill: () => undefined };
  const giveBack = takeSignals(child);
  try {
    run.interrupt.throwIfAborted();
    if (run.command.length === 0) greet(run, sandbox);
    return await runCommand(run, sandbox, child);
  } finally {
    await sandbox.stop();
    giveBack();
    if (run.keep) run.say(`Kept: ${sandbox.dir}`);
  }
}

/** The running command; before it has started there is nobody to tell. */
type Child = { kill: (signal: NodeJS.Signals) => void };

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Takes the signals from whoever listens: what they mean is for the command to say, and nobody else has a word on it.
 * Returns how to give them back.
 */
function takeSignals(child: Child): () => void {
  const restore = SIGNALS.map((signal) => {
    const others = process.listeners(signal);
    const own = () => {
      if (signal !== 'SIGINT') child.kill(signal);
    };
    process.on(signal, own);
    for (const other of others) process.off(signal, other);
    return () => {
      for (const other of others) process.on(signal, other);
      process.off(signal, own);
    };
  });
  return () => {
    for (const one of restore) one();
  };
}

function greet({ world, say }: SandboxRun, { repo }: Sandbox): void {
  const symptom = WORLDS.find((each) => each.name === world)?.symptom ?? '';
  say(`Sandbox, world ${world}: ${symptom}.`);
  say(`Repository ${repo}; no server outside this machine can be reached by infra in here.`);
  say('Try: infra user add alice --email alice@example.com    Leave: exit');
}

async function runCommand(run: SandboxRun, sandbox: Sandbox, running: Child): Promise<number> {
  const shell = run.env.SHELL ?? '/bin/sh';
  const [program = shell, ...argv] = run.command;
  const handedOn = HANDED_ON.flatMap((name) => {
    const value = run.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const child = spawn(program, argv, {
    stdio: 'inherit',
    env: { ...Object.fromEntries(handedOn), SHELL: shell, ...sandbox.env },
    ...(run.command.length === 0 ? { cwd: sandbox.repo } : {}),
  });
  running.kill = (signal) => {
    child.kill(signal);
  };
  return new Promise<number>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT' && error.code !== 'EACCES') reject(error);
      run.say(`${program}: ${error.code === 'ENOENT' ? 'not found' : 'may not be executed'}`);
      resolve(error.code === 'ENOENT' ? 127 : 126);
    });
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
