import { join } from 'node:path';
import type { Clients } from '../../clients/clients.ts';

/** A folder that looks like a stack and is none for infra. `why` completes a sentence that begins with its path. */
export type OutOfPlace = { readonly path: string; readonly why: string };

const NOT_SOURCE: ReadonlySet<string> = new Set(['.git', '.terraform', '.terragrunt-cache', 'node_modules']);

/** Units deeper than one level are looked for so far down; terragrunt would run them too. */
const DEEPEST = 4;

/** Units that do not lie directly in the folder of stacks, and folders there with .tf files and no terragrunt.hcl. */
export async function unitsOutOfPlace(clients: Pick<Clients, 'files'>, stacks: string): Promise<readonly OutOfPlace[]> {
  const walk = async (folder: string, depth: number): Promise<readonly OutOfPlace[]> => {
    const entries = (await clients.files.list(folder)) ?? [];
    const names = entries.filter(({ kind }) => kind !== 'folder').map(({ name }) => name);
    const isUnit = names.includes('terragrunt.hcl');
    const here: OutOfPlace[] = [];
    if (depth === 1 && !isUnit && names.some((name) => name.endsWith('.tf'))) {
      here.push({ path: folder, why: 'has .tf files and no terragrunt.hcl' });
    }
    if (depth > 1 && isUnit) {
      here.push({ path: folder, why: 'has a terragrunt.hcl, but stacks lie one level higher' });
    }
    if (depth >= DEEPEST) return here;
    const folders = entries.filter(({ kind, name }) => kind === 'folder' && !NOT_SOURCE.has(name));
    const below = await Promise.all(folders.map(({ name }) => walk(join(folder, name), depth + 1)));
    return [...here, ...below.flat()];
  };
  return await walk(stacks, 0);
}
