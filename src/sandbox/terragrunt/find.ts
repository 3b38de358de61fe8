import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';

type Unit = { readonly path: string; readonly dependencies: readonly string[] };

/** `find`: the units below a folder, in the order of their dependencies, ties by name. */
export function findUnits(folder: string): readonly Unit[] {
  const units = new Map<string, Unit>();
  const walk = (path: string) => {
    const here = join(folder, path);
    if (path !== '' && existsSync(join(here, 'terragrunt.hcl')))
      units.set(path, { path, dependencies: dependenciesIn(here, path) });
    for (const entry of readdirSync(here, { withFileTypes: true })) {
      if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
        walk(join(path, entry.name));
    }
  };
  walk('');
  return topological(units);
}

/** What `find` prints: JSON, or one path a line. */
export function formatUnits(units: readonly Unit[], json: boolean, withDependencies: boolean): string {
  if (!json) return units.map((unit) => `${unit.path}\n`).join('');
  const rows = units.map((unit) => ({
    type: 'unit',
    path: unit.path,
    ...(withDependencies && unit.dependencies.length > 0 ? { dependencies: unit.dependencies } : {}),
  }));
  return `${JSON.stringify(rows, undefined, 2)}\n`;
}

function dependenciesIn(folder: string, path: string): string[] {
  const text = readFileSync(join(folder, 'terragrunt.hcl'), 'utf8').replace(/^\s*(#|\/\/).*$/gm, '');
  return [...text.matchAll(/config_path\s*=\s*"([^"]+)"/g)].map((match) => normalize(join(path, match[1] ?? '')));
}

function topological(units: ReadonlyMap<string, Unit>): Unit[] {
  const left = new Map([...units].sort(([a], [b]) => (a < b ? -1 : 1)));
  const ordered: Unit[] = [];
  while (left.size > 0) {
    const ready = [...left.values()].filter((unit) => unit.dependencies.every((each) => !left.has(each)));
    const next = ready.length > 0 ? ready : [...left.values()];
    for (const unit of next) {
      left.delete(unit.path);
      ordered.push(unit);
    }
  }
  return ordered;
}
