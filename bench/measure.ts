import { spawn } from 'node:child_process';

/** A program run as a whole: argv and environment. `statuses` are those it may end with, by default 0 only. */
export type Invocation = {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly statuses?: readonly number[];
};

/** Something that takes time, in milliseconds. */
export type Timed = () => Promise<number>;

/** The end of the output of a failed program that is shown. */
const SHOWN = 4000;

/**
 * Wall-clock milliseconds of one run, from spawn to close. The event loop stays free meanwhile, because the servers that
 * the program talks to live in this process. Throws when it ends with another status than allowed.
 */
export async function timeRun({ argv, env, cwd, statuses = [0] }: Invocation): Promise<number> {
  const [program = '', ...args] = argv;
  const started = performance.now();
  return await new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(cwd === undefined ? {} : { cwd }),
    });
    let text = '';
    const keep = (chunk: Buffer): void => {
      text = (text + chunk.toString()).slice(-SHOWN);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('close', (code) => {
      if (statuses.includes(code ?? -1)) resolve(performance.now() - started);
      else reject(new Error(`${argv.join(' ')} ended with ${code}:\n${text}`));
    });
  });
}

/** The middle value of several. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/**
 * Several measures in turn, A B C A B C …, after one warm-up of each, so that what else the machine does hits all of
 * them alike. The medians, by name.
 */
export async function interleaved<Name extends string>(
  runs: number,
  measures: Readonly<Record<Name, Timed>>,
): Promise<Readonly<Record<Name, number>>> {
  const names = Object.keys(measures) as Name[];
  const times = new Map(names.map((name) => [name, [] as number[]]));
  for (let run = 0; run <= runs; run += 1) {
    for (const name of names) {
      const ms = await measures[name]();
      if (run > 0) times.get(name)?.push(ms);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name) ?? [])])) as Record<Name, number>;
}
