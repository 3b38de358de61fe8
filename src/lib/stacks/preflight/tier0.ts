import { InfraError } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { StackDeps } from '../deps.ts';
import type { Stack } from '../stack.ts';
import { ensureFresh, upstreamOf } from '../tier0/upstream.ts';

/**
 * What Tier 0 needs before anything is planned: sops, a place that keeps the state, a fresh checkout, and no commits of
 * somebody's own that a push of the state would publish elsewhere. Returns a warning when the push will take local commits along.
 * Where the repository's wrapper runs the stacks it commits too, but whether it pushes is known only if
 * stacks.tier0.push says so; the rest is the wrapper's own business, except that a clone that is behind is refused.
 * Errors: `stack.no-sops` (78), `stack.ephemeral-checkout` (4), `stack.no-upstream` (78), `stack.unpushed-commits` (4),
 * `stack.behind-upstream` (4), `stack.git-underway` (4), those of `Git`.
 */
export async function assertTier0Ready(
  deps: StackDeps,
  stacks: readonly Stack[],
  signal?: AbortSignal,
): Promise<Finding | undefined> {
  const { git, processes } = deps.clients;
  const { wrapper, tier0 } = deps.site.stacks;
  const { push } = tier0;
  const root = deps.site.root.value;
  const native = deps.site.stacks.run.value === 'native';
  if (native && (await processes.which('sops')) === undefined) {
    throw new InfraError(
      'stack.no-sops',
      'config',
      'sops was not found on PATH: the state of Tier-0 stacks cannot be read or saved.',
      {
        hints: ['Install sops, then: sops --version'],
      },
    );
  }
  const underway = await git.underway(root);
  if (underway !== undefined) throw unfinished(underway, stacks);
  const target = await upstreamOf(deps.clients, deps.site);
  const isPushed = push.value && (native || push.source !== 'default');
  if (isEphemeral(deps) && (!isPushed || target === undefined)) {
    const why = isPushed
      ? 'no remote and branch are known'
      : push.value
        ? `${wrapper.value} is not known to push`
        : 'stacks.tier0.push is off';
    throw new InfraError(
      'stack.ephemeral-checkout',
      'refused',
      `This is a pipeline's checkout, which is thrown away, and ${why}: the new state of ${names(stacks)} would be lost.`,
      {
        hints: [
          'infra.yaml: stacks: { tier0: { push: true, remote: origin, branch: master } }',
          'or run it from an administrator’s checkout, or with --no-apply',
        ],
      },
    );
  }
  if (native && push.value && target === undefined) {
    throw new InfraError(
      'stack.no-upstream',
      'config',
      `stacks.tier0.push is on (${push.source}), but the branch has no upstream to push the state of ${names(stacks)} to.`,
      {
        hints: [
          'git branch --set-upstream-to=origin/master',
          'or infra.yaml: stacks: { tier0: { remote: origin, branch: master } }',
        ],
      },
    );
  }
  let ahead = 0;
  for (const stack of stacks) ahead = (await ensureFresh(deps.clients, deps.site, stack, signal))?.ahead ?? 0;
  if (!native || target === undefined || ahead === 0 || !push.value) return undefined;
  const tracked = await git.upstream(root);
  if (tracked?.remote !== target.remote || tracked.branch !== target.branch) {
    throw new InfraError(
      'stack.unpushed-commits',
      'refused',
      `HEAD has ${ahead} commits that ${target.remote}/${target.branch} does not have, and this is another branch: pushing the state would publish them there.`,
      {
        hints: [`git switch ${target.branch}`, `git log ${target.remote}/${target.branch}..HEAD`],
      },
    );
  }
  return {
    id: 'stack.unpushed-commits',
    title: 'local commits',
    verdict: 'WARN',
    detail: `${ahead} local commit${ahead === 1 ? '' : 's'} will be pushed to ${target.remote}/${target.branch} together with the state`,
    command: `git log ${target.remote}/${target.branch}..HEAD`,
  };
}

/** A pipeline's workspace: whatever is not pushed is gone when the step ends. */
function isEphemeral(deps: Pick<StackDeps, 'env'>): boolean {
  const { CI } = deps.env;
  return CI !== undefined && CI !== '' && CI !== 'false' && CI !== '0';
}

function names(stacks: readonly Stack[]): string {
  return stacks.map((stack) => stack.name).join(', ');
}

/** The commit of the state would fail, after the apply. */
function unfinished(what: string, stacks: readonly Stack[]): InfraError {
  const isConflict = what === 'conflict';
  return new InfraError(
    'stack.git-underway',
    'refused',
    `${isConflict ? 'An unresolved conflict lies' : `A ${what} is underway`} in this clone: the new state of ${names(stacks)} could not be committed.`,
    { hints: [isConflict ? 'git status' : `git ${what} --continue, or git ${what} --abort`] },
  );
}
