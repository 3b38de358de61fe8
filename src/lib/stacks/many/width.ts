import type { StackDeps } from '../deps.ts';
import { defaultParallelism } from '../waves/parallelism.ts';

/**
 * How many stacks are worked on at once: --parallelism, `stacks.parallelism`, else by cores and memory. The repository's
 * wrapper shares one provider cache between its inits, which infra cannot serialise there: one at a time.
 */
export function widthOf(deps: Pick<StackDeps, 'clients' | 'site'>, asked: number | undefined): number {
  const { parallelism, run } = deps.site.stacks;
  if (asked !== undefined) return asked;
  if (parallelism.value !== undefined) return parallelism.value;
  return run.value === 'wrapper' ? 1 : defaultParallelism(deps.clients.processes.capacity());
}
