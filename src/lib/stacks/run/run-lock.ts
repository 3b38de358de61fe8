import type { Clients } from '../../clients/clients.ts';
import type { ProcessIdentity } from '../../clients/process/client.ts';
import { InfraError } from '../../errors.ts';
import { siteHash } from '../tier0/pending.ts';
import { isIdentity } from '../tier0/vault-lock.ts';

/** Milliseconds between two looks at a holder that is waited for. */
const LOOK_MS = 200;

/** Who holds a lock file: infra, the run, and the child that it may leave behind. */
export type LockHolder = { readonly infra: ProcessIdentity; readonly run: string; readonly child?: ProcessIdentity };

/** A lock file that this process holds. `previous` is the dead holder that it was taken from, evidence of a kill. */
export type RunLock = {
  readonly previous: LockHolder | undefined;
  setChild(child: ProcessIdentity | undefined): Promise<void>;
  release(): Promise<void>;
};

/** What to lock and how patiently. `waitMs` is how long a living infra is waited for; an orphaned child always is. */
export type LockRequest = {
  readonly stateFolder: string;
  readonly siteRoot: string;
  /** `user-alice`, `stack-vault`. */
  readonly target: string;
  readonly run: string;
  readonly waitMs: number;
  readonly interrupt: AbortSignal;
  readonly onWait?: (text: string) => void;
};

type LockClients = Pick<Clients, 'files' | 'processes' | 'clock'>;

/**
 * Takes the lock file `<stateFolder>/locks/<site>-<target>.json`, which excludes a second run on this machine. It names
 * infra and its child; a holder is dead only when both are. The child of a killed infra is waited for, however long it
 * takes: nothing runs beside it and nobody ends it. A holder on another host (a shared home folder) cannot be judged and
 * counts as alive. Errors: `run.locked` (75) naming the holder; the interrupt's reason.
 */
export async function takeRunLock(clients: LockClients, request: LockRequest): Promise<RunLock> {
  const path = lockPath(request);
  const infra = await clients.processes.self();
  let child: ProcessIdentity | undefined;
  const text = (): string => {
    const holder: LockHolder = { infra, run: request.run, ...(child === undefined ? {} : { child }) };
    return `${JSON.stringify(holder)}\n`;
  };
  const previous = await waitForTurn(clients, request, path, text());
  return {
    previous,
    async setChild(next) {
      child = next;
      await clients.files.writeAtomic(path, text(), 0o600);
    },
    release: () => clients.files.remove(path),
  };
}

/** Who holds a lock file now and whether it lives, or undefined: nobody, or one that is gone. Takes and waits for nothing. */
export async function lookAtRunLock(
  clients: Pick<Clients, 'files' | 'processes'>,
  request: Pick<LockRequest, 'stateFolder' | 'siteRoot' | 'target'>,
): Promise<LockHolder | undefined> {
  const holder = readHolder(await clients.files.read(lockPath(request)));
  return holder === undefined || (await judge(clients, holder)) === 'gone' ? undefined : holder;
}

/** Like `lookAtRunLock`, but tells of a dead holder too. It needs no release: the next run takes the file over. */
export async function judgeRunLock(
  clients: Pick<LockClients, 'files' | 'processes'>,
  request: Pick<LockRequest, 'stateFolder' | 'siteRoot' | 'target'>,
): Promise<{ readonly holder: LockHolder; readonly life: 'alive' | 'child' | 'dead' | 'unknown' } | undefined> {
  const holder = readHolder(await clients.files.read(lockPath(request)));
  if (holder === undefined) return undefined;
  const lives = await Promise.all(
    [holder.infra, holder.child].map((each) => (each === undefined ? 'dead' : clients.processes.liveness(each))),
  );
  const [infra, child] = lives;
  if (infra === 'alive') return { holder, life: 'alive' };
  if (child === 'alive') return { holder, life: 'child' };
  return { holder, life: lives.every((life) => life === 'dead') ? 'dead' : 'unknown' };
}

