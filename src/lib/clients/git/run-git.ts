import { InfraError } from '../../errors.ts';
import type { Finished, Processes } from '../process/client.ts';

/** Runs git in a folder. Any exit status is a value. */
export type RunGit = (folder: string, args: readonly string[], options?: GitRun) => Promise<Finished>;

/** What a call needs besides its arguments. Network calls get two minutes, others 30 s. */
export type GitRun = {
  readonly signal?: AbortSignal | undefined;
  readonly stdin?: string;
  readonly network?: boolean;
  readonly config?: readonly string[];
};

/**
 * Settings of every call. Hooks are off: a hook that edits or adds files would put something else into a state commit
 * than what was proved, and one that asks would hang. Nothing is looked up or cleaned up in the background.
 */
const ALWAYS = [
  '--literal-pathspecs',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'gc.auto=0',
  '-c',
  'maintenance.auto=false',
];

/** No prompts, English texts (they are matched), and no lock on the index for what only looks. */
const ENVIRONMENT = { GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C', LANGUAGE: 'C' };

/** Makes the function that all of the client goes through. */
export function makeRunGit(processes: Pick<Processes, 'run'>): RunGit {
  return (folder, args, options = {}) => {
    const config = (options.config ?? []).flatMap((pair) => ['-c', pair]);
    return processes.run(
      {
        program: 'git',
        args: [...ALWAYS, ...config, ...args],
        cwd: folder,
        env: ENVIRONMENT,
        ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
      },
      {
        timeoutMs: options.network === true ? 120_000 : 30_000,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      },
    );
  };
}

/** The output of a call that has to succeed. Errors: `git.failed`, `git.not-a-repository`. */
export function output(finished: Finished, tried: string): string {
  if (finished.exitCode !== 0) throw gitError(finished, tried);
  return finished.stdout;
}

/** `tried` completes "Git could not …". Git's own first line follows, without passwords in addresses. */
export function gitError(finished: Finished, tried: string): InfraError {
  const said = firstLine(finished.stderr) ?? firstLine(finished.stdout) ?? `it ended with ${ending(finished)}`;
  if (isNotARepository(finished)) {
    return new InfraError('git.not-a-repository', 'config', `Git could not ${tried}: this is not a git repository.`, {
      hints: ['Run infra inside a clone of the infra repository, or give it with --repo.'],
    });
  }
  const hints = /dubious ownership/.test(finished.stderr) ? ['git config --global --add safe.directory FOLDER'] : [];
  return new InfraError('git.failed', 'unavailable', `Git could not ${tried}: ${said}.`, { hints });
}

/** True when git says that the folder belongs to no repository. */
export function isNotARepository(finished: Finished): boolean {
  return finished.exitCode === 128 && /not a git repository/.test(finished.stderr);
}

function firstLine(text: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  const line =
    lines.find((candidate) => /^(fatal|error|remote: error):/.test(candidate)) ??
    lines.find((candidate) => candidate !== '');
  return line
    ?.replace(/^(fatal|error): /, '')
    .replace(/:\/\/[^@\s/]*@/g, '://')
    .replace(/\.$/, '');
}

function ending(finished: Finished): string {
  return finished.exitCode === undefined ? `signal ${finished.signal ?? 'unknown'}` : `status ${finished.exitCode}`;
}
