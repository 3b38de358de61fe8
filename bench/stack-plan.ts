import { join } from 'node:path';
import { readGraph, type StackGraph } from '../test/unit/stacks/support/graph-repository.ts';
import { interleaved, timeRun } from './measure.ts';
import { planRepository } from './plan-repository.ts';
import { msText, type Row } from './row.ts';
import type { Program } from './start-up.ts';

/** `terragrunt` that plans by waiting: no changes, in a plan file that says so. And the tool that nothing calls then. */
export const STAND_INS = {
  tofu: "#!/bin/sh\necho 'OpenTofu v1.12.6'\n",
  terragrunt: `#!/bin/sh
case "$1" in
  --version) echo 'terragrunt version v0.99.4' ;;
  plan)
    sleep 0.2
    for word; do case "$word" in -out=*) printf plan > "\${word#-out=}" ;; esac; done
    echo '{"@level":"info","type":"version","tofu":"1.12.6","ui":"1.2"}' ;;
  show) echo '{"format_version":"1.2","applyable":false,"resource_changes":[]}' ;;
esac
`,
};

/**
 * `stack plan --all` of a repository of 155 stacks whose plans take 200 ms, against the schedule that nobody can beat:
 * the same graph, each stack as long as its plan takes by hand. Start-up, the same run without the stacks, is
 * left out of both.
 */
export async function stackPlanRows(infra: Program, folder: string): Promise<readonly Row[]> {
  const graph = await readGraph();
  const { repo, env } = await planRepository(folder, 'plan-all', graph, STAND_INS);
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
