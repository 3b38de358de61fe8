import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSandbox } from '../src/sandbox/start.ts';
import { readGraph, writeGraphRepository } from '../test/unit/stacks/support/graph-repository.ts';
import { interleaved, timeRun } from './measure.ts';
import { msText, type Row, ratioRow } from './row.ts';
import type { Program } from './start-up.ts';

/**
 * A command that asks Vault and the cluster, `user list` of four users, against an empty Node process; and what the scan
 * of a repository of 155 stacks adds to a command that has to know all stacks, in a process that starts cold.
 */
export async function serverRows(infra: Program, folder: string): Promise<readonly Row[]> {
  const sandbox = await startSandbox();
  const { env, repo } = sandbox;
  const graph = await readGraph();
  const [big, none] = [join(folder, 'graph'), join(folder, 'no-stacks')];
  await writeGraphRepository(big, graph);
  await mkdir(join(none, 'stacks'), { recursive: true });
  await writeFile(join(none, 'terragrunt.hcl'), '');
  const verify = (at: string) => () =>
    timeRun({ argv: infra('user', 'verify', 'root-admin', '--repo', at), env, cwd: at, statuses: [0, 1, 2, 3] });
  try {
    const times = await interleaved(15, {
      list: () => timeRun({ argv: infra('user', 'list'), env, cwd: repo }),
      empty: () => timeRun({ argv: [process.execPath, '-e', '0'], env }),
      scan: verify(big),
      noScan: verify(none),
    });
    const stacks = Object.values(graph.stacks);
    const edges = stacks.reduce((sum, stack) => sum + stack.dependencies.length, 0);
    return [
      ratioRow('infra user list (Vault, Kubernetes) vs node -e 0', times.list, times.empty, 5),
      {
        measure: `scan of ${stacks.length} stacks, ${edges} edges, over start-up`,
        value: (times.scan - times.noScan) / 1000,
        unit: 's',
        limit: 0.3,
        detail: `infra user verify: ${msText(times.scan)} - ${msText(times.noScan)} without stacks`,
      },
    ];
  } finally {
    await sandbox.stop();
  }
}
