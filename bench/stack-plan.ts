import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readGraph, type StackGraph, writeGraphRepository } from '../test/unit/stacks/support/graph-repository.ts';
import { interleaved, timeRun } from './measure.ts';
import { msText, type Row } from './row.ts';
import type { Program } from './start-up.ts';

/** `terragrunt` that plans by waiting: no changes, in a plan file that says so. */
const TERRAGRUNT = `#!/bin/sh
case "$1" in
  --version) echo 'terragrunt version v0.99.4' ;;
  plan)
    sleep 0.2
    for word; do case "$word" in -out=*) printf plan > "\${word#-out=}" ;; esac; done
    echo '{"@level":"info","type":"version","tofu":"1.12.6","ui":"1.2"}' ;;
  show) echo '{"format_version":"1.2","applyable":false,"resource_changes":[]}' ;;
esac
`;

/**
 * `stack plan --all` of a repository of 155 stacks whose plans take 200 ms, against the schedule that nobody can beat:
 * the same graph, each stack as long as its plan takes by hand. Start-up, the same run without the stacks, is
 * left out of both.
 */
export async function stackPlanRows(infra: Program, folder: string): Promise<readonly Row[]> {
  const graph = await readGraph();
  const repo = join(folder, 'plan-all');
  await writeGraphRepository(repo, graph);
  await writeFile(join(repo, 'infra.yaml'), 'stacks:\n  tier0: { stacks: [] }\n  guards: []\n');
  const bin = join(folder, 'plan-all-bin');
  await mkdir(bin);
  const programs = { terragrunt: TERRAGRUNT, tofu: "#!/bin/sh\necho 'OpenTofu v1.12.6'\n" };
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(bin, name), text);
    await chmod(join(bin, name), 0o755);
  }
  const env = {
    PATH: `${bin}:/usr/bin:/bin`,
    HOME: join(folder, 'plan-all-home'),
    PG_CONN_STR: 'postgres://127.0.0.1/none',
    VAULT_ADDR: 'http://127.0.0.1:9',
    VAULT_TOKEN: 'none-is-asked',
  };
  const plan =
    (...args: readonly string[]) =>
    () =>
      timeRun({ argv: infra('stack', 'plan', ...args), env, cwd: repo });
  const unit = join(repo, 'stacks/infra');
  const file = join(folder, 'by-hand.tfplan');
  const byHand = ['/bin/sh', '-c', `terragrunt plan -json -out=${file} `];
  const times = await interleaved(3, {
    byHand: () => timeRun({ argv: byHand, env, cwd: unit }),
    one: plan('infra'),
    four: plan('--all', '--parallelism', '4'),
    eight: plan('--all', '--parallelism', '8'),
  });
  const startUp = times.one - times.byHand;
  const row = (parallelism: number, ms: number): Row => {
    const ideal = idealSlots(graph, parallelism) * times.byHand;
    return {
      measure: `stack plan --all, ${parallelism} at once, vs the ideal schedule`,
      value: (ms - startUp) / ideal,
      unit: 'x',
      limit: 1.1,
      detail: `${msText(ms - startUp)} / ${msText(ideal)}, ${msText(times.byHand)} a stack by hand, start-up ${msText(startUp)} apart`,
    };
  };
  return [row(4, times.four), row(8, times.eight)];
}

/** How many plans stand one behind another at least: highest level first, which is optimal or next to it for unit times. */
function idealSlots(graph: StackGraph, parallelism: number): number {
  const stacks = new Map(Object.entries(graph.stacks).filter(([name]) => !name.startsWith('_')));
  const behind = new Map<string, number>();
  const level = (name: string): number => {
    const known = behind.get(name);
    if (known !== undefined) return known;
    const after = [...stacks].filter(([, { dependencies }]) => dependencies.includes(name));
    const found = Math.max(-1, ...after.map(([other]) => level(other))) + 1;
    behind.set(name, found);
    return found;
  };
  const left = new Set(stacks.keys());
  let slots = 0;
  while (left.size > 0) {
    const ready = [...left].filter((name) => stacks.get(name)?.dependencies.every((on) => !left.has(on)) === true);
    for (const name of ready.sort((a, b) => level(b) - level(a)).slice(0, parallelism)) left.delete(name);
    slots += 1;
  }
  return slots;
}
