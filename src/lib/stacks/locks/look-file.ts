import { dirname } from 'node:path';
import type { Clients } from '../../clients/clients.ts';
import type { Site } from '../../site/site.ts';
import { statePaths } from '../tier0/state-file.ts';
import { parseApplicationName } from './application-name.ts';
import type { Holder } from './holder.ts';

type FileDeps<Names extends keyof Clients> = { readonly clients: Pick<Clients, Names>; readonly site: Site };

/** The file in which the local backend says who has the lock (internal/states/statemgr/filesystem.go). */
export function lockInfoPath(deps: { readonly site: Site }, stack: string): string {
  return `${dirname(statePaths(deps.site, stack).plain)}/.terraform.tfstate.lock.info`;
}

type Info = { readonly id: string; readonly who: string; readonly since: string | undefined; readonly host: string };

/** Whom the info file of a Tier-0 state names, in words, while there is one that can be read. Errors: those of `Files`. */
export async function namedInFile(deps: FileDeps<'files'>, stack: string): Promise<string | undefined> {
  const info = readInfo(await deps.clients.files.read(lockInfoPath(deps, stack)));
  return info === undefined ? undefined : `${info.who}${info.since === undefined ? '' : `, since ${info.since}`}`;
}

/**
 * Who holds the local backend's lock on a Tier-0 state. The kernel's lock on the file counts, not the info file beside
 * it: that one stays behind when its writer is killed, and locks nothing. Errors: those of `Files`.
 */
export async function lookAtFile(deps: FileDeps<'files' | 'machine'>, stack: string): Promise<Holder | undefined> {
  const { files, machine } = deps.clients;
  const path = lockInfoPath(deps, stack);
  const info = readInfo(await files.read(path));
  const lockers = await machine.lockersOf(statePaths(deps.site, stack).plain);
  // In this clone: another one on this machine has a state file of its own.
  const started = await machine.startedWith('PGAPPNAME', deps.site.root.value);
  const locker =
    lockers?.[0] ??
    started?.found.find(({ value }) => info !== undefined && parseApplicationName(value)?.stack === stack);
  if (locker === undefined && info === undefined) return undefined;
  const holder = {
    place: 'file',
    lock: 'state',
    id: info?.id ?? `pid-${locker?.pid}`,
    who: info?.who ?? `${locker?.program}, pid ${locker?.pid}, on this machine`,
    since: info?.since,
    lastSeen: undefined,
    hints: [],
  } as const;
  if (locker !== undefined) {
    const evidence = [`${locker.program}, pid ${locker.pid}, works on the state on this machine.`];
    return { ...holder, life: 'alive', evidence, blocks: true };
  }
  const short = machine.host.split('.')[0];
  if (info?.host.split('.')[0] === short && lockers !== undefined) {
    const evidence = [`${path} was left behind: no program has the state locked.`];
    return { ...holder, life: 'dead', evidence, blocks: false };
  }
  const why =
    lockers === undefined
      ? 'this system does not show who has a file locked'
      : `it was written on ${info?.host}, and a lock of another machine cannot be seen here`;
  return { ...holder, life: 'unknown', evidence: [`${path} names it; ${why}.`], blocks: true };
}

function readInfo(text: string | undefined): Info | undefined {
  try {
    const { ID, Who, Operation, Created } = JSON.parse(text ?? '') as Readonly<Record<string, unknown>>;
    if (typeof ID !== 'string' || typeof Who !== 'string') return undefined;
    const since = typeof Created === 'string' && !Number.isNaN(Date.parse(Created)) ? Created : undefined;
    const what =
      typeof Operation === 'string' && Operation !== ''
        ? ` (${Operation.replace('OperationType', '').toLowerCase()})`
        : '';
    return {
      id: ID,
      who: `${Who}${what}`,
      since: since === undefined ? undefined : new Date(since).toISOString(),
      host: Who.slice(Who.lastIndexOf('@') + 1),
    };
  } catch {
    // Being written right now, or cut off: the kernel's lock tells whether somebody has it.
    return undefined;
  }
}
