import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { readGraph } from '../test/unit/stacks/support/graph-repository.ts';
import { interleaved, type Timed, timeRun } from './measure.ts';
import { planRepository } from './plan-repository.ts';
import { type Row, ratioRow } from './row.ts';
import { STAND_INS } from './stack-plan.ts';
import { terragrunt } from './stacks.ts';
import type { Program } from './start-up.ts';

/** `tofu` whose plans take as long as those of the stand-in for terragrunt. */
const TOFU = `#!/bin/sh
case "$1" in
  --version|-version|version) echo 'OpenTofu v1.12.6' ;;
  plan)
    sleep 0.2
    for word; do case "$word" in -out=*) printf plan > "\${word#-out=}" ;; esac; done
    case " $* " in *' -json '*) echo '{"@level":"info","type":"version","tofu":"1.12.6","ui":"1.2"}' ;; esac ;;
  show) echo '{"format_version":"1.2","applyable":false,"resource_changes":[]}' ;;
esac
`;
const RUN_ALL = ['run', '--all', '--non-interactive', '--no-color', '--working-dir', 'stacks'];

/**
 * `stack plan --all` beside `terragrunt run --all plan`: the same 155 stacks, plans of 200 ms, at the same parallelism.
 * Once with the stand-in for terragrunt, which is what infra itself costs, and once where both run the real one: infra
 * starts it once a stack, as a wrapper or a person does, `run --all` once for all. To be compared, not limited: `run
 * --all` takes no lock of a stack, keeps no plan and says of no stack whether it has changes. Nothing without terragrunt.
 */
export async function runAllRows(infra: Program, folder: string): Promise<readonly Row[]> {
  const program = terragrunt();
  if (program === undefined) return [];
  const graph = await readGraph();
  const standIn = await planRepository(folder, 'run-all-stand-in', graph, STAND_INS);
  const real = await planRepository(folder, 'run-all', graph, { tofu: TOFU });
  await symlink(program, join(folder, 'run-all-bin/terragrunt'));

  const planAll =
    ({ repo, env }: typeof real, parallelism: number): Timed =>
    () =>
      timeRun({ argv: infra('stack', 'plan', '--all', '--parallelism', `${parallelism}`), env, cwd: repo });
  const runAll =
    (parallelism: number): Timed =>
    () => {
      // A scaffold holds nothing to plan: infra leaves it out, `run --all` fails at it.
      const args = [...RUN_ALL, '--filter', '!./_template', '--parallelism', `${parallelism}`, 'plan'];
      return timeRun({ argv: [program, ...args], env: real.env, cwd: real.repo });
    };
  const rows: Row[] = [];
  for (const parallelism of [4, 8]) {
    const times = await interleaved(3, {
      runAll: runAll(parallelism),
      standIn: planAll(standIn, parallelism),
      real: planAll(real, parallelism),
    });
    const measure = `stack plan --all, ${parallelism} at once, vs terragrunt run --all plan`;
    rows.push(ratioRow(measure, times.standIn, times.runAll));
    rows.push(ratioRow('  the same where infra runs the real terragrunt', times.real, times.runAll));
  }
  return rows;
}
