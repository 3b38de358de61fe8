import type { Clients } from '../../clients/clients.ts';
import { stacksFolder } from '../../stacks/discover.ts';
import { parseHcl } from '../../stacks/source/hcl-text.ts';
import { type Check, fail, pass, skip, unknown } from '../check.ts';
import { pinnedTerragrunt } from '../pinned.ts';
import { atLeast } from '../programs.ts';

/** The line that makes terragrunt 1.x copy the whole repository, so that relative paths work again. */
const ONE_LINE = 'source = "${get_repo_root()}//${path_relative_to_include()}"';

/**
 * From 1.0.0 on terragrunt runs every unit in a copy below .terragrunt-cache, where ../../modules does not exist:
 * without a `terraform { source }` every plan ends with "Unreadable module directory".
 */
export const inPlace: Check = {
  id: 'repository.terragrunt-in-place',
  title: 'relative modules',
  group: 'repository',
  needs: 'site',
  after: 'machine.terragrunt',
  run: async (world, site) => {
    const version = (await world.program('terragrunt'))?.version;
    const copies = atLeast(version, 1);
    if (copies === undefined) return unknown('terragrunt does not tell its version', 'no-version');
    if (!copies) return pass(`terragrunt ${version} runs in place`);
    const files = await world.client('files');
    const root = site.root.value;
    if (await hasSource(files, `${root}/terragrunt.hcl`))
      return pass(`terragrunt ${version}; terragrunt.hcl has a terraform source`);
    const units = await relativeUnits(files, stacksFolder(site));
    const first = units[0];
    if (first === undefined) return skip('no stack has a relative module source', 'not-needed');
    const pinned = await pinnedTerragrunt(files, root);
    const instead = pinned === undefined ? '' : `Use terragrunt ${pinned.value}, which ${pinned.source} pins. Or `;
    return fail(
      `terragrunt ${version} runs in a copy where ${first.source} does not exist: every plan of ${units.length === 1 ? 'the stack' : `${units.length} stacks, such as`} ${first.name} fails`,
      `${instead}${instead === '' ? 'P' : 'p'}ut this line into the terraform block of the root terragrunt.hcl: ${ONE_LINE}`,
      { command: 'terragrunt --version' },
    );
  },
};

type Unit = { readonly name: string; readonly source: string };

/** Stacks whose own .tf files name a module above their folder, and whose unit has no source. */
async function relativeUnits(files: Clients['files'], folder: string): Promise<readonly Unit[]> {
  const names = ((await files.list(folder)) ?? []).filter(
    (entry) => entry.kind === 'folder' && !entry.name.startsWith('_'),
  );
  const units = await Promise.all(names.map(({ name }) => relativeUnit(files, `${folder}/${name}`, name)));
  return units.filter((unit) => unit !== undefined);
}

async function relativeUnit(files: Clients['files'], folder: string, name: string): Promise<Unit | undefined> {
  const unit = `${folder}/terragrunt.hcl`;
  const code = ((await files.list(folder)) ?? []).filter((entry) => entry.name.endsWith('.tf'));
  const texts = await Promise.all(code.map((entry) => files.read(`${folder}/${entry.name}`)));
  const source = texts
    .map((text) => /^\s*source\s*=\s*"(\.\.\/[^"]*)"/m.exec(text ?? '')?.[1])
    .find((found) => found !== undefined);
  if (source === undefined || (await files.info(unit)) === undefined || (await hasSource(files, unit)))
    return undefined;
  return { name, source };
}

async function hasSource(files: Clients['files'], path: string): Promise<boolean> {
  const text = await files.read(path);
  if (text === undefined) return false;
  return parseHcl(text).blocks.some((block) => block.type === 'terraform' && block.body.attributes.has('source'));
}
