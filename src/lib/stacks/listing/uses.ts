import { relative } from 'node:path';
import type { ModuleReader } from '../source/modules.ts';
import type { Stack } from '../stack.ts';

/** Modules of the repository that a stack calls, directly or not, outside its own folder; paths relative to the root. */
export async function modulesOf(modules: ModuleReader, root: string, stack: Stack): Promise<readonly string[]> {
  const reached = await modules.reachable(stack.folder);
  return reached
    .map(({ folder }) => folder)
    .filter((folder) => folder !== stack.folder && !folder.startsWith(`${stack.folder}/`))
    .map((folder) => relative(root, folder))
    .sort();
}

/** True when a module's path is the wanted one or ends with it: `ingress_factory` names `modules/…/ingress_factory`. */
export function isModule(path: string, wanted: string): boolean {
  const name = wanted.replace(/^\.\//, '').replace(/\/+$/, '');
  return path === name || path.endsWith(`/${name}`);
}
