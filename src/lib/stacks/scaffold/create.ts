import { dirname, join } from 'node:path';
import type { Clients } from '../../clients/clients.ts';
import { InfraError } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Site } from '../../site/site.ts';
import { stacksFolder } from '../discover.ts';
import { runGuardScripts } from '../preflight/guard-scripts.ts';
import type { Stack } from '../stack.ts';
import type { Composition } from './compose.ts';
import type { Conventions } from './conventions.ts';
import { validateFolder } from './validate.ts';

type CreateClients = Pick<Clients, 'files' | 'processes'>;

/**
 * Refuses a name that is taken: by a stack, by anything in the folder of stacks, by a namespace of another stack.
 * Errors: `stack.new-exists`, `stack.new-namespace-taken` (65).
 */
export async function assertFree(
  clients: Pick<Clients, 'files'>,
  site: Site,
  name: string,
  { namespaces, stacks }: Conventions,
): Promise<void> {
  const folder = join(stacksFolder(site), name);
  const clash = stacks.find((stack) => stack.name.toLowerCase() === name)?.name;
  if (clash !== undefined || (await clients.files.info(folder)) !== undefined) {
    throw new InfraError('stack.new-exists', 'data', `There is a stack ${clash ?? name} already: ${folder}.`, {
      hints: [`infra stack graph ${clash ?? name}`, 'Choose another name.'],
    });
  }
  const owner = namespaces.get(name);
  if (owner !== undefined) {
    throw new InfraError('stack.new-namespace-taken', 'data', `The namespace ${name} belongs to the stack ${owner}.`, {
      hints: ['Choose another name.'],
    });
  }
}

/**
 * Writes the stack beside the folder of stacks, at the same depth, so that its relative paths lead where they will;
 * runs the guards and the validation there, and moves it into place in one step. Whatever fails leaves nothing behind.
 * Errors: those of `runGuardScripts`, `validateFolder` and `Files`.
 */
export async function createStack(
  clients: CreateClients,
  site: Site,
  composition: Composition,
  options: { readonly validate: boolean; readonly signal?: AbortSignal },
): Promise<readonly Finding[]> {
  const { name } = composition;
  const stacks = stacksFolder(site);
  const place = join(dirname(stacks), `.infra-new-${name}`);
  const folder = join(place, name);
  try {
    await clients.files.remove(place);
    await write(clients, folder, composition);
    const guards = await runGuards(clients, site, name, folder);
    const valid = options.validate
      ? await validateFolder(clients, folder, options.signal)
      : skipped('stack.new.validate', 'tofu validate', '--no-validate');
    await clients.files.rename(folder, join(stacks, name));
    return [guards, valid];
  } finally {
    await clients.files.remove(place);
  }
}

async function write(clients: CreateClients, folder: string, { files, links }: Composition): Promise<void> {
  await clients.files.makeFolder(folder, 0o755);
  for (const { path, text } of files) await clients.files.writeAtomic(join(folder, path), text, 0o644);
  for (const { path, target } of links) await clients.files.makeLink(join(folder, path), target);
}

async function runGuards(clients: CreateClients, site: Site, name: string, folder: string): Promise<Finding> {
  const stack: Stack = { name, folder, tier: 1, dependencies: [], readsUsers: false, empty: false };
  const id = 'stack.new.guards';
  const guards = await runGuardScripts({ clients, site }, stack);
  if (guards.length === 0) return skipped(id, 'guards', 'the repository has no scripts/check-*.py');
  const detail = `${guards.length} ${guards.length === 1 ? 'script' : 'scripts'} passed`;
  return { id, title: 'guards', verdict: 'PASS', detail };
}

function skipped(id: string, title: string, detail: string): Finding {
  return { id, title, verdict: 'SKIP', reason: 'not-asked', detail };
}
