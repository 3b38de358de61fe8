import { isInfraError } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { StackDeps } from '../deps.ts';
import { discoverStacks } from '../discover.ts';
import type { ManyContext } from '../many/context.ts';
import type { Planned } from '../many/report.ts';
import type { Stack } from '../stack.ts';
import { freshCommit, onFreshTree } from './fresh-tree.ts';
import { planUnlocked } from './plan-unlocked.ts';

/** What looking again gave. Stacks that are not in `planned` were not looked at again. */
export type SecondLook = {
  /** The commit that was planned. */
  readonly at: string | undefined;
  readonly planned: ReadonlyMap<string, Planned>;
  /** Stacks that newer commits no longer have. */
  readonly gone: ReadonlySet<string>;
  readonly findings: readonly Finding[];
};

/**
 * Plans what drifted once more: a change that somebody was just applying is gone by then, and one that a newer commit
 * made is none. When this checkout is behind, the newest commit is planned in a working tree of its own.
 */
export async function lookAgain(
  context: ManyContext,
  deps: StackDeps,
  stacks: readonly Stack[],
  parallelism: number,
): Promise<SecondLook> {
  const none = { gone: new Set<string>(), findings: [] };
  const here = async (at: string | undefined, findings: readonly Finding[]): Promise<SecondLook> => ({
    ...none,
    at,
    findings,
    planned: byName(await planUnlocked(context, deps, stacks, parallelism)),
  });
  let fresh: Awaited<ReturnType<typeof freshCommit>>;
  try {
    fresh = await freshCommit(deps, context.interrupt);
  } catch (error) {
    if (!isInfraError(error)) throw error;
    return here(await deps.clients.git.head(deps.site.root.value), [
      unknown(`whether this checkout is the newest is not known: ${error.message}`),
    ]);
  }
  if (fresh === undefined || fresh.behind === 0) {
    return here((await headOf(deps)) ?? fresh?.commit, []);
  }
  try {
    return await onFreshTree(deps, fresh.commit, async (site) => {
      const there = await discoverStacks(deps.clients, site);
      const wanted = stacks.flatMap(({ name }) => there.find((stack) => stack.name === name) ?? []);
      const planned = byName(await planUnlocked({ ...context, site }, { ...deps, site }, wanted, parallelism));
      const gone = new Set(
        stacks.map(({ name }) => name).filter((name) => !there.some((stack) => stack.name === name)),
      );
      return { at: fresh.commit, planned, gone, findings: [] };
    });
  } catch (error) {
    if (!isInfraError(error)) throw error;
    const newer = `${fresh.behind} newer commit${fresh.behind === 1 ? '' : 's'}`;
    const finding = unknown(`${newer} may be the reason for what drifted, and could not be planned: ${error.message}`);
    return { ...none, at: undefined, planned: new Map(), findings: [finding] };
  }
}

const headOf = async ({ clients, site }: StackDeps): Promise<string | undefined> =>
  (await clients.git.root(site.root.value)) === undefined ? undefined : clients.git.head(site.root.value);

const byName = (planned: readonly Planned[]): ReadonlyMap<string, Planned> =>
  new Map(planned.map((one) => [one.report.stack.name, one]));

function unknown(detail: string): Finding {
  return { id: 'stack.drift-second-look', title: 'second look', verdict: 'UNKNOWN', reason: 'unreachable', detail };
}
