import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { ProcessIdentity } from './client.ts';

/** What a process table says of one pid. `startedAt` is equal for as long as it is the same process. */
export type Seen = { readonly startedAt: string; readonly running: boolean };

/**
 * A way to look at this machine's processes. `scope` names the part of the world in which a pid means something;
 * an identity of another scope cannot be judged from here.
 */
export type ProcessTable = {
  scope(): Promise<{ readonly boot: string; readonly space: string }>;
  see(pid: number): Promise<Seen | undefined>;
  /** Whether any process is left in the session that `pid` leads or led. */
  sessionHasMembers(pid: number): Promise<boolean>;
};

type Stat = { readonly state: string; readonly session: number; readonly startTicks: string };

/** Fields of /proc/PID/stat (proc_pid_stat(5)); the name in parentheses may hold anything, so count from its end. */
async function readStat(pid: number): Promise<Stat | undefined> {
  let text: string;
  try {
    text = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', session: Number(fields[3]), startTicks: fields[19] ?? '' };
}

const isRunning = (stat: Stat): boolean => stat.state !== 'Z' && stat.state !== 'X';

/** Linux: start time in ticks since boot, so the boot id belongs to it; pids are those of one pid namespace. */
export const linuxTable: ProcessTable = {
  async scope() {
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    return { boot, space: await readlink('/proc/self/ns/pid') };
  },
  async see(pid) {
    const stat = await readStat(pid);
    return stat === undefined ? undefined : { startedAt: stat.startTicks, running: isRunning(stat) };
  },
  async sessionHasMembers(pid) {
    for (const name of await readdir('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const stat = await readStat(Number(name));
      if (stat !== undefined && stat.session === pid && isRunning(stat)) return true;
    }
    return false;
  },
};

async function ps(args: readonly string[]): Promise<string> {
  try {
    // C locale and UTC: the start time must read the same whoever asks.
    const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' };
    return (await promisify(execFile)('ps', [...args], { env, timeout: 5000 })).stdout;
  } catch (error) {
    if ((error as { code?: unknown }).code === 1) return ''; // ps ends with 1 when no process matches.
    throw error;
  }
}

/** Elsewhere (macOS): `ps`, whose start time is a date, to the second. */
export const psTable: ProcessTable = {
  scope: async () => ({ boot: 'ps', space: 'ps' }),
  async see(pid) {
    const line = (await ps(['-o', 'stat=,lstart=', '-p', String(pid)])).trim();
    const [, state = '', startedAt = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    return startedAt === ''
      ? undefined
      : { startedAt: startedAt.replace(/\s+/g, ' '), running: !state.startsWith('Z') };
  },
  async sessionHasMembers(pid) {
    // A session's leader also leads a process group; BSD ps cannot select by session.
    const rows = (await ps(['-A', '-o', 'pgid=,stat='])).split('\n');
    return rows.some((row) => {
      const [group = '', state = ''] = row.trim().split(/\s+/);
      return Number(group) === pid && !state.startsWith('Z');
    });
  },
};

/** The identity of a process that exists now, or undefined when it has gone. */
export async function identify(pid: number, host: string, table: ProcessTable): Promise<ProcessIdentity | undefined> {
  const [scope, seen] = await Promise.all([table.scope(), table.see(pid)]);
  return seen === undefined ? undefined : { pid, startedAt: `${scope.boot} ${scope.space} ${seen.startedAt}`, host };
}

/**
 * Whether a process that was identified earlier still runs. Alive also when it has gone but left members of its
 * session behind: a killed terragrunt leaves a tofu that goes on writing. Another host, or another pid namespace
 * of the same boot, is `unknown`; another boot of this host is `dead`.
 */
export async function judgeLiveness(
  identity: ProcessIdentity,
  host: string,
  table: ProcessTable,
): Promise<'alive' | 'dead' | 'unknown'> {
  if (identity.host !== host) return 'unknown';
  const scope = await table.scope();
  if (!identity.startedAt.startsWith(`${scope.boot} `)) return 'dead';
  const prefix = `${scope.boot} ${scope.space} `;
  if (!identity.startedAt.startsWith(prefix)) return 'unknown';
  const seen = await table.see(identity.pid);
  // A pid is not given out again while a session of that number exists, so a successor proves that all are gone.
  if (seen !== undefined && seen.startedAt !== identity.startedAt.slice(prefix.length)) return 'dead';
  if (seen?.running) return 'alive';
  return (await table.sessionHasMembers(identity.pid)) ? 'alive' : 'dead';
}
