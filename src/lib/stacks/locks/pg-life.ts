import type { Machine, Seen } from '../../clients/machine/client.ts';
import { type NamedSession, parseApplicationName } from './application-name.ts';
import type { Life } from './holder.ts';
import type { PgHolder, PgLocks } from './pg-locks.ts';

/** Programs that talk to the state database themselves; anything else that owns a connection only passes it on. */
const BACKENDS = /^(tofu|terraform|opentofu)/;

/** What is known of the run that a session names, from infra's own lock file. */
export type KnownRun = { readonly run: string; readonly life: Life };

/** A verdict on a holder and what it was concluded from. */
export type JudgedLife = { readonly life: Life; readonly evidence: readonly string[] };

/**
 * Whether whoever opened a session still lives. It is dead only when the session names this machine, comes from here, and
 * every program here that could be it was looked at and is none of it; a connection that stays in the server after its
 * client was lost is otherwise the same as one whose client sleeps. A session that was not opened by infra is never dead.
 */
export async function judgePgHolder(
  machine: Machine,
  holder: PgHolder,
  around: Pick<PgLocks, 'ownAddress' | 'serverPort'>,
  known: KnownRun | undefined,
): Promise<JudgedLife> {
  if (holder.backendStart === undefined) {
    return { life: 'unknown', evidence: ['This role may not see the session: grant it pg_read_all_stats.'] };
  }
  if (holder.state !== undefined && holder.state !== 'idle' && holder.waitsFor !== 'Client') {
    return { life: 'alive', evidence: [`Its session is ${holder.state} right now.`] };
  }
  const named = parseApplicationName(holder.application);
  const isOurAddress =
    holder.address !== undefined && holder.address === around.ownAddress && machine.isOwnAddress(holder.address);
  const owner = isOurAddress ? await ownerOf(machine, holder, around.serverPort) : undefined;
  if (owner === 'hidden') {
    return {
      life: 'unknown',
      evidence: ['Its connection is open on this machine, and belongs to a program that may not be seen.'],
    };
  }
  if (owner !== undefined && owner !== 'none' && BACKENDS.test(owner.program)) {
    return {
      life: 'alive',
      evidence: [`The connection belongs to ${owner.program}, pid ${owner.pid}, on this machine.`],
    };
  }
  if (named === undefined) return { life: 'unknown', evidence: [elsewhere(holder, isOurAddress)] };
  if (known?.run === named.run && known.life === 'alive') {
    return { life: 'alive', evidence: [`Run ${named.run} works on this machine.`] };
  }
  if (!isHere(machine, named))
    return {
      life: 'unknown',
      evidence: [`It was started on ${named.host}, which cannot be asked from ${machine.host}.`],
    };
  return judgeHere(machine, holder, named, isOurAddress, known);
}

/** The session names this machine: look for its programs. */
async function judgeHere(
  machine: Machine,
  holder: PgHolder,
  named: NamedSession,
  isOurAddress: boolean,
  known: KnownRun | undefined,
): Promise<JudgedLife> {
  const seen = await machine.startedWith('PGAPPNAME');
  if (seen === undefined)
    return { life: 'unknown', evidence: ['This system does not show how its programs were started.'] };
  const own = seen.found.find(({ value }) => isSession(value, named));
  if (own !== undefined) {
    return { life: 'alive', evidence: [`${own.program}, pid ${own.pid}, of run ${named.run} works on this machine.`] };
  }
  const hidden = seen.hidden.find(({ program }) => BACKENDS.test(program) || program.startsWith('terragrunt'));
  if (hidden !== undefined) {
    return {
      life: 'unknown',
      evidence: [`${hidden.program}, pid ${hidden.pid}, belongs to somebody else and may be it.`],
    };
  }
  const isKnownDead = known?.run === named.run && known.life === 'dead';
  if (!isOurAddress && !isKnownDead) {
    const from = holder.address === undefined ? 'a local socket' : holder.address;
    return {
      life: 'unknown',
      evidence: [`It names this machine, ${machine.host}, but comes from ${from}: there may be two of that name.`],
    };
  }
  return {
    life: 'dead',
    evidence: [
      `It was started on this machine, and no program of run ${named.run} is left here.`,
      ...(isKnownDead ? ['infra’s own lock file names that run, and its processes have ended.'] : []),
    ],
  };
}

async function ownerOf(
  machine: Machine,
  holder: PgHolder,
  serverPort: number,
): Promise<Seen | 'none' | 'hidden' | undefined> {
  if (holder.port === undefined) return undefined;
  const found = await machine.connection(holder.port, serverPort);
  return found === 'none' || found === undefined ? found : (found.owner ?? 'hidden');
}

/** The host of an application name is the first label, cut to what fits. */
function isHere(machine: Machine, named: NamedSession): boolean {
  const short = machine.host.split('.')[0] ?? '';
  return named.host !== '' && (named.host === short || (named.host.length >= 8 && short.startsWith(named.host)));
}

/**
 * Whether a program was started under this name. User and host are left out: PostgreSQL shows letters outside ASCII in
 * other ways, and cuts what is longer than 63 bytes.
 */
function isSession(value: string, named: NamedSession): boolean {
  const mine = parseApplicationName(value);
  return mine?.stack === named.stack && (mine.run.startsWith(named.run) || named.run.startsWith(mine.run));
}

function elsewhere(holder: PgHolder, isOurAddress: boolean): string {
  if (holder.address === undefined)
    return 'It came through a local socket of the database’s machine and does not say who it is.';
  const from = isOurAddress ? `${holder.address}, this machine` : holder.address;
  return `It comes from ${from}, and was not started by infra: nothing tells whether it still works.`;
}
