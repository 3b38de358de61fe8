import { relative } from 'node:path';
import type { Clients } from '../../clients/clients.ts';
import { InfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';
import { makeModuleReader } from '../source/modules.ts';
import type { Stack } from '../stack.ts';
import { statePaths } from './state-file.ts';

/** Where state commits come from and go to. `ahead` counts commits that are here only. */
export type Upstream = {
  readonly remote: string;
  readonly branch: string;
  readonly revision: string;
  readonly ahead: number;
  readonly behind: number;
};

/** The remote and branch of Tier-0 state: infra.yaml's, else the upstream of the current branch; undefined: neither. */
export async function upstreamOf(
  clients: Pick<Clients, 'git'>,
  site: Site,
): Promise<{ readonly remote: string; readonly branch: string } | undefined> {
  const { remote, branch } = site.stacks.tier0;
  const tracked = await clients.git.upstream(site.root.value);
  const chosen = { remote: remote.value ?? tracked?.remote, branch: branch.value ?? tracked?.branch };
  if (chosen.remote === undefined || chosen.branch === undefined) return undefined;
  return { remote: chosen.remote, branch: chosen.branch };
}

/**
 * Fetches, and refuses to go on when the state file of a Tier-0 stack or anything that decides its plan differs from an
 * upstream that has commits which are not here: planning would undo what somebody else has applied. Where states are
 * pushed, any such commit refuses: the push of the new state would be rejected after the apply, for certain.
 * Undefined when there is no upstream at all. Errors: `stack.behind-upstream` (4), those of `Git`.
 */
export async function ensureFresh(
  clients: Pick<Clients, 'git' | 'files'>,
  site: Site,
  stack: Stack,
  signal?: AbortSignal,
): Promise<Upstream | undefined> {
  const root = site.root.value;
  const target = await upstreamOf(clients, site);
  if (target === undefined) return undefined;
  await clients.git.fetch(root, target.remote, signal);
  const revision = `refs/remotes/${target.remote}/${target.branch}`;
  const behind = await clients.git.countBetween(root, 'HEAD', revision);
  const ahead = await clients.git.countBetween(root, revision, 'HEAD');
  if (behind > 0) {
    const missing = `${target.remote}/${target.branch}: it is ${behind} commit${behind === 1 ? '' : 's'} ahead`;
    const paths = await inputsOf(clients, site, stack);
    const [here, there] = await Promise.all([
      clients.git.objectIds(root, 'HEAD', paths),
      clients.git.objectIds(root, revision, paths),
    ]);
    const differing = paths.filter((path) => here[path] !== there[path]);
    if (differing.length > 0) {
      throw behindUpstream(
        `Fetched ${missing} and changed ${differing.join(', ')} of ${stack.name}. Nothing was planned.`,
      );
    }
    if (site.stacks.tier0.push.value && site.stacks.run.value === 'native') {
      throw behindUpstream(
        `Fetched ${missing}: the new state of ${stack.name} could not be pushed. Nothing was planned.`,
      );
    }
  }
  return { ...target, revision, ahead, behind };
}

function behindUpstream(message: string): InfraError {
  const hints = ['git pull --rebase', 'then run the same command again'];
  return new InfraError('stack.behind-upstream', 'refused', message, { hints });
}

/** Paths in git that decide what a stack's plan says: its folder, root files, shared modules, its encrypted state. */
async function inputsOf(clients: Pick<Clients, 'files'>, site: Site, stack: Stack): Promise<readonly string[]> {
  const root = site.root.value;
  const inGit = (path: string): string => relative(root, path);
  const modules = await makeModuleReader(clients.files).reachable(stack.folder);
  const shared = modules
    .map((module) => module.folder)
    .filter((folder) => !`${folder}/`.startsWith(`${stack.folder}/`));
  return [
    statePaths(site, stack.name).encryptedInGit,
    inGit(stack.folder),
    'terragrunt.hcl',
    'config.tfvars',
    ...shared.map(inGit).filter((path) => !path.startsWith('..')),
  ];
}
