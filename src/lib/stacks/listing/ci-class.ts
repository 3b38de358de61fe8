import type { Clients } from '../../clients/clients.ts';

/**
 * How the repository's pipeline treats a stack: in its list of platform stacks (applied first), as one of the others,
 * or left to a person. `none`: there is no such list, so nothing is known.
 */
export type CiClass = 'platform' | 'app' | 'by-hand' | 'none';

const FOLDER = '.woodpecker';
const LIST = /PLATFORM_STACKS=(?:"([^"]*)"|'([^']*)')/g;

/** A comparison with one name that ends the turn of a loop: `if [ "$stack" = "vault" ]; then …; continue`. */
const SKIPPED = /\[\[?\s*"?\$\{?\w+\}?"?\s*==?\s*"?([\w.-]+)"?\s*\]\]?(?:(?!\bfi\b|\bif\b)[\s\S]){0,600}?\bcontinue\b/g;

/** The class of every name, as the pipelines in `.woodpecker/` tell it. Errors: those of `Files`. */
export async function ciClasses(clients: Pick<Clients, 'files'>, root: string): Promise<(stack: string) => CiClass> {
  const entries = (await clients.files.list(`${root}/${FOLDER}`)) ?? [];
  const names = entries.filter(({ kind, name }) => kind === 'file' && /\.ya?ml$/.test(name));
  const texts = await Promise.all(
    names.map(async ({ name }) => (await clients.files.read(`${root}/${FOLDER}/${name}`)) ?? ''),
  );
  const pipelines = texts.filter((text) => text.includes('PLATFORM_STACKS='));
  const platform = new Set(
    pipelines.flatMap((text) => [...text.matchAll(LIST)].flatMap(([, a, b]) => (a ?? b ?? '').split(/\s+/))),
  );
  const skipped = new Set(pipelines.flatMap((text) => [...text.matchAll(SKIPPED)].map(([, name]) => name)));
  return (stack) => {
    if (pipelines.length === 0) return 'none';
    if (skipped.has(stack)) return 'by-hand';
    return platform.has(stack) ? 'platform' : 'app';
  };
}
