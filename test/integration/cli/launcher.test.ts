import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyEnvironment, INFRA, run } from './run-program.ts';

const ROOT = join(import.meta.dirname, '../../..');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

/** A Node that is too old, if this machine has one on PATH outside of node_modules. */
function oldNode(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return folders
    .map((folder) => join(folder, 'node'))
    .find((node) => {
      try {
        return Number(execFileSync(node, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' })) < 22;
      } catch {
        return false;
      }
    });
}

describe('bin/run.js', () => {
  test('--version answers without the bundle', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'infra-bin-'));
    mkdirSync(join(folder, 'bin'));
    cpSync(INFRA, join(folder, 'bin/run.js'));
    cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
    expect(await run(join(folder, 'bin/run.js'), ['--version'])).toEqual({
      status: 0,
      stdout: `infra ${version}\n`,
      stderr: '',
    });
    const unbuilt = await run(join(folder, 'bin/run.js'), ['doctor']);
    expect(unbuilt.status).toBe(78);
    expect(unbuilt.stderr).toContain('infra is not built: run npm ci');
  });

  test.runIf(oldNode())('an old Node is told, in one line, which Node is needed', async () => {
    const ended = await run(INFRA, ['--version'], { node: oldNode() ?? '' });
    expect([ended.status, ended.stdout]).toEqual([78, '']);
    expect(ended.stderr).toMatch(
      /^infra needs Node \^22\.\S+ .*, this is \d+\.\d+\.\d+; run: \S+node_modules\/\.bin\/node \S+run\.js\n$/,
    );
  });

  test.each(['http', 'cluster,HTTPS', 'tls*', '*'])(
    'NODE_DEBUG=%s would print tokens: refused, in one line',
    async (value) => {
      const ended = await run(INFRA, ['user', 'list'], { env: { NODE_DEBUG: value } });
      expect([ended.status, ended.stdout]).toEqual([78, '']);
      expect(ended.stderr).toMatch(/^NODE_DEBUG .* unset it\. .*$/m);
    },
  );

  test('NODE_DEBUG of parts that see no request changes nothing', async () => {
    expect((await run(INFRA, ['completion', 'bash'], { env: { NODE_DEBUG: 'timer' } })).status).toBe(0);
  });

  test('compiled code is cached in a folder of our own that nobody else can write to', async () => {
    const env = emptyEnvironment();
    await run(INFRA, ['completion', 'bash'], { env });
    const folder = join(env.HOME, '.cache/infra/compile');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).not.toEqual([]);
  });

  test('a cache folder that others can write to is not used', async () => {
    const env = emptyEnvironment();
    const folder = join(env.HOME, '.cache/infra/compile');
    mkdirSync(folder, { recursive: true });
    execFileSync('chmod', ['777', folder]);
    await run(INFRA, ['completion', 'bash'], { env });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('it works through a link on PATH', async () => {
    const link = join(mkdtempSync(join(tmpdir(), 'infra-link-')), 'infra');
    symlinkSync(INFRA, link);
    expect((await run(link, ['completion', 'bash'])).status).toBe(0);
  });
});

describe('shell completion', () => {
  const repository = (): string => {
    const root = mkdtempSync(join(tmpdir(), 'infra-repo-'));
    mkdirSync(join(root, 'stacks/woodpecker'), { recursive: true });
    writeFileSync(join(root, 'stacks/woodpecker/terragrunt.hcl'), '');
    writeFileSync(join(root, 'infra.yaml'), '');
    return root;
  };

  test('bash offers commands and values as one types', () => {
    const env = emptyEnvironment();
    const folder = mkdtempSync(join(tmpdir(), 'infra-path-'));
    writeFileSync(join(folder, 'infra'), `#!/bin/sh\nexec '${process.execPath}' '${INFRA}' "$@"\n`, { mode: 0o755 });
    const script = [
      'source <(infra completion bash)',
      'COMP_WORDS=(infra comp); COMP_CWORD=1; _infra; echo "${COMPREPLY[*]}"',
      'COMP_WORDS=(infra completion ""); COMP_CWORD=2; _infra; echo "${COMPREPLY[*]}"',
      'COMP_WORDS=(infra completion bash --); COMP_CWORD=3; _infra; echo "${COMPREPLY[*]}"',
    ].join('\n');
    const answer = execFileSync('bash', ['-c', script], {
      env: { ...env, PATH: `${folder}${delimiter}${env.PATH}` },
      encoding: 'utf8',
    });
    expect(answer).toBe('completion\nbash zsh fish\n--debug --no-color --quiet\n');
  });

  test('it asks no server and loads no command: nothing but the repository is needed', async () => {
    const env = { VAULT_ADDR: 'http://127.0.0.1:1', INFRA_REPO: repository() };
    const ended = await run(INFRA, ['--complete', 'completion', ''], { env });
    expect(ended).toEqual({ status: 0, stdout: 'bash\t\nzsh\t\nfish\t\n', stderr: '' });
  });
});
