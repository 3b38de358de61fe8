import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ApplyRun, Diagnostic, PlanOptions, Terragrunt, Unit } from '../../src/lib/clients/terragrunt/client.ts';

/** What a case gets: a unit whose configuration and state agree, and ways to change the one or disturb the other. */
export type TerragruntCaseEnv = {
  readonly terragrunt: Terragrunt;
  readonly unit: Unit;
  /** A private folder for plan files and output. */
  readonly folder: string;
  /** What `versions` has to say of terragrunt. */
  readonly version: RegExp;
  /** The configuration wants three or more resources more than before; each takes `ms` to create. */
  readonly wantMore: (ms?: number) => Promise<void>;
  /** From now on the second and later resources of an apply fail, or every plan does. */
  readonly break: (what: 'apply' | 'plan') => Promise<void>;
  /** Undoes `break`, and resources take no time any more. */
  readonly heal: () => Promise<void>;
  /** Where the lock of a local state names its holder. */
  readonly lockInfo: string;
  /** How long an interrupt takes to arrive at the tool: resources have to take longer for it to be noticed. */
  readonly interruptTakesMs: number;
};

export type TerragruntCase = { readonly name: string; run(env: TerragruntCaseEnv): Promise<void> };

const meanings = ({ diagnostics }: { readonly diagnostics: readonly Diagnostic[] }): readonly unknown[] =>
  diagnostics.flatMap(({ means }) => means ?? []);

const planFile = (env: TerragruntCaseEnv, name = 'plan'): string => join(env.folder, 'private', name);
const plan = (env: TerragruntCaseEnv, more: Partial<PlanOptions> = {}) =>
  env.terragrunt.plan(env.unit, { out: planFile(env), lockTimeout: '0s', lock: true, ...more });

type Applying = {
  readonly interrupt?: AbortSignal;
  readonly onProgress?: (address: string, done: boolean) => void;
  readonly file?: string;
};

