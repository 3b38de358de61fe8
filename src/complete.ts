/** Shell completion's way in: no oclif, no command, no signals. bin/run.js loads it for `--complete`. */
import { homedir } from 'node:os';
import { completionAnswer } from './lib/cli/completion/answer.ts';
import { makeFiles } from './lib/clients/files/live.ts';
import { InfraError } from './lib/errors.ts';

/**
 * Prints the candidates for the words after `infra`, up to the cursor. What goes wrong is said on stderr, which the
 * shells' scripts drop: a TAB must not fill the line with errors.
 */
export async function complete(root: string, typed: readonly string[]): Promise<void> {
  const { env } = process;
  try {
    const places = { cwd: process.cwd(), env, home: env.HOME || homedir() };
    process.stdout.write(await completionAnswer(root, typed, makeFiles(), places));
  } catch (error) {
    if (!(error instanceof InfraError)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n`);
    process.exitCode = error.exitStatus;
  }
}
