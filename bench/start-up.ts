import { interleaved, type Timed, timeRun } from './measure.ts';
import { type Row, ratioRow } from './row.ts';

/** The built CLI of this checkout, to be started with some arguments. */
export type Program = (...args: readonly string[]) => readonly string[];

/** Start-up of the CLI against an empty Node process. */
export async function startUpRows(infra: Program, env: Readonly<Record<string, string>>): Promise<readonly Row[]> {
  const run =
    (...args: readonly string[]): Timed =>
    () =>
      timeRun({ argv: infra(...args), env });
  const times = await interleaved(15, {
    version: run('--version'),
    help: run('user', '--help'),
    empty: () => timeRun({ argv: [process.execPath, '-e', '0'], env }),
  });
  return [
    ratioRow('infra --version vs node -e 0', times.version, times.empty, 1.5),
    ratioRow('infra user --help vs node -e 0', times.help, times.empty, 3.5),
  ];
}
