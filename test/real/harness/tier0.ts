/** What the origin holds of a Tier-0 state, and what lies about in a clone. */
import { existsSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must, run } from './run.ts';
import type { Site } from './site.ts';

export interface PushedState {
  serial: number;
  lineage: string;
  /** Addresses with their keys, as `kubernetes_namespace.user_namespace["alice"]`. */
  addresses: string[];
  /** Commits that changed it. */
  commits: number;
}

/** The state that anybody who clones the origin now would get, decrypted. */
export async function pushedState(site: Pick<Site, 'dir' | 'remote' | 'env'>, stack: string): Promise<PushedState> {
  const path = `state/stacks/${stack}/terraform.tfstate.enc`;
  const bare = { cwd: site.remote, env: site.env };
  const [encrypted, commits] = await Promise.all([
    must('git', ['show', `master:${path}`], bare),
    must('git', ['rev-list', '--count', 'master', '--', path], bare),
  ]);
  const file = join(await mkdtemp(join(site.env.TMPDIR ?? '', 'pushed-')), 'state.enc');
  await writeFile(file, encrypted);
  const decrypt = ['--decrypt', '--input-type', 'json', '--output-type', 'json', file];
  const state = JSON.parse(await must('sops', decrypt, { cwd: site.dir, env: site.env }));
  const addresses = state.resources.flatMap(
    (each: { type: string; name: string; mode: string; instances: { index_key?: string }[] }) =>
      each.mode !== 'managed'
        ? []
        : each.instances.map(
            ({ index_key: key }) => `${each.type}.${each.name}${key === undefined ? '' : `["${key}"]`}`,
          ),
  );
  return { serial: state.serial, lineage: state.lineage, addresses, commits: Number(commits) };
}

/** Why a clone is not as a finished run has to leave it; empty when it is. `stacks` are those that infra applied. */
export async function leftBehind(site: Pick<Site, 'dir' | 'env'>, stacks: readonly string[]): Promise<string[]> {
  const git = async (...args: string[]) => (await run('git', args, { cwd: site.dir, env: site.env })).stdout.trim();
  const [status, here, there] = await Promise.all([
    git('status', '--porcelain'),
    git('rev-parse', 'HEAD'),
    git('ls-remote', 'origin', 'refs/heads/master'),
  ]);
  const readable = stacks.filter((stack) => existsSync(join(site.dir, 'state/stacks', stack, 'terraform.tfstate')));
  return [
    ...(status === '' ? [] : [`changed: ${status}`]),
    ...(there.startsWith(here) ? [] : [`HEAD ${here}, origin ${there}`]),
    ...readable.map((stack) => `the readable state of ${stack}`),
  ];
}
