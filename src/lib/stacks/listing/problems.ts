import { relative } from 'node:path';
import type { Clients } from '../../clients/clients.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Site } from '../../site/site.ts';
import { stacksFolder } from '../discover.ts';
import { cycleText } from '../graph/cycles.ts';
import type { StackGraph } from '../graph/graph.ts';
import { hclProblem } from '../source/hcl-problem.ts';
import type { ModuleReader } from '../source/modules.ts';
import type { Stack } from '../stack.ts';
import { readTierLists, type TierList, tier0Names } from '../tier0/tier-list.ts';
import { unitsOutOfPlace } from './out-of-place.ts';

/** What the problems of a repository are read from. */
export type Inventory = {
  readonly clients: Pick<Clients, 'files'>;
  readonly site: Site;
  readonly modules: ModuleReader;
  readonly stacks: readonly Stack[];
  readonly graph: StackGraph;
};

/**
 * What is wrong with the repository as a set of stacks, the worst first: cycles, dependencies that lead nowhere, files
 * that are no HCL, folders that cannot be planned, lists of tiers that disagree, and scaffolds, which are told and are
 * no fault. Errors: those of `Files`.
 */
export async function problemsOf(inventory: Inventory): Promise<readonly Finding[]> {
  const { clients, site, graph, stacks } = inventory;
  const [broken, empty, tiers, misplaced] = await Promise.all([
    brokenFiles(inventory),
    withoutConfiguration(inventory),
    tierProblems(clients, site, stacks),
    unitsOutOfPlace(clients, stacksFolder(site)),
  ]);
  const scaffolds = stacks.filter((stack) => stack.scaffold === true).map(({ name }) => name);
  return [
    ...graph.cycles.map((cycle) =>
      problem('stacks.cycle', 'FAIL', 'cycle', cycleText(cycle), 'remove one of these dependencies'),
    ),
    ...graph.missing.map((missing) => missingProblem(missing, site)),
    ...broken,
    ...empty,
    ...tiers,
    ...misplaced.map(({ path, why }) =>
      problem('stacks.out-of-place', 'WARN', 'not a stack', `${relative(site.root.value, path)} ${why}`),
    ),
    ...(scaffolds.length === 0
      ? []
      : [
          {
            id: 'stacks.scaffold',
            title: 'scaffold',
            verdict: 'SKIP' as const,
            reason: 'scaffold',
            detail: `${scaffolds.join(', ')}: never planned or applied`,
          },
        ]),
  ];
}

function problem(id: string, verdict: Finding['verdict'], title: string, detail: string, hint?: string): Finding {
  return { id, title, verdict, detail, ...(hint === undefined ? {} : { hint }) };
}

function missingProblem({ stack, target, kind }: StackGraph['missing'][number], site: Site): Finding {
  if (kind === 'unresolved') {
    const detail = `${stack} depends on ${target}, which only terragrunt can evaluate`;
    return {
      ...problem('stacks.computed-target', 'UNKNOWN', 'dependency', detail, 'infra stack graph --verify'),
      reason: 'computed',
    };
  }
  if (kind === 'outside') {
    const detail = `${stack} depends on ${relative(site.root.value, target)}, outside ${site.stacks.dir.value}/`;
    return problem('stacks.outside-target', 'WARN', 'dependency', detail);
  }
  const detail = `${stack} depends on ${target}, which is not there`;
  return problem(
    'stacks.missing-target',
    'FAIL',
    'dependency',
    detail,
    `correct ${site.stacks.dir.value}/${stack}/terragrunt.hcl`,
  );
}

/** The unit's own file and those of its modules: what terragrunt find would hide with status 0. */
async function brokenFiles({ clients, site, modules, stacks }: Inventory): Promise<readonly Finding[]> {
  const root = site.root.value;
  const texts = new Map<string, string>();
  for (const stack of stacks) {
    const unit = `${stack.folder}/terragrunt.hcl`;
    texts.set(unit, (await clients.files.read(unit)) ?? '');
    for (const module of await modules.reachable(stack.folder)) {
      for (const { path, text } of module.files) texts.set(path, text);
    }
  }
  for (const name of ['terragrunt.hcl']) {
    const text = await clients.files.read(`${root}/${name}`);
    if (text !== undefined) texts.set(`${root}/${name}`, text);
  }
  return [...texts].flatMap(([path, text]) => {
    const wrong = hclProblem(text);
    return wrong === undefined
      ? []
      : [problem('stacks.no-hcl', 'FAIL', 'unreadable', `${relative(root, path)}: ${wrong}`)];
  });
}

/** A unit without any .tf and without a source: a plan of it fails. */
async function withoutConfiguration({ site, modules, stacks, clients }: Inventory): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const stack of stacks) {
    if (stack.scaffold === true || (await modules.read(stack.folder)).files.length > 0) continue;
    const text = (await clients.files.read(`${stack.folder}/terragrunt.hcl`)) ?? '';
    if (/^\s*source\s*=/m.test(text)) continue;
    const folder = `${site.stacks.dir.value}/${stack.name}`;
    found.push(
      problem('stacks.no-tf', 'WARN', 'empty', `${folder} has a terragrunt.hcl and no .tf`, `git rm -r ${folder}`),
    );
  }
  return found;
}

async function tierProblems(
  clients: Pick<Clients, 'files'>,
  site: Site,
  stacks: readonly Stack[],
): Promise<readonly Finding[]> {
  const [used, lists] = await Promise.all([tier0Names(clients, site), readTierLists(clients, site.root.value)]);
  const known = new Set(stacks.map(({ name }) => name));
  const strangers = used.filter((name) => !known.has(name));
  const hint = 'Tier 0 decides where state lies: make the lists the same';
  return [
    ...lists.flatMap((list) => {
      const text = disagreement(list, used);
      return text === undefined ? [] : [problem('stacks.tier-lists', 'WARN', 'Tier 0', text, hint)];
    }),
    ...(strangers.length === 0
      ? []
      : [
          problem(
            'stacks.tier-unknown',
            'WARN',
            'Tier 0',
            `${strangers.join(', ')}: listed as Tier 0, but no stack here`,
          ),
        ]),
  ];
}

function disagreement(list: TierList, used: readonly string[]): string | undefined {
  const missing = used.filter((name) => !list.stacks.includes(name));
  const extra = list.stacks.filter((name) => !used.includes(name));
  if (missing.length === 0 && extra.length === 0) return undefined;
  const parts = [
    ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
    ...(extra.length > 0 ? [`has ${extra.join(', ')} too`] : []),
  ];
  return `the list in ${list.path} ${parts.join(' and ')}`;
}
