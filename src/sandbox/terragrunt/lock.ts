import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Diagnosed } from './failure.ts';
import type { StackFaults } from './faults.ts';
import { TOFU_VERSION } from './state.ts';
import type { Workspace } from './workspace.ts';

/** Who holds a lock. The pg lock's file carries what `pg_stat_activity` would show. */
type Holder = {
  readonly pid: number;
  readonly info: Info;
  readonly application_name: string;
  readonly backend_start: string;
};

type Info = {
  readonly ID: string;
  readonly Operation: string;
  readonly Info: string;
  readonly Who: string;
  readonly Version: string;
  readonly Created: string;
  readonly Path: string;
};

/** How a lock is to be taken. `timeoutMs` is the `-lock-timeout`. */
export type LockRequest = {
  readonly operation: 'OperationTypePlan' | 'OperationTypeApply';
  readonly timeoutMs: number;
  readonly applicationName: string;
  readonly faults: () => StackFaults;
  readonly onWait: () => void;
};

/**
 * Takes the state's lock and returns how to give it back. Local state: the info file beside the state, naming the
 * holder. PostgreSQL: a session lock that ends with its process, and an error that names only the caller.
 * Errors: Diagnosed "Error acquiring the state lock".
 */
export async function takeLock(workspace: Workspace, request: LockRequest): Promise<() => void> {
  const file = join(workspace.sandboxDir, workspace.tier === 0 ? 'locks' : 'pg', `${workspace.stack}.lock`);
  const end = Date.now() + request.timeoutMs;
  const mine: Holder = {
    pid: process.pid,
    info: infoOf(workspace, request.operation),
    application_name: request.applicationName,
    backend_start: new Date().toISOString(),
  };
  const infoFile = join(dirname(workspace.stateFile), '.terraform.tfstate.lock.info');
  mkdirSync(dirname(file), { recursive: true });
  for (let tries = 0; ; tries += 1) {
    const { lockedBy } = request.faults();
    const holder = lockedBy === undefined ? grab(file, mine) : imposed(workspace, lockedBy);
    if (holder === undefined) break;
    // Nobody runs who could have said so beside the state.
    if (lockedBy !== undefined && workspace.tier === 0) writeInfo(infoFile, holder.info);
    if (Date.now() >= end) throw refusal(workspace, holder, mine);
    if (tries === 3) request.onWait();
    await sleep(100);
  }
  if (workspace.tier === 0) writeInfo(infoFile, mine.info);
  return () => {
    rmSync(file, { force: true });
    if (workspace.tier === 0) rmSync(infoFile, { force: true });
  };
}

function writeInfo(file: string, info: Info): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(info));
}

/** Takes a free lock, or one whose holder is dead; gives the live holder otherwise. */
function grab(file: string, mine: Holder): Holder | undefined {
  try {
    writeFileSync(file, JSON.stringify(mine), { flag: 'wx', mode: 0o600 });
    return undefined;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // Given back in between: the next try gets it.
    return mine;
  }
  const holder = text === '' ? mine : (JSON.parse(text) as Holder);
  if (isAlive(holder.pid)) return holder;
  rmSync(file, { force: true });
  return grab(file, mine);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function imposed(workspace: Workspace, who: string): Holder {
  const created = new Date(Date.now() - 90_000).toISOString();
  const info = { ...infoOf(workspace, 'OperationTypeApply'), Who: who, Created: created };
  return { pid: 0, info, application_name: who, backend_start: created };
}

function infoOf(workspace: Workspace, operation: string): Info {
  return {
    ID: randomUUID(),
    Operation: operation,
    Info: '',
    Who: `${userInfo().username}@${hostname()}`,
    Version: TOFU_VERSION,
    Created: new Date().toISOString().replace('Z', '000000Z'),
    Path: workspace.tier === 0 ? workspace.stateFile : '',
  };
}

function refusal(workspace: Workspace, holder: Holder, mine: Holder): Diagnosed {
  const local = workspace.tier === 0;
  const shown = local ? holder.info : mine.info;
  const reason = local ? 'resource temporarily unavailable' : 'Workspace is already locked: default';
  const created = shown.Created.replace('T', ' ').replace('Z', ' +0000 UTC');
  return new Diagnosed(
    'Error acquiring the state lock',
    `Error message: ${reason}\nLock Info:\n  ID:        ${shown.ID}\n  Path:      ${shown.Path}\n  Operation: ${shown.Operation}\n  Who:       ${shown.Who}\n  Version:   ${shown.Version}\n  Created:   ${created}\n  Info:      \n\n\nOpenTofu acquires a state lock to protect the state from being written\nby multiple users at the same time. Please resolve the issue above and try\nagain. For most commands, you can disable locking with the "-lock=false"\nflag, but this is not recommended.`,
  );
}
