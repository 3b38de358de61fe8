import { chmod, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { makeFiles } from '../../../../src/lib/clients/files/live.ts';
import { makeProcesses } from '../../../../src/lib/clients/process/live.ts';
import { makeRedactor } from '../../../../src/lib/secrets/redaction.ts';
import type { Composition } from '../../../../src/lib/stacks/scaffold/compose.ts';
import { createStack } from '../../../../src/lib/stacks/scaffold/create.ts';
import { makeSite } from '../support/site.ts';
import { temporaryFolder, writeTree } from '../support/tree.ts';

const BLOG: Composition = {
  name: 'blog',
  files: [
    { path: 'terragrunt.hcl', text: 'include "root" {}\n' },
    { path: 'main.tf', text: 'module "m" {\n  source = "../../modules/m"\n}\n' },
  ],
  links: [{ path: 'secrets', target: '../../secrets' }],
  dependencies: [],
  firstApply: [],
};

let root: string;
let bin: string;
beforeEach(async () => {
  [root, bin] = [await temporaryFolder(), await temporaryFolder()];
  await writeTree(root, { 'stacks/vault/terragrunt.hcl': '', 'modules/m/main.tf': '', 'secrets/key.pem': 'pem' });
});

async function program(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

/** A tofu that looks at its folder like the real one, and answers validate with `result`. */
const tofu = (result: string, init = 0): Promise<void> =>
  program(
    join(bin, 'tofu'),
    `case "$1" in
init) [ -f ../../modules/m/main.tf ] && [ -f secrets/key.pem ] || { echo 'Error: Unreadable module directory' >&2; exit 1; }
  : > .terraform.lock.hcl; [ ${init} = 0 ] || echo 'Error: Failed to query available provider packages' >&2; exit ${init} ;;
validate) cat <<'EOF'
${result}
EOF
esac`,
  );

const VALID = '{"valid": true, "diagnostics": []}';

function create(guards: readonly string[] = [], validate = true) {
  const env = { PATH: `${bin}:/usr/bin:/bin` };
  const clients = { files: makeFiles(), processes: makeProcesses({ env, cwd: root, redactor: makeRedactor() }) };
  return createStack(clients, makeSite({ root, guards }), BLOG, { validate });
}

/** Everything in the repository, to see that nothing was left. */
const everything = async (): Promise<readonly string[]> => (await readdir(root, { recursive: true })).sort();

test('files and links are there at once, checked where relative paths lead as they will', async () => {
  await tofu(VALID);
  await program(join(root, 'check-ok.py'), '[ "$(basename "$1")" = blog ] && [ -f "$1/main.tf" ]');
  const findings = await create(['check-ok.py']);
  expect(findings.map(({ title, verdict }) => `${verdict} ${title}`)).toEqual(['PASS guards', 'PASS tofu validate']);
  expect((await readdir(join(root, 'stacks/blog'))).sort()).toEqual(['main.tf', 'secrets', 'terragrunt.hcl']);
  expect(await readlink(join(root, 'stacks/blog/secrets'))).toBe('../../secrets');
  expect(await readFile(join(root, 'stacks/blog/secrets/key.pem'), 'utf8')).toBe('pem');
  expect((await readdir(root)).filter((name) => name.startsWith('.infra'))).toEqual([]);
});

test('a guard that refuses leaves nothing behind', async () => {
  await tofu(VALID);
  await program(join(root, 'check-no.py'), 'echo "main.tf: no description"; exit 1');
  const before = await everything();
  await expect(create(['check-no.py'])).rejects.toMatchObject({ code: 'stack.guard-refused', status: 'refused' });
  expect(await everything()).toEqual(before);
});

test('a configuration that is not valid leaves nothing behind, and every error is told', async () => {
  const error = (summary: string): object => ({
    severity: 'error',
    summary,
    detail: 'more\nlines',
    range: { filename: 'main.tf' },
  });
  await tofu(
    JSON.stringify({ valid: false, diagnostics: [error('Unsupported argument'), error('Missing required argument')] }),
  );
  const before = await everything();
  await expect(create()).rejects.toMatchObject({
    code: 'stack.new-invalid',
    status: 'refused',
    violations: [
      { message: 'main.tf: Unsupported argument: more' },
      { message: 'main.tf: Missing required argument: more' },
    ],
  });
  expect(await everything()).toEqual(before);
});

test('providers that cannot be had, and no tool at all, are unknown and no success', async () => {
  await tofu(VALID, 1);
  expect(await create()).toMatchObject([
    { verdict: 'SKIP' },
    {
      verdict: 'UNKNOWN',
      reason: 'no-providers',
      detail: expect.stringContaining('Failed to query available provider'),
    },
  ]);
  await tofu('not json');
  await makeFiles().remove(join(root, 'stacks/blog'));
  expect(await create()).toMatchObject([{}, { verdict: 'UNKNOWN', reason: 'bad-output' }]);
});

test('what an interrupted run left is cleared away', async () => {
  await writeTree(root, { '.infra-new-blog/blog/terragrunt.hcl': 'old', '.infra-new-blog/blog/old.tf': '' });
  await create([], false);
  expect((await readdir(join(root, 'stacks/blog'))).sort()).toEqual(['main.tf', 'secrets', 'terragrunt.hcl']);
  expect(await readdir(root)).not.toContain('.infra-new-blog');
});
