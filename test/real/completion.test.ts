/** The completion of each shell, typed in that shell: Debian's bash, zsh and fish. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/start.ts';
import { INFRA, run } from '../integration/cli/run-program.ts';

/** A shell, and how it is asked what follows some words. zsh's own menu needs a terminal: what it would show is printed. */
const SHELLS: Readonly<Record<string, (words: readonly string[]) => readonly string[]>> = {
  bash: (words) => [
    'bash',
    '--norc',
    '-c',
    `source <(infra completion bash); COMP_WORDS=(${quoted(words)}); COMP_CWORD=${words.length - 1}; _infra; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ],
  zsh: (words) => [
    'zsh',
    '-f',
    '-c',
    `compdef() { registered=$*; }; _files() { print files; }; _describe() { print -rl -- "\${(@P)2}"; }
     source <(infra completion zsh); [[ $registered == "_infra infra" ]] || exit 9
     words=(${quoted(words)}); CURRENT=${words.length}; _infra`,
  ],
  fish: (words) => ['fish', '--no-config', '-c', `infra completion fish | source; complete -C '${words.join(' ')}'`],
};

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');

describe.each(Object.keys(SHELLS))('a TAB in %s', (shell) => {
  let home: string;
  let env: Record<string, string>;

  /** Candidates without their descriptions, sorted. */
  async function candidates(...words: readonly string[]): Promise<readonly string[]> {
    const [program = '', ...args] = SHELLS[shell]?.(['infra', ...words]) ?? [];
    const { stdout, stderr } = await promisify(execFile)(program, args, { env });
    expect(stderr).toBe('');
    return stdout
      .split('\n')
      .map((line) => line.split(shell === 'zsh' ? ':' : '\t')[0] ?? '')
      .filter((line) => line !== '')
      .sort();
  }

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'infra-completion-'));
    await mkdir(join(home, 'bin'));
    await symlink(INFRA, join(home, 'bin/infra'));
    const node = join(process.execPath, '..');
    const repo = join(home, 'repo');
    await mkdir(join(repo, 'stacks/plex'), { recursive: true });
    await writeFile(join(repo, 'terragrunt.hcl'), '');
    await writeFile(join(repo, 'stacks/plex/terragrunt.hcl'), '');
    const sandbox = await startSandbox();
    try {
      env = { ...sandbox.env, HOME: home, XDG_CACHE_HOME: join(home, 'cache'), XDG_STATE_HOME: join(home, 'state') };
      env.PATH = [join(home, 'bin'), node, process.env.PATH].join(delimiter);
      env.INFRA_REPO = repo;
      // What a command has seen is what a TAB offers: no server is asked for it.
      expect(await run(INFRA, ['user', 'list'], { env })).toMatchObject({ status: 0 });
    } finally {
      await sandbox.stop();
    }
  });

  afterAll(async () => {
    await rm(home, { recursive: true, force: true });
  });

  test('completes topics, commands, flags and the values that a flag can have', async () => {
    expect(await candidates('sta')).toEqual(['stack']);
    expect(await candidates('stack', 'dr')).toEqual(['drift']);
    expect(await candidates('stack', 'plan', '--exit')).toEqual(['--exit-code']);
    expect(await candidates('stack', 'graph', '--format', 'mer')).toEqual(['mermaid']);
  });

  test('completes users that were seen, and stacks that are there', async () => {
    expect(await candidates('user', 'show', 'root')).toEqual(['root-admin']);
    expect(await candidates('stack', 'plan', 'pl')).toEqual(['plex']);
  });

  test('an empty word offers everything that may follow', async () => {
    expect(await candidates('mail', '')).toEqual(expect.arrayContaining(['check-ports', 'dns']));
  });
});
