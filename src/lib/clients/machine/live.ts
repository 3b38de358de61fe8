import { readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { isLoopbackHost } from '../http/loopback.ts';
import type { Machine, Seen } from './client.ts';

/** This machine, by proc(5). Elsewhere than on Linux everything is unknown. */
export function makeMachine(platform: NodeJS.Platform = process.platform): Machine {
  const isLinux = platform === 'linux';
  return {
    host: hostname(),
    startedWith: async (variable, within) => (isLinux ? await startedWith(variable, within) : undefined),
    connection: async (local, remote) => (isLinux ? await connection(local, remote) : undefined),
    lockersOf: async (path) => (isLinux ? await lockersOf(path) : undefined),
    isOwnAddress: (address) =>
      isLoopbackHost(address) ||
      Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === address)),
  };
}

/** A file below /proc, `denied`, or undefined when the process has gone. */
async function readProc(path: string): Promise<string | 'denied' | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    if (code === 'EACCES' || code === 'EPERM') return 'denied';
    throw error;
  }
}

const pids = async (): Promise<readonly string[]> => (await readdir('/proc')).filter((name) => /^\d+$/.test(name));

async function seen(pid: string): Promise<Seen> {
  const program = await readProc(`/proc/${pid}/comm`);
  return { pid: Number(pid), program: program === undefined || program === 'denied' ? '?' : program.trim() };
}

async function startedWith(variable: string, within?: string): ReturnType<Machine['startedWith']> {
  // Mounted with hidepid, /proc shows nothing of others, not even that they are there.
  const first = await readProc('/proc/1/comm');
  if (first === undefined || first === 'denied') return undefined;
  const folder = within === undefined ? undefined : await realpath(within).catch(() => within);
  const found: (Seen & { value: string })[] = [];
  const hidden: Seen[] = [];
  for (const pid of await pids()) {
    const text = await readProc(`/proc/${pid}/environ`);
    if (text === 'denied') hidden.push(await seen(pid));
    const line = text?.split('\0').find((one) => one.startsWith(`${variable}=`));
    if (line !== undefined && (folder === undefined || (await worksIn(pid, folder))))
      found.push({ ...(await seen(pid)), value: line.slice(variable.length + 1) });
  }
  return { found, hidden };
}

/** Whether a process works in a folder or below it; one whose folder nobody may see might. */
async function worksIn(pid: string, folder: string): Promise<boolean> {
  try {
    const cwd = await readlink(`/proc/${pid}/cwd`);
    return cwd === folder || cwd.startsWith(`${folder}/`);
  } catch {
    return true;
  }
}

/** Columns of /proc/net/tcp and tcp6 (proc_pid_net(5)): local and remote as HEX:PORT, state, …, the inode as tenth. */
async function connection(localPort: number, remotePort: number): ReturnType<Machine['connection']> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readProc(`/proc/net/${name}`)));
  if (tables.every((table) => table === undefined || table === 'denied')) return undefined;
  const ends = [localPort, remotePort].map((port) => port.toString(16).toUpperCase().padStart(4, '0'));
  const rows = tables.flatMap((table) => (table ?? '').split('\n').map((line) => line.trim().split(/\s+/)));
  const row = rows.find(([, local, remote]) => local?.endsWith(`:${ends[0]}`) && remote?.endsWith(`:${ends[1]}`));
  const inode = row?.[9];
  // Closed on this side (a zero inode): nobody has it any more.
  if (row === undefined || inode === undefined || inode === '0') return 'none';
  return { owner: await ownerOf(`socket:[${inode}]`) };
}

async function ownerOf(link: string): Promise<Seen | undefined> {
  for (const pid of await pids()) {
    const folder = `/proc/${pid}/fd`;
    for (const fd of await readdir(folder).catch(() => [])) {
      if ((await readlink(`${folder}/${fd}`).catch(() => '')) === link) return seen(pid);
    }
  }
  return undefined;
}

/** Lines of /proc/locks (proc_locks(5)): `1: POSIX ADVISORY WRITE 4711 08:01:131 0 EOF`; device numbers in hex. */
async function lockersOf(path: string): ReturnType<Machine['lockersOf']> {
  const table = await readProc('/proc/locks');
  const file = await stat(path).catch(() => undefined);
  if (table === undefined || table === 'denied') return undefined;
  if (file === undefined) return [];
  const holders = table.split('\n').flatMap((line) => {
    const [, kind, , access, pid, where] = line.trim().split(/\s+/);
    const inode = where?.split(':')[2];
    // Some file systems (overlay, btrfs) report another device than stat does: the inode and the pid decide.
    return kind === 'POSIX' && access === 'WRITE' && inode === String(file.ino) && Number(pid) > 0 ? [pid ?? ''] : [];
  });
  return Promise.all(holders.map(seen));
}
