import type { Body, Token } from './hcl-text.ts';
import { expression, literal } from './hcl-text.ts';
import type { Module, ModuleReader } from './modules.ts';

/** An object that a configuration declares or looks up. Names are known as far as they are literal; `*` is computed. */
export type NamedObject = {
  readonly kind: 'resource' | 'data';
  readonly type: string;
  readonly name?: string;
  readonly namespace?: string;
};

/** What `var.x` and `local.x` stand for in one module. */
type Values = ReadonlyMap<string, string>;

/**
 * Every block of a root module and the modules that it calls which names an object or a namespace. Names are followed
 * through variables, locals and arguments of modules as long as they are literal. Errors: those of `Files`.
 */
export async function objectsOf(modules: ModuleReader, folder: string): Promise<readonly NamedObject[]> {
  return await within(modules, folder, new Map(), []);
}

async function within(
  modules: ModuleReader,
  folder: string,
  passed: Values,
  path: readonly string[],
): Promise<readonly NamedObject[]> {
  if (path.includes(folder)) return [];
  const module = await modules.read(folder);
  const calls = module.calls();
  const mayName = module.files.some(({ text }) => text.includes('namespace') || text.includes('kubernetes_'));
  if (!mayName && calls.length === 0) return [];
  const values = literalsOf(module, passed);
  const found = mayName ? module.bodies().flatMap((body) => objectsIn(body, values)) : [];
  for (const call of calls) {
    const given = [...call.arguments].flatMap(([name, tokens]) => {
      const value = textOf(tokens, values);
      return value === undefined ? [] : [[`var.${name}`, value] as const];
    });
    found.push(...(await within(modules, call.folder, new Map(given), [...path, folder])));
  }
  return found;
}

function objectsIn(body: Body, values: Values): NamedObject[] {
  return body.blocks.flatMap((block): NamedObject[] => {
    if (block.type !== 'resource' && block.type !== 'data') return [];
    const type = block.labels[0] ?? '';
    const metadata = block.body.blocks.find((inner) => inner.type === 'metadata')?.body ?? block.body;
    const name = textOf(metadata.attributes.get('name'), values);
    const namespace = textOf(metadata.attributes.get('namespace'), values);
    if (name === undefined && namespace === undefined) return [];
    return [
      {
        kind: block.type,
        type,
        ...(name === undefined ? {} : { name }),
        ...(namespace === undefined ? {} : { namespace }),
      },
    ];
  });
}

function literalsOf(module: Module, passed: Values): Values {
  const values = new Map<string, string>();
  for (const body of module.bodies()) {
    for (const block of body.blocks) {
      const named: readonly (readonly [string, readonly Token[] | undefined])[] =
        block.type === 'variable'
          ? [[`var.${block.labels[0] ?? ''}`, block.body.attributes.get('default')]]
          : block.type === 'locals'
            ? [...block.body.attributes].map(([name, tokens]) => [`local.${name}`, tokens] as const)
            : [];
      for (const [name, tokens] of named) {
        const value = literal(tokens);
        if (value !== undefined) values.set(name, value);
      }
    }
  }
  return new Map([...values, ...passed]);
}

/** A literal, what a name stands for, or a template with `*` for what is computed; undefined for other expressions. */
function textOf(tokens: readonly Token[] | undefined, values: Values): string | undefined {
  const plain = literal(tokens);
  if (plain !== undefined) return plain;
  const known = values.get(expression(tokens) ?? '');
  if (known !== undefined) return known;
  const only = tokens?.length === 1 ? tokens[0] : undefined;
  if (only?.kind !== 'string') return undefined;
  return only.text.replace(/\$\{([^}]*)\}/g, (_, inner: string) => values.get(inner.trim()) ?? '*');
}
