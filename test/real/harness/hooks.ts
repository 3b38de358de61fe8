/**
 * Programs that do what they always do, and around it what a test wants to happen at that very moment. An event is
 * `tofu-apply-vault` (program, verb, folder it runs in) or `sops-encrypt`. Hooks do not run inside of hooks.
 */
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Site } from './site.ts';
import { realTool } from './tools.ts';
import { until } from './until.ts';

export interface Gate {
  /** Waits until a program stands before the gate. Answers its process id. */
  reached(): Promise<number>;
  open(): Promise<void>;
}

export interface Hooks {
  /** A shell script to run once, right before or after the event. */
  once(when: 'before' | 'after', event: string, script: string): Promise<void>;
  /** The program waits before it does anything. */
  gate(event: string): Promise<Gate>;
  /** `start EVENT PID` and `end EVENT PID`, in their order. */
  log(): Promise<string[]>;
}

/** Puts hooks around tofu and sops, for every clone that shares the site's programs. */
export async function hookPrograms(site: Pick<Site, 'env'>): Promise<Hooks> {
  const dir = await mkdtemp(join(site.env.TMPDIR ?? '', 'hooks-'));
  const log = join(dir, 'log');
  await appendFile(log, '');
  const bin = site.env.PATH ?? '';
  await wrap(bin, 'tofu', realTool('tofu'), dir, '-${PWD##*/}');
  await wrap(bin, 'sops', realTool('sops'), dir, '');
  const once: Hooks['once'] = (when, event, script) => writeFile(join(dir, `${when}-${event}`), script);
  return {
    once,
    gate: async (event) => {
      const closed = join(dir, `closed-${event}`);
      const waiting = join(dir, `waiting-${event}`);
      await rm(waiting, { force: true });
      await writeFile(closed, '');
      await once('before', event, `echo $PPID >'${waiting}'; while [ -e '${closed}' ]; do sleep 0.02; done`);
      return {
        reached: () =>
          until(
            `${event} to start`,
            async () => (existsSync(waiting) ? Number(await readFile(waiting, 'utf8')) : undefined),
            120,
          ),
        open: () => rm(closed),
      };
    },
    log: async () => (await readFile(log, 'utf8')).trim().split('\n'),
  };
}

/** The verb is --encrypt or --decrypt, else the first word without a dash. */
async function wrap(bin: string, name: string, real: string, dir: string, where: string): Promise<void> {
  const text = `#!/bin/sh
verb=
for word in "$@"; do case $word in --encrypt | --decrypt) verb=\${word#--} ;; -*) ;; *) verb=\${verb:-$word} ;; esac; done
event=${name}-$verb${where}
[ -z "\${INSIDE_HOOK:-}" ] || exec '${real}' "$@"
hook() {
  [ -e "${dir}/$1-$event" ] || return 0
  mv "${dir}/$1-$event" "${dir}/running-$1-$event" # once only
  INSIDE_HOOK=1 sh "${dir}/running-$1-$event" >>"${dir}/output" 2>&1 </dev/null
}
echo "start $event $$" >>'${dir}/log'
hook before
'${real}' "$@"
status=$?
hook after
echo "end $event $$" >>'${dir}/log'
exit $status
`;
  await rm(join(bin, name));
  await writeFile(join(bin, name), text, { mode: 0o755 });
}