function apply(env: TerragruntCaseEnv, { interrupt, onProgress, file }: Applying = {}): Promise<ApplyRun> {
  const hold = {
    outputFolder: env.folder,
    onStart: async () => undefined,
    interrupt: interrupt ?? new AbortController().signal,
  };
  return env.terragrunt.apply(env.unit, file ?? planFile(env), '0s', {
    ...hold,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}

async function applied(env: TerragruntCaseEnv): Promise<void> {
  expect(await plan(env)).toMatchObject({ outcome: 'changes' });
  expect(await apply(env)).toMatchObject({ outcome: 'applied' });
}

const actions = async (env: TerragruntCaseEnv): Promise<string[]> => {
  const shown = (await env.terragrunt.show(env.unit, planFile(env))) as {
    resource_changes?: { change: { actions: string[] } }[];
  };
  return (shown.resource_changes ?? [])
    .flatMap(({ change }) => change.actions)
    .filter((action) => action !== 'no-op' && action !== 'read');
};

/** What terragrunt with tofu has to do for this client, stand-in or real. */
export const terragruntCases: readonly TerragruntCase[] = [
  {
    name: 'versions names terragrunt and the tool that it calls',
    run: async ({ terragrunt, unit, version }) => {
      const versions = await terragrunt.versions(unit.folder);
      expect(versions).toMatchObject({
        terragrunt: expect.stringMatching(version),
        tool: 'tofu',
        toolVersion: expect.stringMatching(/^1\.\d+\.\d+/),
      });
    },
  },
  {
    name: 'init ends with 0',
    run: async ({ terragrunt, unit }) => expect(await terragrunt.init(unit)).toMatchObject({ exitCode: 0 }),
  },
  {
    name: 'a plan without changes says so, and can still be shown',
    run: async (env) => {
      expect(await plan(env)).toMatchObject({ outcome: 'no-changes', text: '' });
      expect(await actions(env)).toEqual([]);
    },
  },
  {
    name: 'a plan with changes is a private file that shows them',
    run: async (env) => {
      await env.wantMore();
      expect(await plan(env)).toMatchObject({ outcome: 'changes', text: '' });
      expect((await stat(planFile(env))).mode & 0o777).toBe(0o600);
      const planned = await actions(env);
      expect(planned.length).toBeGreaterThanOrEqual(3);
      expect(planned).toContain('create');
    },
  },
  {
    name: 'a plan changes nothing, and one without the lock neither',
    run: async (env) => {
      await env.wantMore();
      const before = await env.terragrunt.statePull(env.unit);
      await plan(env);
      await plan(env, { lock: false });
      expect(await env.terragrunt.statePull(env.unit)).toEqual(before);
    },
  },
  {
    name: 'an apply does what was planned, tells each resource, and the state has moved on',
    run: async (env) => {
      await env.wantMore();
      const before = await env.terragrunt.statePull(env.unit);
      await plan(env);
      const seen: [string, boolean][] = [];
      expect(await apply(env, { onProgress: (...one) => seen.push(one) })).toMatchObject({
        outcome: 'applied',
        text: '',
      });
      const started = seen.filter(([, done]) => !done).map(([address]) => address);
      expect(started.length).toBeGreaterThanOrEqual(3);
      expect(
        seen
          .filter(([, done]) => done)
          .map(([address]) => address)
          .sort(),
      ).toEqual(started.sort());
      const after = await env.terragrunt.statePull(env.unit);
      expect(after?.serial).toBeGreaterThan(before?.serial ?? 0);
      expect(after?.resources).toBeGreaterThanOrEqual((before?.resources ?? 0) + 3);
      if (before !== undefined) expect(after?.lineage).toBe(before.lineage);
      expect(await plan(env)).toMatchObject({ outcome: 'no-changes' });
    },
  },
  {
    name: 'a plan that was applied before is stale',
    run: async (env) => {
      await env.wantMore();
      await applied(env);
      const again = await apply(env);
      expect(again.outcome).toBe('failed');
      expect(meanings(again)).toEqual(['plan-stale']);
      expect(again.text).toContain('Saved plan');
    },
  },
  {
    name: 'a plan that was overtaken by another apply is stale and changes nothing',
    run: async (env) => {
      await env.wantMore();
      await plan(env, { out: planFile(env, 'older') });
      await applied(env);
      const before = await env.terragrunt.statePull(env.unit);
      expect(meanings(await apply(env, { file: planFile(env, 'older') }))).toEqual(['plan-stale']);
      expect(await env.terragrunt.statePull(env.unit)).toEqual(before);
    },
  },
  {
    name: 'a plan that fails says why and leaves no empty file',
    run: async (env) => {
      await env.break('plan');
      const failed = await plan(env);
      expect(failed.outcome).toBe('failed');
      expect(failed.diagnostics.filter(({ severity }) => severity === 'error').length).toBeGreaterThan(0);
      expect(failed.text).toContain('Error: ');
      const left = await stat(planFile(env)).catch(() => undefined);
      if (left !== undefined) expect(left.size).toBeGreaterThan(0);
    },
  },
  {
    name: 'an apply that fails half-way keeps what it did, and the rest can be applied later',
    run: async (env) => {
      await env.wantMore();
      const before = await env.terragrunt.statePull(env.unit);
      await env.break('apply');
      await plan(env);
      const failed = await apply(env);
      expect(failed).toMatchObject({ outcome: 'failed' });
      expect(failed.interrupted).toBeUndefined();
      expect(failed.diagnostics.some(({ severity, address }) => severity === 'error' && address !== undefined)).toBe(
        true,
      );
      expect((await env.terragrunt.statePull(env.unit))?.resources).toBeGreaterThan(before?.resources ?? 0);
      await env.heal();
      await applied(env);
      expect(await plan(env)).toMatchObject({ outcome: 'no-changes' });
    },
  },
  {
    name: 'while an apply runs its lock is held for others, but not for a plan that takes none',
    run: async (env) => {
      await env.wantMore(3000);
      await plan(env);
      const started = Promise.withResolvers<void>();
      const running = apply(env, { onProgress: () => started.resolve() });
      await Promise.race([started.promise, running]);
      const refused = await plan(env, { out: planFile(env, 'second') });
      expect(refused.outcome).toBe('failed');
      expect(meanings(refused)).toEqual(['lock-held']);
      expect((await plan(env, { out: planFile(env, 'third'), lock: false })).outcome).not.toBe('failed');
      expect(await running).toMatchObject({ outcome: 'applied' });
      expect(await plan(env)).toMatchObject({ outcome: 'no-changes' });
    },
  },
  {
    name: 'an apply that is interrupted ends by itself, with its state saved, and never hears of a second interrupt',
    run: async (env) => {
      await env.wantMore(env.interruptTakesMs / 2 + 500);
      await plan(env);
      const controller = new AbortController();
      const stopped = await apply(env, { interrupt: controller.signal, onProgress: () => controller.abort() });
      expect(stopped).toMatchObject({ outcome: 'failed', interrupted: true });
      const output =
        (await readFile(join(env.folder, 'stdout'), 'utf8')) + (await readFile(join(env.folder, 'stderr'), 'utf8'));
      expect(output).toMatch(/Interrupt received/i);
      expect(output).not.toMatch(/Two interrupts/i);
      expect((await env.terragrunt.statePull(env.unit))?.resources).toBeGreaterThan(0);
      await env.heal();
      await applied(env);
    },
  },
];

/** What only a unit whose state is a file shows. */
export const localStateCases: readonly TerragruntCase[] = [
  {
    name: 'the lock of a local state names its holder beside it for as long as it is held, and a refusal names the same',
    run: async (env) => {
      await env.wantMore(3000);
      await plan(env);
      const started = Promise.withResolvers<void>();
      const running = apply(env, { onProgress: () => started.resolve() });
      await Promise.race([started.promise, running]);
      const info = JSON.parse(await readFile(env.lockInfo, 'utf8'));
      expect(info).toMatchObject({
        ID: expect.stringMatching(/^[0-9a-f-]{36}$/),
        Operation: 'OperationTypeApply',
        Who: expect.stringMatching(/.@./),
        Created: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        Path: expect.stringMatching(/terraform\.tfstate$/),
      });
      const refused = await plan(env, { out: planFile(env, 'second') });
      expect(meanings(refused)).toEqual(['lock-held']);
      expect(refused.text).toContain(info.ID);
      await running;
      await expect(stat(env.lockInfo)).rejects.toMatchObject({ code: 'ENOENT' });
    },
  },
];
