/** Programs in the place of tofu that note what a test wants to know, and then are tofu. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StacksSite } from './stacks-site.ts';
import { realTool } from './tools.ts';

/** Where plans lay while a program ran: the modes of their folders and files. See `watchPlans`. */
export interface PlanPlaces {
  seen(): Promise<{ mode: string; path: string }[]>;
}

/** From now on every `tofu plan` of infra notes where its plan was written; the folder of programs for PATH is answered. */
export async function watchPlans(site: StacksSite): Promise<PlanPlaces & { path: string }> {
  const bin = await mkdtemp(join(site.workspace.dir, 'watched-'));
  const log = join(bin, 'plans');
  await writeFile(log, '');
  const text = `#!/bin/bash
for word in "$@"; do case $word in -out=*) out=\${word#-out=} ;; esac; done
'${realTool('tofu')}' "$@"
status=$?
[ -z "\${out:-}" ] || [ ! -e "$out" ] || /usr/bin/stat -c '%a %n' "$(dirname "$out")" "$out" >>'${log}'
exit $status
`;
  await writeFile(join(bin, 'tofu'), text, { mode: 0o755 });
  return {
    path: `${bin}:${site.env.PATH}`,
    seen: async () =>
      (await readFile(log, 'utf8'))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => ({ mode: line.slice(0, 3), path: line.slice(4) })),
  };
}

/** From now on every signal that reaches a `tofu apply` is noted, and handed on; the folders of programs for PATH are answered. */
export async function watchSignals(site: StacksSite): Promise<{ path: string; seen(): Promise<string[]> }> {
  const bin = await mkdtemp(join(site.workspace.dir, 'signals-'));
  const log = join(bin, 'signals');
  await writeFile(log, '');
  const text = `#!${process.execPath}
const { spawn } = require('node:child_process');
const { appendFileSync } = require('node:fs');
const args = process.argv.slice(2);
// A group of its own: what reaches it comes through here.
const child = spawn('${realTool('tofu')}', args, { stdio: 'inherit', detached: true });
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'])
  process.on(name, () => {
    if (args.includes('apply')) appendFileSync('${log}', name + '\\n');
    child.kill(name);
  });
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 130 : 1)));
`;
  await writeFile(join(bin, 'tofu'), text, { mode: 0o755 });
  return {
    path: `${bin}:${site.env.PATH}`,
    seen: async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== ''),
  };
}
