import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CATALOGUE } from '../src/lib/diagnosis/signatures/catalogue.ts';
import { writeLogCorpus } from './log-corpus.ts';
import { interleaved, timeRun } from './measure.ts';
import { type Row, ratioRow } from './row.ts';
import type { Program } from './start-up.ts';

const GIB = 1024 * 1024 * 1024;

/** A signature as `grep -E` understands it: what must not follow is left out, what must follow is asked for in order. */
function asExtended(source: string): string {
  return source
    .replaceAll(/\(\?!(?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)/g, '')
    .replaceAll('(?=', '(')
    .replaceAll('(?:', '(')
    .replaceAll('\\d', '[0-9]')
    .replaceAll('\\/', '/')
    .replaceAll('[\\s\\S]', '.');
}

/** The largest resident set of the command, in MiB: the kernel's own high-water mark, read while it runs. */
async function residentMiB(argv: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { env: { ...env }, stdio: 'ignore' });
  const seen = { kib: 0 };
  const look = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      seen.kib = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? seen.kib);
    } catch {
      // It has just ended.
    }
  }, 50);
  await once(child, 'close');
  clearInterval(look);
  return seen.kib / 1024;
}

/** `infra diagnose logs` over 1 GiB against grep with all signatures at once, in the C locale, where grep is fastest. */
export async function diagnoseLogsRows(
  infra: Program,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<readonly Row[]> {
  const log = join(folder, 'day.log');
  const patterns = join(folder, 'patterns');
  await writeLogCorpus(log, GIB);
  writeFileSync(patterns, `${CATALOGUE.map(({ pattern }) => asExtended(pattern.source)).join('\n')}\n`);
  const argv = infra('diagnose', 'logs', log);
  const times = await interleaved(1, {
    infra: () => timeRun({ argv, env, statuses: [2] }),
    grep: () => timeRun({ argv: ['grep', '-E', '-i', '-c', '-f', patterns, log], env: { ...env, LC_ALL: 'C' } }),
  });
  const resident = await residentMiB(argv, env);
  return [
    ratioRow('diagnose logs of 1 GiB vs grep -E -i -f', times.infra, times.grep, 3),
    { measure: 'memory of that', value: resident, unit: 'MiB', limit: 150, detail: 'VmHWM of the process' },
  ];
}
