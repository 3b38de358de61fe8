import type { Clients } from '../../clients/clients.ts';
import { InfraError, isInfraError, type StatusName } from '../../errors.ts';
import { type Journal, startJournal } from '../../operation/journal.ts';
import type { Stack, Tier } from '../stack.ts';
import type { Holder, LookedAt } from './holder.ts';
import { type Look, lookAtLocks, type SeenHolder } from './look.ts';
import type { LockDeps } from './look-postgres.ts';
import { alive, notConfirmed, stillHeld, unknownLife, unsaved } from './refusals.ts';
import { release } from './release.ts';
import { unsavedState } from './unsaved.ts';

/** How an unlock was asked for. `force` is for holders of whom nothing is known, never for living ones. */
export type UnlockRequest = { readonly yes: boolean; readonly force: boolean; readonly dryRun: boolean };

/** What became of it. `held` and `unknown`: nothing was released. */
export type UnlockOutcome = 'free' | 'released' | 'would-release' | 'held' | 'unknown';

/** The answer. `holders` are those of the first look; `after` those of the last one, where something was released. */
export type UnlockResult = {
  readonly stack: string;
  readonly tier: Tier;
  readonly outcome: UnlockOutcome;
  readonly status: StatusName;
  readonly lookedAt: readonly LookedAt[];
  readonly holders: readonly Holder[];
  readonly released: readonly string[];
  /** The journal of what was released. */
  readonly run?: string;
  readonly after: readonly Holder[];
  readonly error?: InfraError;
};

/** What unlocking uses. `onLook` is told what was found before anybody is asked. */
export type UnlockDeps = LockDeps & {
  readonly clients: LockDeps['clients'] & Pick<Clients, 'prompt'>;
  readonly onLook: (look: Look) => void;
  readonly version: string;
  /** Removes the secrets of this run from a text, for the journal. */
  readonly redact: (text: string) => string;
};

/**
 * Releases the locks of a stack whose holders are dead, and proves that they are free. Never one of a living holder; one
 * of whom nothing is known only with `force`, on a terminal, when its id is typed. Never `terraform force-unlock`: the pg
 * backend answers it with success and releases nothing. As long as one place does not answer or one holder lives, nothing
 * at all is released. Errors are part of the result; only a defect and Ctrl-C are thrown.
 */
export async function unlockStack(deps: UnlockDeps, stack: Stack, request: UnlockRequest): Promise<UnlockResult> {
  const look = await lookAtLocks(deps, stack);
  deps.onLook(look);
  const base = {
    stack: stack.name,
    tier: stack.tier,
    lookedAt: look.lookedAt,
    holders: look.seen.map(({ holder }) => holder),
    released: [],
    after: [],
  };
  const blocking = look.seen.filter(({ holder }) => holder.blocks);
  const refusal = await refusalOf(deps, stack, look, blocking, request);
  if (refusal !== undefined) {
    const outcome = blocking.length === 0 ? 'unknown' : 'held';
    return { ...base, outcome, status: refusal.status, error: refusal };
  }
  if (blocking.length === 0) return { ...base, outcome: 'free', status: 'ok' };
  if (request.dryRun) return { ...base, outcome: 'would-release', status: 'ok' };
  const no = await confirm(deps, stack, blocking, request);
  if (no !== undefined) return { ...base, outcome: 'held', status: no.status, error: no };
  return releaseAll(deps, stack, blocking, base);
}

/** Why nothing may be released, or undefined. */
async function refusalOf(
  deps: UnlockDeps,
  stack: Stack,
  look: Look,
  blocking: readonly SeenHolder[],
  request: UnlockRequest,
): Promise<InfraError | undefined> {
  const living = blocking.filter(({ holder }) => holder.life === 'alive');
  if (living.length > 0)
    return alive(
      stack.name,
      living.map(({ holder }) => holder),
    );
  if (look.error !== undefined) return look.error;
  const unknown = blocking.filter(({ holder }) => holder.life === 'unknown').map(({ holder }) => holder);
  if (unknown.length > 0 && !(request.force && (request.dryRun || deps.clients.prompt.available))) {
    return unknownLife(stack.name, unknown, request.force);
  }
  const why = stack.tier === 0 && blocking.length > 0 ? await unsavedState(deps, stack.name) : undefined;
  return why === undefined ? undefined : unsaved(stack.name, why);
}

/** Asks. `--yes` answers for dead holders only; one of whom nothing is known is typed. */
async function confirm(
  deps: UnlockDeps,
  stack: Stack,
  blocking: readonly SeenHolder[],
  request: UnlockRequest,
): Promise<InfraError | undefined> {
  const { prompt } = deps.clients;
  const unknown = blocking.filter(({ holder }) => holder.life === 'unknown');
  for (const { holder } of unknown) {
    const typed = await prompt.input(`Nobody knows whether ${holder.who} still works. To end it, type ${holder.id}:`);
    if (typed.trim() !== holder.id) return notConfirmed(stack.name, `That is not ${holder.id}.`);
  }
  if (unknown.length === blocking.length || request.yes) return undefined;
  if (!prompt.available) return notConfirmed(stack.name, 'There is no terminal to ask on, and --yes was not given.');
  return (await prompt.confirm(`Release ${stack.name}?`)) ? undefined : notConfirmed(stack.name, 'You said no.');
}

type Base = Pick<UnlockResult, 'stack' | 'tier' | 'lookedAt' | 'holders'>;

/** Releases one after another, and looks again. Once one is released, whatever goes wrong is `incomplete`. */
async function releaseAll(
  deps: UnlockDeps,
  stack: Stack,
  blocking: readonly SeenHolder[],
  base: Base,
): Promise<UnlockResult> {
  const released: string[] = [];
  const journal = await openJournal(deps, stack);
  let failed: InfraError | undefined;
  for (const seen of blocking) {
    const { id, place, lock, who, life, evidence } = seen.holder;
    try {
      await journal.write('note', undefined, { releasing: id, place, lock, who, life, evidence });
      await release(deps, stack.name, seen);
      released.push(id);
      await journal.write('note', undefined, { released: id });
    } catch (error) {
      if (!isInfraError(error)) throw error;
      failed = error;
      break;
    }
  }
  const again = await lookAtLocks(deps, stack);
  const after = again.seen.map(({ holder }) => holder);
  const left = after.filter((holder) => holder.blocks && base.holders.some(({ id }) => id === holder.id));
  const error = failed ?? again.error ?? (left.length > 0 ? stillHeld(stack.name, left) : undefined);
  const result = { ...base, lookedAt: again.lookedAt, released, after, run: deps.runId };
  const status = error === undefined ? 'ok' : released.length === 0 ? error.status : 'incomplete';
  await journal.write('run-end', undefined, { status, ...(error === undefined ? {} : { code: error.code }) });
  if (error === undefined) return { ...result, outcome: 'released', status };
  const told = new InfraError(error.code, status, error.message, { hints: error.hints, cause: error });
  return { ...result, outcome: 'held', status, error: told };
}

/** Whoever wonders later who ended a session finds it in `infra run list`. There is nothing to resume. */
async function openJournal(deps: UnlockDeps, stack: Stack): Promise<Journal> {
  const header = {
    id: deps.runId,
    operation: 'stack unlock',
    target: stack.name,
    site: deps.site.root.value,
    inputs: {},
    process: await deps.clients.processes.self(),
    version: deps.version,
  };
  return startJournal(deps.clients, deps.stateFolder, header, deps.redact);
}
