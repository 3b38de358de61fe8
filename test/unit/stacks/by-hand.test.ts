import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commitByHand } from '../../../src/lib/stacks/tier0/by-hand.ts';
import { statePaths } from '../../../src/lib/stacks/tier0/state-file.ts';
import { fakeSite } from '../../fakes/site.ts';

test('the line that commits a state works for the first one of a stack, in a folder with blanks', () => {
  const root = join(mkdtempSync(join(tmpdir(), 'by-hand-')), 'infra of ours');
  const site = fakeSite(root);
  const paths = statePaths(site, 'vault');
  mkdirSync(join(paths.encrypted, '..'), { recursive: true });
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', root, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
      encoding: 'utf8',
    });
  git('init', '-q');
  git('commit', '-q', '--allow-empty', '-m', 'begin');
  writeFileSync(paths.encrypted, '{"sops":{}}\n');
  const env = {
    ...process.env,
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@b',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@b',
  };
  execFileSync('/bin/sh', ['-c', commitByHand(site, 'vault', paths)], { env, stdio: 'pipe' });
  expect(git('log', '-1', '--format=%s', '--', paths.encryptedInGit)).toBe('state(vault): update encrypted state\n');
});
