/** A folder for PATH with exactly the programs that a site's stacks and scripts call. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.ts';
import { realTool } from './tools.ts';

export type Terragrunt = '1.0.0' | '1.1.0' | '0.99';

const everyday = [
  ...[
    'sh',
    'bash',
    'env',
    'git',
    'curl',
    'cat',
    'basename',
    'dirname',
    'grep',
    'sed',
    'head',
    'cut',
    'sort',
    'tr',
    'base64',
  ],
  ...[
    'cmp',
    'mv',
    'cp',
    'rm',
    'mkdir',
    'ls',
    'id',
    'hostname',
    'date',
    'uname',
    'sleep',
    'true',
    'false',
    'ssh',
    'getent',
  ],
];

export async function makeToolbox(dir: string, terragrunt: Terragrunt): Promise<string> {
  const bin = join(dir, `bin-${terragrunt}`);
  await mkdir(bin);
  for (const name of everyday) {
    const path = (
      await run('/bin/sh', ['-c', `command -v ${name}`], { env: { PATH: '/usr/local/bin:/usr/bin:/bin' } })
    ).stdout.trim();
    if (path.startsWith('/')) await symlink(path, join(bin, name));
  }
  const real = { tofu: realTool('tofu'), sops: realTool('sops'), psql: realTool('psql'), node: process.execPath };
  for (const [name, path] of Object.entries(real)) await symlink(path, join(bin, name));
  await symlink(terragruntPath(terragrunt), join(bin, 'terragrunt'));
  // An interpreter finds its own library by where it lies, which a link would hide.
  await writeFile(join(bin, 'python3'), '#!/bin/sh\nexec /usr/bin/python3 "$@"\n', { mode: 0o755 });
  return bin;
}

function terragruntPath(version: Terragrunt): string {
  if (version === '0.99') return fileURLToPath(new URL('../fake-terragrunt/terragrunt', import.meta.url));
  return realTool(`terragrunt-${version}`);
}
