import { dirname, join, resolve } from 'node:path';
import { InfraError } from '../errors.ts';
import { type Environment, type Reading, variable } from './reading.ts';

/** The name of the file that describes a site. */
export const SITE_FILE = 'infra.yaml';

/** A found repository: its absolute root, what led there, and whether it has an infra.yaml. */
export type Repository = { readonly root: string; readonly source: string; readonly hasFile: boolean };

/** Where to look. `repoFlag` is the value of --repo. */
export type Search = {
  readonly files: Reading;
  readonly env: Environment;
  readonly cwd: string;
  readonly repoFlag?: string | undefined;
};

/**
 * The repository to work on: `--repo`, then INFRA_REPO, then upwards from the working directory to the nearest
 * infra.yaml (not beyond the git repository), else to the nearest folder with `stacks/` and `terragrunt.hcl`.
 * Undefined when there is none. Errors: `config.no-repository` (78) when a named folder is not one.
 */
export async function findRepository(search: Search): Promise<Repository | undefined> {
  const { files, cwd } = search;
  const named =
    search.repoFlag !== undefined
      ? '--repo'
      : variable(search.env, 'INFRA_REPO') !== undefined
        ? 'INFRA_REPO'
        : undefined;
  if (named !== undefined)
    return namedRepository(files, resolve(cwd, search.repoFlag ?? variable(search.env, 'INFRA_REPO') ?? '.'), named);
  const above = ancestors(cwd);
  for (const folder of above) {
    if ((await files.info(join(folder, SITE_FILE))) !== undefined)
      return { root: folder, source: `${SITE_FILE} found from the working directory`, hasFile: true };
    if ((await files.info(join(folder, '.git'))) !== undefined) break;
  }
  for (const folder of above) {
    if (await looksLikeOne(files, folder))
      return { root: folder, source: 'stacks/ and terragrunt.hcl found from the working directory', hasFile: false };
  }
  return undefined;
}

/** As `findRepository`, but none is an error. Errors: `config.no-repository` (78). */
export async function requireRepository(search: Search): Promise<Repository> {
  const found = await findRepository(search);
  if (found !== undefined) return found;
  throw new InfraError(
    'config.no-repository',
    'config',
    `Looked for ${SITE_FILE}, or stacks/ and terragrunt.hcl, in ${search.cwd} and above; found neither.`,
    {
      hints: [
        'Go into the repository of the stacks, or name it: --repo DIR or INFRA_REPO=DIR.',
        'To try infra without one: infra sandbox',
      ],
    },
  );
}

async function namedRepository(files: Reading, folder: string, source: string): Promise<Repository> {
  const hasFile = (await files.info(join(folder, SITE_FILE))) !== undefined;
  if (hasFile || (await looksLikeOne(files, folder))) return { root: folder, source, hasFile };
  const there = await files.list(folder);
  const lack =
    there === undefined ? 'There is no such folder' : `It holds neither ${SITE_FILE} nor stacks/ and terragrunt.hcl`;
  throw new InfraError('config.no-repository', 'config', `${source} names ${folder} as the repository. ${lack}.`, {
    hints: [
      source === '--repo'
        ? 'Name the folder that holds stacks/: --repo DIR'
        : 'Correct it, or leave it unset: unset INFRA_REPO',
    ],
  });
}

async function looksLikeOne(files: Reading, folder: string): Promise<boolean> {
  const [stacks, root] = await Promise.all([
    files.list(join(folder, 'stacks')),
    files.info(join(folder, 'terragrunt.hcl')),
  ]);
  return stacks !== undefined && root !== undefined;
}

function ancestors(folder: string): readonly string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...ancestors(above)];
}
