import type { Processes } from '../process/client.ts';
import type { FoundUnit } from './client.ts';
import { readJson } from './read-json.ts';
import { named } from './run-unit.ts';
import { badOutput } from './versions.ts';

/** Longer than any repository takes that people work with; terragrunt reads every unit once. */
const FIND_MS = 120_000;

/** See `Terragrunt.find`. Stacks of `terragrunt.stack.hcl` are left out: they are no units. */
export async function findUnits(
  processes: Pick<Processes, 'run'>,
  folder: string,
  signal?: AbortSignal,
): Promise<readonly FoundUnit[]> {
  const args = ['find', '--json', '--dag', '--dependencies', '--no-color', '--working-dir', folder];
  const options = { timeoutMs: FIND_MS, ...(signal === undefined ? {} : { signal }) };
  const what = `terragrunt find in ${folder}`;
  const found = readJson(await named(() => processes.run({ program: 'terragrunt', args, cwd: folder }, options)), what);
  if (!Array.isArray(found)) throw badOutput(what, 'a list of units');
  return found.filter(isUnit).map(({ path, dependencies }) => ({ path, dependencies: dependencies ?? [] }));
}

function isUnit(value: unknown): value is { readonly path: string; readonly dependencies?: readonly string[] } {
  if (typeof value !== 'object' || value === null) return false;
  const { type, path, dependencies } = value as Readonly<Record<string, unknown>>;
  const hasNames =
    dependencies === undefined ||
    (Array.isArray(dependencies) && dependencies.every((each) => typeof each === 'string'));
  return type === 'unit' && typeof path === 'string' && hasNames;
}
