import { spawnSync } from 'node:child_process';

/** A program run as a whole: argv and environment. */
export type Invocation = {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
};

/** Wall-clock milliseconds of one run; throws when it ends with another status than `expected`. */
export function timeOnce(invocation: Invocation, expected: readonly number[] = [0]): number {
  const [program = '', ...args] = invocation.argv;
  const started = performance.now();
  const done = spawnSync(program, args, {
    env: { ...invocation.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
    ...(invocation.cwd === undefined ? {} : { cwd: invocation.cwd }),
  });
  const ms = performance.now() - started;
  if (!expected.includes(done.status ?? -1)) {
    throw new Error(
      `${invocation.argv.join(' ')} ended with ${done.status}:\n${done.stderr}${done.stdout}`.slice(0, 4000),
    );
  }
  return ms;
}

/** Like timeOnce, but leaves the event loop free for servers that live in this process. */
export async function timeBeside(invocation: Invocation, expected: readonly number[] = [0]): Promise<number> {
  const { spawn } = await import('node:child_process');
  const [program = '', ...args] = invocation.argv;
  const started = performance.now();
  return await new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...invocation.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(invocation.cwd === undefined ? {} : { cwd: invocation.cwd }),
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-4000);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-4000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (expected.includes(code ?? -1)) resolve(performance.now() - started);
      else reject(new Error(`${invocation.argv.join(' ')} ended with ${code}:\n${text}`));
    });
  });
}

/** The middle value of several. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Two measures in turn, A B A B …, after one warm-up of each: the medians. */
export async function interleaved(
  runs: number,
  a: () => number | Promise<number>,
  b: () => number | Promise<number>,
): Promise<{ a: number; b: number }> {
  await a();
  await b();
  const left: number[] = [];
  const right: number[] = [];
  for (let index = 0; index < runs; index += 1) {
    left.push(await a());
    right.push(await b());
  }
  return { a: median(left), b: median(right) };
}