function lockPath({ stateFolder, siteRoot, target }: Pick<LockRequest, 'stateFolder' | 'siteRoot' | 'target'>): string {
  return `${stateFolder}/locks/${siteHash(siteRoot)}-${fileNameOf(target)}.json`;
}

/** A target is made of what somebody typed: only what can be a file name is one, the rest is known by its digest. */
function fileNameOf(target: string): string {
  return /^[a-z0-9][a-z0-9-]{0,99}$/.test(target) ? target : `x-${siteHash(target)}`;
}

async function waitForTurn(
  clients: LockClients,
  request: LockRequest,
  path: string,
  text: string,
): Promise<LockHolder | undefined> {
  const { clock, files } = clients;
  const until = clock.monotonic() + request.waitMs;
  let told = false;
  while (true) {
    if (await files.createExclusive(path, text, 0o600)) return undefined;
    const seen = await files.read(path);
    // Let go of in between: it is for whoever creates it, and never to be replaced.
    if (seen === undefined) continue;
    const holder = readHolder(seen);
    const state = holder === undefined ? 'gone' : await judge(clients, holder);
    if (state === 'gone' && (await takeOver(clients, path, seen, text))) return holder;
    if (state === 'alive' && clock.monotonic() >= until) throw locked(request.target, holder);
    if (state !== 'gone' && !told) request.onWait?.(waitText(request.target, state, holder));
    told ||= state !== 'gone';
    await clock.sleep(LOOK_MS, request.interrupt);
  }
}

/** `child`: infra was killed, its child still works. */
async function judge(clients: Pick<LockClients, 'processes'>, holder: LockHolder): Promise<'alive' | 'child' | 'gone'> {
  const infra = await clients.processes.liveness(holder.infra);
  if (infra !== 'dead') return 'alive';
  if (holder.child === undefined) return 'gone';
  return (await clients.processes.liveness(holder.child)) === 'dead' ? 'gone' : 'child';
}

/**
 * Replaces the lock file of a dead holder. Of several that see it at once only one may: the one that creates the file
 * beside it, and only if the lock file is still the dead one's.
 */
async function takeOver(clients: LockClients, path: string, dead: string, text: string): Promise<boolean> {
  const { files } = clients;
  const gate = `${path}.taking`;
  if (!(await files.createExclusive(gate, text, 0o600))) {
    const other = readHolder(await files.read(gate));
    if (other !== undefined && (await judge(clients, other)) === 'gone') await files.remove(gate);
    return false;
  }
  try {
    if ((await files.read(path)) !== dead) return false;
    await files.writeAtomic(path, text, 0o600);
    return true;
  } finally {
    await files.remove(gate);
  }
}

function readHolder(text: string | undefined): LockHolder | undefined {
  try {
    const { infra, run, child } = JSON.parse(text ?? '') as Partial<Record<keyof LockHolder, unknown>>;
    if (!isIdentity(infra) || typeof run !== 'string') return undefined;
    return { infra, run, ...(isIdentity(child) ? { child } : {}) };
  } catch {
    // Lock files appear whole; one that cannot be read was damaged from outside and names nobody who could hold it.
    return undefined;
  }
}

function waitText(target: string, state: 'alive' | 'child', holder: LockHolder | undefined): string {
  if (state === 'child')
    return `waiting for pid ${holder?.child?.pid}, which run ${holder?.run} left working on ${target}`;
  return `waiting for run ${holder?.run} (pid ${holder?.infra.pid}), which works on ${target}`;
}

function locked(target: string, holder: LockHolder | undefined): InfraError {
  const who =
    holder === undefined ? 'another run' : `run ${holder.run} (pid ${holder.infra.pid} on ${holder.infra.host})`;
  return new InfraError('run.locked', 'busy', `Waited for ${target}: it is held by ${who}.`, {
    hints: [
      ...(holder === undefined ? [] : [`infra run show ${holder.run}`]),
      'Run the same command again when it has ended.',
    ],
  });
}
