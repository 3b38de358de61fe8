import { resolve } from 'node:path';
import type { Clients } from '../../clients/clients.ts';
import type { Body, Token } from './hcl-text.ts';
import { literal, parseHcl } from './hcl-text.ts';

/** One folder of .tf files, as text; parsed on demand. */
export type Module = {
  readonly folder: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
  bodies(): readonly Body[];
  /** Calls of modules whose source is a folder of the same repository. */
  calls(): readonly ModuleCall[];
};

/** A `module` block with a local source. */
export type ModuleCall = {
  readonly name: string;
  readonly folder: string;
  readonly arguments: ReadonlyMap<string, readonly Token[]>;
};

/** Reads modules once each, however many stacks share them. */
export type ModuleReader = {
  read(folder: string): Promise<Module>;
  /** The module in `folder` and all that it calls, directly or not. Folders that nobody calls do not appear. */
  reachable(folder: string): Promise<readonly Module[]>;
};

/** Makes a reader with a cache of its own. Errors: those of `Files`. */
export function makeModuleReader(files: Clients['files']): ModuleReader {
  const cache = new Map<string, Promise<Module>>();
  const read = (folder: string): Promise<Module> => {
    const known = cache.get(folder) ?? readModule(files, folder);
    cache.set(folder, known);
    return known;
  };
  return {
    read,
    async reachable(folder) {
      const found = new Map<string, Module>();
      const visit = async (next: string): Promise<void> => {
        if (found.has(next)) return;
        const module = await read(next);
        found.set(next, module);
        for (const call of module.calls()) await visit(call.folder);
      };
      await visit(folder);
      return [...found.values()];
    },
  };
}

/** The folder that a local module source names, or undefined for a registry, git or http source. */
export function localSource(folder: string, source: string | undefined): string | undefined {
  if (source === undefined || !/^\.\.?(\/|$)/.test(source)) return undefined;
  return resolve(folder, source.replace('//', '/'));
}

async function readModule(files: Clients['files'], folder: string): Promise<Module> {
  const entries = (await files.list(folder)) ?? [];
  const names = entries.filter((entry) => entry.kind !== 'folder' && /\.(tf|tofu)$/.test(entry.name));
  const texts = await Promise.all(
    names.map(async ({ name }) => ({ path: `${folder}/${name}`, text: (await files.read(`${folder}/${name}`)) ?? '' })),
  );
  let parsed: readonly Body[] | undefined;
  const bodies = (): readonly Body[] => {
    parsed ??= texts.map(({ text }) => parseHcl(text));
    return parsed;
  };
  const mayCall = texts.some(({ text }) => /\bsource\b/.test(text));
  let called: readonly ModuleCall[] | undefined = mayCall ? undefined : [];
  const calls = (): readonly ModuleCall[] => {
    called ??= localCalls(folder, bodies());
    return called;
  };
  return { folder, files: texts, bodies, calls };
}

function localCalls(folder: string, bodies: readonly Body[]): readonly ModuleCall[] {
  return bodies.flatMap((body) =>
    body.blocks.flatMap((block) => {
      const target =
        block.type === 'module' ? localSource(folder, literal(block.body.attributes.get('source'))) : undefined;
      if (target === undefined) return [];
      return [{ name: block.labels[0] ?? '', folder: target, arguments: block.body.attributes }];
    }),
  );
}
