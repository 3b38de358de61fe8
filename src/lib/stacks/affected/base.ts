import type { Clients } from '../../clients/clients.ts';
import { InfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';

/** What is compared with. `because` says where the choice came from, e.g. `the default branch of origin`. */
export type Base = { readonly ref: string; readonly commit: string; readonly because: string };

/** The environment that a pipeline is told about itself with; Woodpecker's names. */
type Environment = Readonly<Record<string, string | undefined>>;

type Choice = { readonly ref: string; readonly because: string };

/**
 * The revision to compare with: `--base`; in a pipeline the target of the pull request, else the commit of the pipeline
 * before, else the first parent; at a desk the default branch of the remote, or the branch that the current one tracks.
 * Errors: `affected.unknown-base` (64), `affected.no-base` (64), `affected.base-not-here` (78: a shallow clone),
 * `affected.no-commit` (78), those of `Git`.
 */
export async function chooseBase(
  clients: Pick<Clients, 'git'>,
  site: Site,
  options: { readonly base?: string | undefined; readonly env?: Environment | undefined },
): Promise<Base> {
  const { git } = clients;
  const root = site.root.value;
  if (options.base !== undefined) return await present(clients, root, { ref: options.base, because: '--base' });
  const env = options.env ?? {};
  const remote = site.stacks.tier0.remote.value ?? (await git.upstream(root))?.remote ?? 'origin';
  const choices = isPipeline(env)
    ? await inPipeline(clients, root, env, remote)
    : await atDesk(clients, site, root, remote);
  for (const choice of choices) {
    const commit = await git.commit(root, choice.ref);
    if (commit !== undefined) return { ...choice, commit };
  }
  const [first] = choices;
  if (first !== undefined && isPipeline(env)) throw await notHere(clients, root, first, remote);
  throw new InfraError(
    'affected.no-base',
    'usage',
    'There is no branch to compare with: no remote, no main, no master.',
    {
      hints: ['infra stack affected --base REF', 'infra stack affected --base HEAD   (uncommitted changes only)'],
    },
  );
}

/** The best common ancestor of the base and HEAD. Errors: `affected.no-merge-base` (78 in a shallow clone, else 64). */
export async function mergeBaseOf(clients: Pick<Clients, 'git'>, root: string, base: Base): Promise<string> {
  const found = await clients.git.mergeBase(root, base.commit, 'HEAD');
  if (found !== undefined) return found;
  const tried = `Looked for the merge base of ${base.ref} and HEAD`;
  if (await clients.git.isShallow(root)) {
    throw new InfraError('affected.no-merge-base', 'config', `${tried}: this clone is too shallow to hold it.`, {
      hints: ['git fetch --unshallow', 'git fetch --deepen=500   (may be enough)'],
    });
  }
  throw new InfraError('affected.no-merge-base', 'usage', `${tried}: the two have no commit in common.`, {
    hints: ['infra stack affected --base REF, where REF is in the history of HEAD'],
  });
}

function isPipeline(env: Environment): boolean {
  return env.CI !== undefined && env.CI !== '' && env.CI !== 'false';
}

async function inPipeline(
  clients: Pick<Clients, 'git'>,
  root: string,
  env: Environment,
  remote: string,
): Promise<readonly Choice[]> {
  const target = env.CI_COMMIT_TARGET_BRANCH ?? '';
  if (target !== '' && (env.CI_PIPELINE_EVENT ?? '').startsWith('pull_request')) {
    return [{ ref: `${remote}/${target}`, because: 'CI_COMMIT_TARGET_BRANCH, the target of the pull request' }];
  }
  const before = env.CI_PREV_COMMIT_SHA ?? '';
  const head = await clients.git.head(root);
  // A pipeline that is run again has itself as the one before.
  if (before !== '' && before !== head) {
    return [{ ref: before, because: 'CI_PREV_COMMIT_SHA, the commit of the pipeline before' }];
  }
  return [{ ref: 'HEAD~1', because: 'the first parent: CI_PREV_COMMIT_SHA names no other commit' }];
}

async function atDesk(
  clients: Pick<Clients, 'git'>,
  site: Site,
  root: string,
  remote: string,
): Promise<readonly Choice[]> {
  const [tracked, current, noted] = await Promise.all([
    clients.git.upstream(root),
    clients.git.branch(root),
    clients.git.defaultBranch(root, remote),
  ]);
  const configured = site.stacks.tier0.branch;
  // A branch that was pushed tracks its own copy: compared with that, nothing would ever be affected.
  const follows = tracked !== undefined && tracked.branch !== current ? [tracked] : [];
  return [
    ...follows.map(({ remote: name, branch }) => ({
      ref: `${name}/${branch}`,
      because: `the branch that ${current} tracks`,
    })),
    ...(configured.value === undefined
      ? []
      : [{ ref: `${remote}/${configured.value}`, because: `stacks.tier0.branch (${configured.source})` }]),
    ...(noted === undefined ? [] : [{ ref: `${remote}/${noted}`, because: `the default branch of ${remote}` }]),
    ...['main', 'master'].map((name) => ({ ref: `${remote}/${name}`, because: `a branch of ${remote}` })),
    ...['main', 'master'].filter((name) => name !== current).map((name) => ({ ref: name, because: 'a local branch' })),
  ];
}

async function present(clients: Pick<Clients, 'git'>, root: string, choice: Choice): Promise<Base> {
  const commit = await clients.git.commit(root, choice.ref);
  if (commit !== undefined) return { ...choice, commit };
  throw new InfraError(
    'affected.unknown-base',
    'usage',
    `Looked for ${choice.ref} (${choice.because}): this clone does not have it.`,
    {
      hints: [
        ...((await clients.git.isShallow(root)) ? ['git fetch --unshallow   (the clone is shallow)'] : []),
        'git fetch',
      ],
    },
  );
}

async function notHere(
  clients: Pick<Clients, 'git'>,
  root: string,
  choice: Choice,
  remote: string,
): Promise<InfraError> {
  const shallow = await clients.git.isShallow(root);
  const why = shallow ? 'the clone is too shallow to hold it' : 'this clone does not have it';
  const branch = choice.ref.startsWith(`${remote}/`) ? choice.ref.slice(remote.length + 1) : undefined;
  return new InfraError('affected.base-not-here', 'config', `Looked for ${choice.ref} (${choice.because}): ${why}.`, {
    hints: [
      branch === undefined ? 'git fetch --unshallow' : `git fetch ${remote} ${branch}:refs/remotes/${remote}/${branch}`,
      ...(branch === undefined ? [`git fetch --depth=500 ${remote} ${choice.ref}   (less, may be enough)`] : []),
      'infra stack affected --base REF',
    ],
  });
}
