import type { Clients } from '../../clients/clients.ts';
import type { Site } from '../../site/site.ts';
import { discoverStacks } from '../discover.ts';
import type { Body, Token } from './hcl-text.ts';
import { expression, literal } from './hcl-text.ts';
import type { Module, ModuleReader } from './modules.ts';
import { makeModuleReader } from './modules.ts';

/** What `var.x` stands for in one module: the literal that its caller passes. */
type Values = ReadonlyMap<string, string>;

/**
 * Which stack declares the Kubernetes namespace of a name, so that a user is not given somebody else's: namespace → stack.
 * Names are followed through variables, locals and module arguments as long as they are literals; computed names
 * (`each.key`) are unknown here and simply missing. Errors: those of `Files`.
 */
export async function declaredNamespaces(
  clients: Pick<Clients, 'files'>,
  site: Site,
): Promise<ReadonlyMap<string, string>> {
  const modules = makeModuleReader(clients.files);
  const found = new Map<string, string>();
  for (const stack of await discoverStacks(clients, site)) {
    if (stack.scaffold === true) continue;
    for (const name of await namespacesOf(modules, stack.folder, new Map(), [])) {
      if (!found.has(name)) found.set(name, stack.name);
    }
  }
  return found;
}

async function namespacesOf(
  modules: ModuleReader,
  folder: string,
  passed: Values,
  path: readonly string[],
): Promise<readonly string[]> {
  if (path.includes(folder)) return [];
  const module = await modules.read(folder);
  const calls = module.calls();
  const mayDeclare = module.files.some(({ text }) => text.includes('kubernetes_namespace'));
  if (!mayDeclare && calls.length === 0) return [];
  const values = literalsOf(module, passed);
  const own = mayDeclare ? module.bodies().flatMap((body) => declaredIn(body, values)) : [];
  const inner: string[] = [];
  for (const call of calls) {
    const given = new Map(
      [...call.arguments].flatMap(([name, tokens]) => {
        const value = literalOf(tokens, values);
        return value === undefined ? [] : [[`var.${name}`, value] as const];
      }),
    );
    inner.push(...(await namespacesOf(modules, call.folder, given, [...path, folder])));
  }
  return [...own, ...inner];
}

function declaredIn(body: Body, values: Values): readonly string[] {
  return body.blocks
    .filter((block) => block.type === 'resource' && /^kubernetes_namespace(_v1)?$/.test(block.labels[0] ?? ''))
    .flatMap((block) => block.body.blocks.filter((inner) => inner.type === 'metadata'))
    .flatMap((metadata) => literalOf(metadata.body.attributes.get('name'), values) ?? []);
}

function literalsOf(module: Module, passed: Values): Values {
  const values = new Map<string, string>();
  for (const body of module.bodies()) {
    for (const block of body.blocks) {
      if (block.type === 'variable') {
        const value = literal(block.body.attributes.get('default'));
        if (value !== undefined) values.set(`var.${block.labels[0] ?? ''}`, value);
      } else if (block.type === 'locals') {
        for (const [name, tokens] of block.body.attributes) {
          const value = literal(tokens);
          if (value !== undefined) values.set(`local.${name}`, value);
        }
      }
    }
  }
  return new Map([...values, ...passed]);
}

function literalOf(tokens: readonly Token[] | undefined, values: Values): string | undefined {
  const name = expression(tokens);
  return literal(tokens) ?? (name === undefined ? undefined : values.get(name));
}
