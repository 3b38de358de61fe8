import { relative } from 'node:path';
import type { Clients } from '../../clients/clients.ts';
import { isInfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';
import { type ModuleReader, makeModuleReader } from '../source/modules.ts';
import type { Stack } from '../stack.ts';
import { resourceOf } from './groups.ts';
import type { DriftGroup, Explanation } from './result.ts';

/** How far back a commit may lie that explains a drift nobody has seen before, in days. */
const DAYS = 14;

type ExplainDeps = { readonly clients: Pick<Clients, 'clock' | 'files' | 'git'>; readonly site: Site };

/**
 * The newest commit that changed the file which declares the resource of a group, where it is the same file for all its
 * stacks, and where the commit is newer than the last look that found them clean. Otherwise nothing: a commit that only
 * happens to be near explains nothing. Undefined, too, when git cannot tell.
 */
export async function explainGroups(
  deps: ExplainDeps,
  stacks: readonly Stack[],
  groups: readonly Omit<DriftGroup, 'explanation'>[],
  lastClean: (stack: string) => string | undefined,
): Promise<readonly DriftGroup[]> {
  const reader = makeModuleReader(deps.clients.files);
  const byName = new Map(stacks.map((stack) => [stack.name, stack]));
  const explained: DriftGroup[] = [];
  for (const group of groups) {
    explained.push({ ...group, explanation: await explain(deps, reader, byName, group, lastClean) });
  }
  return explained;
}

async function explain(
  deps: ExplainDeps,
  reader: ModuleReader,
  byName: ReadonlyMap<string, Stack>,
  group: Omit<DriftGroup, 'explanation'>,
  lastClean: (stack: string) => string | undefined,
): Promise<Explanation | undefined> {
  const { git, clock } = deps.clients;
  const root = deps.site.root.value;
  const resource = resourceOf({ address: group.addresses[0]?.address ?? '', type: group.type });
  const paths = new Set<string | undefined>();
  for (const name of group.stacks) {
    const stack = byName.get(name);
    paths.add(stack === undefined ? undefined : await declaringFile(reader, stack, resource));
  }
  const [path, ...others] = paths;
  if (path === undefined || others.length > 0) return undefined;
  const now = clock.now().getTime();
  const seen = group.stacks.map((name) => Date.parse(lastClean(name) ?? '')).filter((at) => !Number.isNaN(at));
  const since = new Date(Math.max(now - DAYS * 86_400_000, ...seen));
  const inGit = relative(root, path);
  try {
    const [commit] = await git.log(root, [inGit], { since, limit: 1 });
    // The last commit of a clone that was cut seems to add every file.
    if (commit === undefined || (await git.commit(root, `${commit.id}^`)) === undefined) return undefined;
    return { commit: commit.id, at: commit.at, title: commit.title, path: inGit };
  } catch (error) {
    if (!isInfraError(error)) throw error;
    return undefined; // No repository, or no commit: there is nothing that could explain it.
  }
}

/** The .tf file in which a resource is declared, of those that the stack reaches. */
async function declaringFile(reader: ModuleReader, stack: Stack, resource: string): Promise<string | undefined> {
  const [type = '', name = ''] = resource.split('.');
  const block = new RegExp(`^\\s*resource\\s+"${escaped(type)}"\\s+"${escaped(name)}"`, 'm');
  for (const module of await reader.reachable(stack.folder)) {
    const file = module.files.find(({ text }) => block.test(text));
    if (file !== undefined) return file.path;
  }
  return undefined;
}

const escaped = (text: string): string => text.replace(/[^\w-]/g, '\\$&');
