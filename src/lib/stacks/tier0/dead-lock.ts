import { isInfraError } from '../../errors.ts';
import type { StackDeps } from '../deps.ts';
import { takeVaultLock } from './vault-lock.ts';

/**
 * Frees the lock in Vault that a killed run of this machine left, once its state is in git: nothing else would, until
 * the next apply of the stack, and another machine would be refused meanwhile. A lock of somebody who lives stays.
 * Errors: those of `takeVaultLock` but `stack.locked`.
 */
export async function freeDeadLock(deps: StackDeps, stack: string): Promise<void> {
  try {
    const lock = await takeVaultLock(deps, stack);
    await lock.release();
  } catch (error) {
    if (!isInfraError(error, 'stack.locked')) throw error;
  }
}
