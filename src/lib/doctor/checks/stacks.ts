import { discoverStacks } from '../../stacks/discover.ts';
import { detectShape } from '../../stacks/shape.ts';
import type { Stack } from '../../stacks/stack.ts';
import { type Check, fail, pass, warn } from '../check.ts';

/** The stacks, their shape, their graph. */
export const stacks: Check = {
  id: 'repository.stacks',
  title: 'stacks',
  group: 'repository',
  needs: 'site',
  run: async (world, site) => {
    const files = await world.client('files');
    const all = await discoverStacks({ files }, site);
    const real = all.filter((stack) => stack.scaffold !== true);
    const dir = site.stacks.dir.value;
    if (real.length === 0)
      return fail(
        `no stack: ${dir}/*/terragrunt.hcl does not exist`,
        'Name the folder of the stacks in infra.yaml: stacks.dir',
      );
    const missing = missingTargets(real, new Set(all.map((stack) => stack.name)));
    if (missing.length > 0)
      return fail(
        `dependencies that do not exist: ${missing.join(', ')}`,
        'Correct config_path in their terragrunt.hcl.',
      );
    const cycle = findCycle(real);
    if (cycle !== undefined)
      return fail(`a cycle of dependencies: ${cycle.join(' → ')}`, 'Remove one of these dependency blocks.');
    const edges = real.reduce((sum, stack) => sum + stack.dependencies.length, 0);
    const { shape, reason } = detectShape(real);
    const summary = `${real.length} stacks, ${edges} dependencies, ${shape} shape (${reason})`;
    const bare = await withoutCode(files, real);
    if (bare.length > 0)
      return warn(
        `${summary}; without any .tf file: ${bare.join(', ')}`,
        'Remove these folders, or write their main.tf.',
      );
    return pass(summary);
  },
};

function missingTargets(stacks: readonly Stack[], known: ReadonlySet<string>): readonly string[] {
  return stacks.flatMap((stack) =>
    stack.dependencies.filter((name) => !known.has(name)).map((name) => `${stack.name} → ${name}`),
  );
}

async function withoutCode(
  files: { list: (path: string) => Promise<readonly { name: string }[] | undefined> },
  stacks: readonly Stack[],
): Promise<readonly string[]> {
  const bare = await Promise.all(
    stacks
      .filter((stack) => stack.empty)
      .map(async (stack) => ({
        name: stack.name,
        bare: !((await files.list(stack.folder)) ?? []).some((entry) => /\.tf(?:\.json)?$/.test(entry.name)),
      })),
  );
  return bare.filter((stack) => stack.bare).map((stack) => stack.name);
}

/** The first cycle, from a stack back to itself: `a → b → a`. */
export function findCycle(stacks: readonly Pick<Stack, 'name' | 'dependencies'>[]): readonly string[] | undefined {
  const byName = new Map(stacks.map((stack) => [stack.name, stack.dependencies]));
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): readonly string[] | undefined => {
    const start = path.indexOf(name);
    if (start !== -1) return [...path.slice(start), name];
    if (done.has(name)) return undefined;
    for (const next of byName.get(name) ?? []) {
      const cycle = visit(next, [...path, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const { name } of stacks) {
    const cycle = visit(name, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
