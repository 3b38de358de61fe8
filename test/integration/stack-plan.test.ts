import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { infra, infraJson } from './user-add/infra.ts';
import { everything, git, leftovers, spans, spansShow } from './user-add/platform.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.stop());

/** What a test looks at in the plan of one stack. */
type Row = {
  readonly stack: string;
  readonly state: string;
  readonly wave: number;
  readonly blockedBy: readonly string[];
  readonly provisional: readonly string[];
  readonly changes: readonly {
    readonly address: string;
    readonly class: string;
    readonly replacePaths?: readonly string[];
  }[];
  readonly guarded: readonly { readonly code: string; readonly address: string }[];
  readonly error?: { readonly code: string };
  readonly plan?: string;
};

const NOW = { TG_LOCK_TIMEOUT: '0s' };

async function plan(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const run = await infraJson(sandbox, ['stack', 'plan', ...args], { env });
  const rows = (run.document.stacks ?? []) as readonly Row[];
  return { ...run, rows, row: (name: string) => rows.find(({ stack }) => stack === name) };
}

/** Folders below the state folder in which a plan could have been left. */
const planFiles = (): readonly string[] => readdirSync(join(sandbox.env.XDG_STATE_HOME ?? '', 'infra/plans'));

describe('infra stack plan', () => {
  it('plans every stack behind those it depends on, several at once, and leaves nothing', async () => {
    const before = everything(sandbox);
    const { status, rows, row } = await plan(['--all', '--parallelism', '4']);
    expect(status).toBe(0);
    expect(rows.map(({ stack, state }) => `${stack} ${state}`).sort()).toEqual(
      ['cloudflared', 'infra', 'k8s-dashboard', 'platform', 'rbac', 'vault', 'woodpecker'].map(
        (name) => `${name} no-changes`,
      ),
    );
    expect(row('infra')?.wave).toBe(0);
    expect(row('woodpecker')?.wave).toBe(3);
    const plans = spans(sandbox).filter(({ argv }) => argv[0] === 'plan');
    const at = (stack: string) => plans.find((span) => span.stack === stack) ?? { start: 0, end: 0 };
    for (const [first, then] of [
      ['infra', 'platform'],
      ['platform', 'vault'],
      ['vault', 'woodpecker'],
    ] as const)
      expect(at(first).end).toBeLessThanOrEqual(at(then).start);
    expect(everything(sandbox)).toEqual(before);
    expect(leftovers(sandbox)).toEqual([]);
  });

  it('tells every change by its danger, replace with what forces it, and what apply would refuse', async () => {
    await sandbox.setFaults({
      vault: { planDelete: ['kubernetes_namespace.user_namespace["bob"]'] },
      rbac: {
        planReplace: ['module.rbac.kubernetes_config_map.k8s_user_roles'],
        planForget: ['module.rbac.kubernetes_cluster_role.oidc_power_user'],
      },
      woodpecker: { drift: true },
    });
    const { status, row, rows, document } = await plan(['vault', 'rbac', 'woodpecker']);
    expect(status).toBe(0);
    expect(row('rbac')?.changes).toEqual([
      expect.objectContaining({ class: 'forget' }),
      expect.objectContaining({ class: 'replace', replacePaths: ['metadata'] }),
    ]);
    expect(rows.flatMap(({ guarded }) => guarded.map(({ code }) => code)).sort()).toEqual([
      'stack.delete',
      'stack.forget',
      'stack.replace',
    ]);
    expect(row('woodpecker')).toMatchObject({ state: 'changes', provisional: ['vault'] });
    expect(document.counts).toMatchObject({ delete: 1, replace: 1, forget: 1, update: 1, create: 0 });

    const { stdout } = await infra(sandbox, ['stack', 'plan', 'vault', 'rbac', 'woodpecker']);
    const order = ['DELETE 1', 'holds data', 'REPLACE 1', 'because of metadata', 'FORGET 1', 'update 1', '3 stacks'];
    expect(order.map((text) => stdout.indexOf(text)).every((place, index, all) => place > (all[index - 1] ?? -1))).toBe(
      true,
    );
    expect(stdout).toContain('infra stack apply rbac vault woodpecker   (needs --allow-destroy for');
    const coded = await plan(['rbac', '--exit-code']);
    expect(coded.status).toBe(1);
    expect((await plan(['infra', '--exit-code'])).status).toBe(0);
    expect(planFiles()).toEqual([]);
  });

  it('keeps apart what failed, what is locked and what was not tried for it', async () => {
    await sandbox.setFaults({ rbac: { planFails: true }, cloudflared: { drift: true } });
    const failed = await plan(['rbac', 'cloudflared', 'infra']);
    expect(failed.status).toBe(2);
    expect(failed.row('rbac')).toMatchObject({
      state: 'failed',
      error: { code: 'stack.plan-failed' },
      changes: [],
    });
    expect(failed.row('cloudflared')).toMatchObject({ state: 'changes', blockedBy: [] });
    expect(failed.row('infra')).toMatchObject({ state: 'no-changes' });

    await sandbox.setFaults({ vault: { lockedBy: 'bob@laptop' } });
    const { status, row, document } = await plan(['--all'], NOW);
    expect(status).toBe(75);
    expect(row('vault')).toMatchObject({ state: 'locked', error: { code: 'stack.locked' } });
    // Declared, and implied: vault makes the namespaces that rbac's objects need.
    for (const name of ['woodpecker', 'rbac'])
      expect(row(name)).toMatchObject({ state: 'blocked', blockedBy: ['vault'] });
    expect(row('platform')).toMatchObject({ state: 'no-changes' });
    expect(document.planned).toEqual({ 'no-changes': 2, locked: 1, blocked: 4 });
    // A second look at the end of its wave, and no third one.
    expect(spans(sandbox).filter(({ stack, argv }) => stack === 'vault' && argv[0] === 'plan')).toHaveLength(2);
    expect(leftovers(sandbox)).toEqual([]);
  });

  it('counts a refusal by the repository’s own guards as one stack that could not be planned', async () => {
    const file = join(sandbox.repo, 'stacks/rbac/main.tf');
    writeFileSync(
      file,
      `${readFileSync(file, 'utf8')}\nmodule "ingress" {\n  source = "../../modules/tls-secret"\n  auth = "none"\n}\n`,
    );
    const { status, row } = await plan(['rbac', 'infra']);
    expect({ status, rbac: row('rbac')?.error?.code, infra: row('infra')?.state }).toEqual({
      status: 4,
      rbac: 'stack.guard-refused',
      infra: 'no-changes',
    });
  });

  it('keeps plan files only where --save says, private, and refuses a folder that others can read', async () => {
    await sandbox.setFaults({ rbac: { drift: true } });
    const folder = join(sandbox.dir, 'kept');
    const { row } = await plan(['rbac', 'infra', '--save', folder]);
    expect(row('rbac')?.plan).toBe(join(folder, 'rbac.tfplan'));
    expect(readdirSync(folder).sort()).toEqual(['infra.tfplan', 'rbac.tfplan']);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(planFiles()).toEqual([]);
    const open = join(sandbox.dir, 'open');
    mkdirSync(open, { mode: 0o755 });
    const refused = await plan(['rbac', '--save', open]);
    expect(refused.document.error?.code).toBe('stack.save-not-private');
    expect([refused.status, readdirSync(open)]).toEqual([64, []]);
  });

  it('plans what a change touches, and nothing when nothing is touched', async () => {
    expect(await plan(['--affected'])).toMatchObject({ status: 0, rows: [] });
    const file = join(sandbox.repo, 'stacks/cloudflared/main.tf');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n# touched\n`);
    const { status, rows } = await plan(['--affected']);
    expect([status, rows.map(({ stack }) => stack)]).toEqual([0, ['cloudflared']]);
    expect((await plan([])).document.error?.code).toBe('usage.no-stack');
  });

  it('refuses stacks that wait for each other, with the whole path', async () => {
    const file = join(sandbox.repo, 'stacks/infra/terragrunt.hcl');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\ndependency "vault" {\n  config_path = "../vault"\n}\n`);
    const { status, document } = await plan(['rbac']);
    expect([status, document.error?.message]).toEqual([
      65,
      'Stacks wait for each other: infra → vault → platform → infra.',
    ]);
  });

  it('is read well in the log of a pipeline: one line a stack when it has ended, nothing rewritten', async () => {
    await sandbox.setFaults({ rbac: { drift: true } });
    const { stdout, stderr } = await infra(sandbox, ['stack', 'plan', '--all']);
    expect([stderr.includes('\r'), stderr.includes('\u001b')]).toEqual([false, false]);
    const lines = stderr.split('\n');
    const at = (name: string): number => lines.findIndex((line) => new RegExp(`^  \\S ${name} `).test(line));
    for (const name of ['infra', 'platform', 'vault', 'cloudflared', 'rbac', 'woodpecker', 'k8s-dashboard'])
      expect(lines.filter((line) => new RegExp(`^  \\S ${name} .* (ms|s)$`).test(line))).toHaveLength(1);
    expect([at('infra') < at('platform'), at('platform') < at('vault')]).toEqual([true, true]);
    expect(stdout).toContain('7 stacks · 1 with changes · 6 without');
  });

  it('leaves no plan and no readable state when SIGTERM comes in the middle, and prints what it knows', async () => {
    await sandbox.setFaults({ vault: { lockedBy: 'bob@laptop' } });
    const run = infraJson(sandbox, ['stack', 'plan', '--all'], {
      env: { TG_LOCK_TIMEOUT: '5m' },
      onStart: (child) => {
        // vault waits for its lock: whatever could be planned without it has been.
        const waits = () => spans(sandbox).some(({ stack, argv }) => stack === 'vault' && argv[0] === 'plan');
        void spansShow(sandbox, waits).then(() => child.kill('SIGTERM'));
      },
    });
    const { status, document } = await run;
    expect(status).toBe(143);
    const rows = document.stacks as readonly Row[];
    expect(rows.find(({ stack }) => stack === 'infra')?.state).toBe('no-changes');
    expect(rows.find(({ stack }) => stack === 'vault')?.state).toBe('interrupted');
    expect(rows.find(({ stack }) => stack === 'woodpecker')?.state).toMatch(/blocked|not-planned/);
    expect(planFiles()).toEqual([]);
    expect(existsSync(join(sandbox.repo, 'state/stacks/vault/terraform.tfstate'))).toBe(false);
    expect(git(sandbox, ['status', '--porcelain'])).toBe('');
  });
});
