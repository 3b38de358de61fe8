import type { Clients } from '../../clients/clients.ts';
import type { ToolVersions } from '../../clients/terragrunt/client.ts';
import { InfraError } from '../../errors.ts';
import type { Site } from '../../site/site.ts';
import { parseHcl } from '../source/hcl-text.ts';
import { makeModuleReader } from '../source/modules.ts';
import type { Stack } from '../stack.ts';

/** The line that makes terragrunt 1.x copy the whole repository per unit, so that relative sources resolve. */
const SOURCE_LINE = 'terraform { source = "${get_repo_root()}//${path_relative_to_include()}" }';

/**
 * terragrunt 1.x runs every unit in a copy below `.terragrunt-cache`, where `../../modules/x` does not exist, unless a
 * `terraform { source }` makes it copy more than the unit. Errors: `stack.terragrunt-needs-source` (78), which names the
 * version that the repository pins and the line that helps.
 */
export async function assertSourcesResolve(
  clients: Pick<Clients, 'files'>,
  site: Site,
  stacks: readonly Stack[],
  versions: ToolVersions,
): Promise<void> {
  if (major(versions.terragrunt) < 1) return;
  const root = site.root.value;
  if (await hasSource(clients, `${root}/terragrunt.hcl`)) return;
  const modules = makeModuleReader(clients.files);
  for (const stack of stacks) {
    if (await hasSource(clients, `${stack.folder}/terragrunt.hcl`)) continue;
    const reachable = await modules.reachable(stack.folder);
    const outside = reachable
      .flatMap((module) => module.calls())
      .find((call) => !call.folder.startsWith(`${stack.folder}/`));
    if (outside === undefined) continue;
    const pinned = await pinnedVersion(clients, root);
    throw new InfraError(
      'stack.terragrunt-needs-source',
      'config',
      `terragrunt ${versions.terragrunt} cannot plan ${stack.name}: it runs in a copy of the unit, where the module ${outside.name} (${outside.folder}) does not exist.`,
      {
        hints: [
          pinned === undefined
            ? 'Use terragrunt 0.99, which runs in place.'
            : `Use terragrunt ${pinned}, which the repository pins.`,
          `Or add to the root terragrunt.hcl: ${SOURCE_LINE}`,
        ],
      },
    );
  }
}

async function hasSource(clients: Pick<Clients, 'files'>, path: string): Promise<boolean> {
  const text = await clients.files.read(path);
  if (text === undefined) return false;
  return parseHcl(text).blocks.some((block) => block.type === 'terraform' && block.body.attributes.has('source'));
}

/** The terragrunt version that the repository's CI image pins. */
async function pinnedVersion(clients: Pick<Clients, 'files'>, root: string): Promise<string | undefined> {
  const text = (await clients.files.read(`${root}/ci/Dockerfile`)) ?? '';
  return /terragrunt\w*[^\n]*?v?(\d+\.\d+\.\d+)/i.exec(text)?.[1];
}

function major(version: string): number {
  return Number.parseInt(version.replace(/^v/, ''), 10);
}
