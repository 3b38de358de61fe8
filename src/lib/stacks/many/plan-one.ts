import { isInfraError } from '../../errors.ts';
import type { StackDeps, StackRun } from '../deps.ts';
import { runGuardScripts } from '../preflight/guard-scripts.ts';
import { mayPass } from '../run/failure.ts';
import { planStack } from '../run/plan-stack.ts';
import type { Stack, StackPlan } from '../stack.ts';
import type { Prepare } from './init-queue.ts';

/** How often a plan is tried whose failures may pass by themselves, and how long infra waits in between. */
const TRIES = 3;
const PAUSE_MS = 15_000;

/** Lock timeouts of the first look and of the last one, where TG_LOCK_TIMEOUT does not say: a held lock must not stop the others. */
const FIRST_LOOK = '30s';
const LAST_LOOK = '5m';

/** What planning one of many stacks needs. `isLast`: a lock that is held is waited for as long as it may be. */
export type PlanOne = {
  readonly deps: StackDeps;
  readonly prepare: Prepare;
  readonly recover: boolean;
  readonly isLast: boolean;
  /** False: plan without the state's lock. */
  readonly lock?: boolean;
};

/** The lock timeout of a try, in terraform's duration syntax. */
export function lockTimeout(deps: Pick<StackDeps, 'env'>, isLast: boolean): string {
  return deps.env.TG_LOCK_TIMEOUT || (isLast ? LAST_LOOK : FIRST_LOOK);
}

/**
 * The repository's guards, then the plan of one stack. Failures that may pass by themselves are tried again twice.
 * Errors: those of `runGuardScripts` and `planStack`.
 */
export async function planOne(stack: Stack, run: StackRun, options: PlanOne): Promise<StackPlan> {
  const { deps, prepare, recover, isLast, lock = true } = options;
  if (deps.site.stacks.run.value === 'native') await runGuardScripts(deps, stack);
  for (let tried = 1; ; tried += 1) {
    try {
      return await planStack(deps, stack, run, {
        recover,
        lock,
        trustNoChanges: true,
        lockTimeout: lockTimeout(deps, isLast),
        prepare: (unit) => prepare(stack, unit, run.interrupt),
      });
    } catch (error) {
      if (tried === TRIES || !isInfraError(error, 'stack.plan-failed') || !mayPass(error)) throw error;
      run.progress(`waiting 15 s, then try ${tried + 1} of ${TRIES}: ${error.message}`);
      await deps.clients.clock.sleep(PAUSE_MS, run.interrupt);
    }
  }
}
