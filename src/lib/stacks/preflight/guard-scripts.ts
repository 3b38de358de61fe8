import { resolve } from 'node:path';
import { InfraError } from '../../errors.ts';
import { makeRedactor } from '../../secrets/redaction.ts';
import type { StackDeps } from '../deps.ts';
import type { Stack } from '../stack.ts';

const TIMEOUT_MS = 120_000;

/**
 * Runs the repository's own guards (`scripts/check-*.py`) on one stack, as its wrapper does: 0 is fine, 1 a violation,
 * anything else an error of the guard. Their output is part of the error, redacted.
 * Errors: `stack.guard-refused` (4), `stack.guard-failed` (78), those of `Processes`.
 */
export async function runGuardScripts(
  deps: { readonly clients: Pick<StackDeps['clients'], 'files' | 'processes'>; readonly site: StackDeps['site'] },
  stack: Stack,
): Promise<readonly string[]> {
  const { guards, root } = { guards: deps.site.stacks.guards.value, root: deps.site.root.value };
  const results = await Promise.all(
    guards.map(async (guard) => {
      const script = resolve(root, guard);
      // A script that may be executed says by its first line what runs it; others of that name are Python.
      const info = await deps.clients.files.info(script);
      const runsItself = info !== undefined && (info.mode & 0o111) !== 0;
      const command =
        guard.endsWith('.py') && !runsItself
          ? { program: 'python3', args: [script, stack.folder] }
          : { program: script, args: [stack.folder] };
      return {
        guard,
        finished: await deps.clients.processes.run({ ...command, cwd: root }, { timeoutMs: TIMEOUT_MS }),
      };
    }),
  );
  const broken = results.find(({ finished }) => finished.exitCode !== 0 && finished.exitCode !== 1);
  if (broken !== undefined) {
    const ending = broken.finished.exitCode ?? broken.finished.signal;
    throw new InfraError(
      'stack.guard-failed',
      'config',
      `The guard ${broken.guard} could not judge ${stack.name}: it ended with ${ending}. ${said(broken.finished)}`,
      {
        hints: [`python3 ${broken.guard} ${stack.folder}`],
      },
    );
  }
  const violated = results.filter(({ finished }) => finished.exitCode === 1);
  const [first] = violated;
  if (first !== undefined) {
    throw new InfraError(
      'stack.guard-refused',
      'refused',
      `${violated.map(({ guard }) => guard).join(', ')} refused ${stack.name}: ${said(first.finished)}`,
      {
        violations: violated.map(({ guard, finished }) => ({
          code: 'stack.guard-refused',
          message: `${guard}: ${said(finished)}`,
        })),
        hints: [`${first.guard} ${stack.folder}   (run by the repository's wrapper too)`],
      },
    );
  }
  return guards;
}

function said(finished: { readonly stdout: string; readonly stderr: string }): string {
  const text = `${finished.stdout}\n${finished.stderr}`.trim();
  return makeRedactor().redact(text === '' ? 'it said nothing.' : text);
}
