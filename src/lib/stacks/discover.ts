import { basename, dirname, resolve } from 'node:path';
import type { Clients } from '../clients/clients.ts';
import type { Site } from '../site/site.ts';
import type { Body, Token } from './source/hcl-text.ts';
import { expression, literal, parseHcl, strings } from './source/hcl-text.ts';
import type { Module, ModuleReader } from './source/modules.ts';
import { localSource, makeModuleReader } from './source/modules.ts';
import { isEmpty, kubernetesSecrets, namesKey } from './source/readers.ts';
import type { Stack } from './stack.ts';
import { tier0Names } from './tier0/tier-list.ts';

/** The file that makes a folder a stack. */
const UNIT_FILE = 'terragrunt.hcl';

/** Absolute folder that holds the stacks. */
export function stacksFolder(site: Site): string {
  return resolve(site.root.value, site.stacks.dir.value);
}

/**
 * Every stack of the repository, sorted by name, by a scan of the text: `terragrunt find` would drop edges of a unit
 * that it cannot evaluate without saying so, and takes two orders of magnitude longer.
 * A stack is a folder one level below `stacks.dir` with a terragrunt.hcl. `modules` may be handed in by who reads the
 * same files. Errors: those of `Files`.
 */
export async function discoverStacks(
  clients: Pick<Clients, 'files'>,
  site: Site,
  modules: ModuleReader = makeModuleReader(clients.files),
): Promise<readonly Stack[]> {
  const folder = stacksFolder(site);
  const entries = (await clients.files.list(folder)) ?? [];
  const tier0 = new Set(await tier0Names(clients, site));
  const units = await Promise.all(
    entries
      .filter((entry) => entry.kind === 'folder' || entry.kind === 'link')
      .map(({ name }) => readUnit(clients, modules, folder, name)),
  );
  const found = units.filter((unit) => unit !== undefined);
  const key = site.vault.users.key.value;
  const readers = new Set(found.filter((unit) => namesKey(unit.modules, key)));
  return found
    .map((unit): Stack => {
      const waitsFor = readers.has(unit) ? readsSecretsOf(unit, [...readers]) : [];
      return {
        name: unit.name,
        folder: unit.folder,
        tier: tier0.has(unit.name) ? 0 : 1,
        dependencies: unit.dependencies,
        readsUsers: readers.has(unit),
        empty: isEmpty(unit.modules),
        ...(unit.name.startsWith('_') ? { scaffold: true } : {}),
        ...(unit.unresolved.length > 0 ? { unresolved: unit.unresolved } : {}),
        ...(waitsFor.length > 0 ? { waitsFor } : {}),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

type UnitText = {
  readonly name: string;
  readonly folder: string;
  readonly dependencies: readonly string[];
  readonly unresolved: readonly string[];
  readonly modules: readonly Module[];
};

async function readUnit(
  clients: Pick<Clients, 'files'>,
  modules: ModuleReader,
  stacks: string,
  name: string,
): Promise<UnitText | undefined> {
  const folder = `${stacks}/${name}`;
  const text = await clients.files.read(`${folder}/${UNIT_FILE}`);
  if (text === undefined) return undefined;
  const body = parseHcl(text);
  const paths = dependencyPaths(body).map((written) => ({ written, path: resolvePath(folder, written) }));
  const resolved = paths.flatMap(({ path }) =>
    path === undefined ? [] : [dirname(path) === stacks ? basename(path) : path],
  );
  const source = body.blocks.find((block) => block.type === 'terraform')?.body.attributes.get('source');
  const root = localSource(folder, literal(source)) ?? folder;
  return {
    name,
    folder,
    dependencies: [...new Set(resolved)],
    unresolved: paths.filter(({ path }) => path === undefined).map(({ written }) => written),
    modules: await modules.reachable(root),
  };
}

function dependencyPaths(body: Body): readonly string[] {
  return body.blocks.flatMap((block) => {
    if (block.type === 'dependency' && !isFalse(block.body.attributes.get('enabled'))) {
      return written(block.body.attributes.get('config_path'));
    }
    return block.type === 'dependencies' ? strings(block.body.attributes.get('paths')) : [];
  });
}

function written(value: readonly Token[] | undefined): readonly string[] {
  const found = strings(value);
  const computed = expression(value);
  return found.length > 0 || computed === undefined ? found : [`\${${computed}}`];
}

function isFalse(value: readonly Token[] | undefined): boolean {
  return value?.length === 1 && value[0]?.text === 'false';
}

function resolvePath(folder: string, path: string): string | undefined {
  const local = path.replace(/^\$\{get_terragrunt_dir\(\)\}\/?/, './').replace(/\/terragrunt\.hcl$/, '');
  return /[$%]\{/.test(local) ? undefined : resolve(folder, local);
}

/** Which readers declare a Secret that this reader looks up at plan time: without them its plan fails. */
function readsSecretsOf(unit: UnitText, readers: readonly UnitText[]): readonly { stack: string; because: string }[] {
  const reads = kubernetesSecrets(unit.modules).reads;
  if (reads.length === 0) return [];
  return readers
    .filter((other) => other !== unit)
    .flatMap((other) => {
      const name = kubernetesSecrets(other.modules).declares.find((declared) => reads.includes(declared));
      return name === undefined ? [] : [{ stack: other.name, because: `it reads the Secret ${name}` }];
    });
}
