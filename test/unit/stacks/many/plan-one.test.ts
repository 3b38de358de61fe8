import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Finished } from '../../../../src/lib/clients/process/client.ts';
import type { PlanRun, Terragrunt } from '../../../../src/lib/clients/terragrunt/client.ts';
import type { StackDeps } from '../../../../src/lib/stacks/deps.ts';
import { makeInitQueue } from '../../../../src/lib/stacks/many/init-queue.ts';
import { planOne } from '../../../../src/lib/stacks/many/plan-one.ts';
import { finishStack } from '../../../../src/lib/stacks/run/plan-stack.ts';
import { makeWorld, type World } from '../support/world.ts';

const PLANNED: PlanRun = { outcome: 'no-changes', diagnostics: [], text: '', durationMs: 1 };
const failed = (...summaries: readonly string[]): PlanRun => ({
  outcome: 'failed',
  diagnostics: summaries.map((summary) => ({ severity: 'error', summary, detail: '' })),
  text: '',
  durationMs: 1,
});

/** A world whose terragrunt answers by a list, and whose clock only writes down how long it was asked to wait. */
async function worldOf(
  answers: readonly PlanRun[],
): Promise<{ readonly world: World; readonly deps: StackDeps; readonly waits: number[] }> {
  const world = await makeWorld();
  const waits: number[] = [];
  const left = [...answers];
  const terragrunt: Terragrunt = {
    ...world.deps.clients.terragrunt,
    plan: async (_unit, { out }) => {
      await writeFile(out, 'plan');
      return left.shift() ?? PLANNED;
    },
  };
  const clock = { ...world.deps.clients.clock, sleep: async (ms: number) => void waits.push(ms) };
  const deps = {
    ...world.deps,
    env: { ...world.deps.env, PG_CONN_STR: 'postgres://x' },
    clients: { ...world.deps.clients, terragrunt, clock },
  };
  return { world, deps, waits };
}

const PASSES = 'Failed to install provider';

describe('one plan of many', () => {
  const options = (deps: StackDeps) => ({ deps, prepare: async () => {}, recover: false, isLast: false });

  it('is tried again after 15 s when all that failed may pass by itself, three times at most', async () => {
    const { world, deps, waits } = await worldOf([failed(PASSES), failed(PASSES)]);
    const plan = await planOne(world.stack('rbac', 1), world.run, options(deps));
    expect([plan.outcome, waits]).toEqual(['no-changes', [15_000, 15_000]]);
    await finishStack(deps, plan);
    const never = await worldOf([failed(PASSES), failed(PASSES), failed(PASSES), failed(PASSES)]);
    await expect(planOne(never.world.stack('rbac', 1), never.world.run, options(never.deps))).rejects.toMatchObject({
      code: 'stack.plan-failed',
    });
    expect(never.waits).toEqual([15_000, 15_000]);
  });

  it.each([[['Unsupported argument']], [[PASSES, 'Unsupported argument']]])(
    'is not tried again for %j',
    async (summaries) => {
      const { world, deps, waits } = await worldOf([failed(...summaries)]);
      await expect(planOne(world.stack('rbac', 1), world.run, options(deps))).rejects.toMatchObject({
        code: 'stack.plan-failed',
      });
      expect(waits).toEqual([]);
    },
  );
});

describe('init with a shared provider cache', () => {
  /** Runs three inits at once and tells how many ran at the same time, at most. */
  async function atOnce(
    cache: string | undefined,
    toolVersion: string,
  ): Promise<{ readonly inits: number; readonly most: number }> {
    const world = await makeWorld();
    const seen = { inits: 0, most: 0, now: 0 };
    const done: Finished = { exitCode: 0, signal: undefined, stdout: '', stderr: '', durationMs: 1 };
    const terragrunt: Terragrunt = {
      ...world.deps.clients.terragrunt,
      versions: async () => ({
        terragrunt: '0.99.4',
        tool: toolVersion.startsWith('tofu') ? 'tofu' : 'terraform',
        toolVersion: toolVersion.split(' ')[1] ?? '',
      }),
      init: async () => {
        seen.inits += 1;
        seen.now += 1;
        seen.most = Math.max(seen.most, seen.now);
        await new Promise((resolve) => setImmediate(resolve));
        seen.now -= 1;
        return done;
      },
    };
    const prepare = makeInitQueue({ ...world.deps, clients: { ...world.deps.clients, terragrunt } });
    const unit = { folder: world.root, env: cache === undefined ? {} : { TF_PLUGIN_CACHE_DIR: cache }, secretEnv: {} };
    const signal = new AbortController().signal;
    await Promise.all(['a', 'b', 'c'].map((name) => prepare(world.stack(name), unit, signal)));
    return { inits: seen.inits, most: seen.most };
  }

  it.each([
    ['one at a time under terraform', '/cache', 'terraform 1.15.4', { inits: 3, most: 1 }],
    ['one at a time under an OpenTofu that does not lock it', '/cache', 'tofu 1.9.1', { inits: 3, most: 1 }],
    ['is left to OpenTofu that locks it', '/cache', 'tofu 1.10.0', { inits: 0, most: 0 }],
    ['is left to terragrunt without one', undefined, 'terraform 1.15.4', { inits: 0, most: 0 }],
  ])('runs %s', async (_what, cache, version, wanted) => expect(await atOnce(cache, version)).toEqual(wanted));
});
