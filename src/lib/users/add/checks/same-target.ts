import { proveSameCluster, proveSameVault } from '../../../stacks/preflight/same-target.ts';
import type { AddContext } from '../request.ts';
import { answer, type CheckAnswer } from './check.ts';

/**
 * Proves that infra and the stacks talk to the same Vault and the same cluster: an entry written here and objects made
 * there would both look right. With `noApply` only Vault is asked, the one thing that is written to.
 * Errors: those of `proveSameVault` and `proveSameCluster`.
 */
export async function checkSameTarget(context: AddContext, noApply: boolean): Promise<CheckAnswer> {
  const { clients, site, elsewhere } = context;
  const deps = { clients, site, ...elsewhere };
  const told = await Promise.all([proveSameVault(deps), ...(noApply ? [] : [proveSameCluster(deps)])]);
  return answer('users.add.same-target', 'same platform', 'PASS', told.join('; '));
}
