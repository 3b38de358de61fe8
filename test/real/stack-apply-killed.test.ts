import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Hooks, hookPrograms } from './harness/hooks.ts';
import { type Infra, makeInfra } from './harness/infra.ts';
import { appliesSince, applyStacks, expectNothingLeft } from './harness/stacks-runs.ts';
import { inStateFolder, type StacksSite, startStacksSite } from './harness/stacks-site.ts';
import { watchSignals } from './harness/stacks-watch.ts';
import { pushedState } from './harness/tier0.ts';
import { skipReason } from './harness/tools.ts';
import { until } from './harness/until.ts';

const reason = skipReason();
if (reason !== undefined) console.warn(`stack-apply-killed.test.ts is skipped: ${reason}`);

describe.skipIf(reason !== undefined)('infra stack apply, stopped on the way, on real servers', () => {
  let site: StacksSite;
  let hooks: Hooks;

  beforeAll(async () => {
    site = await startStacksSite();
    hooks = await hookPrograms(site);
    const first = await applyStacks(site.infra, ['infra', 'platform', 'wiki', 'chat'], ['--yes', '--accept-replans']);
    expect(first.document.exitStatus).toBe(0);
  }, 600_000);
  afterAll(async () => {
    await site?.stop();
  });
  afterEach(() => expectNothingLeft(site));

  const apply = (stacks: readonly string[], flags?: readonly string[], infra: Infra = site.infra) =>
    applyStacks(infra, stacks, flags);

  test('SIGTERM in the middle: one interrupt, the state is saved, and --resume does the rest', async () => {
    const gates = join(site.workspace.dir, 'gates');
    await mkdir(gates);
    await site.change({ platform: { steps: ['slow'] }, wiki: { text: 'two' } });
    const signals = await watchSignals(site);
    const infra = await makeInfra(site, { PATH: signals.path, GATES: gates });
    const running = infra.start('stack', 'apply', 'platform', 'wiki', '--yes', '--json');
    await until('the slow step', async () => ((await stat(join(gates, 'slow.reached'))) ? true : undefined), 120);
    running.process.kill('SIGTERM');
    const { status, stdout } = await running.ended;
    const document = JSON.parse(stdout);
    expect([status, document.exitStatus, document.run]).toEqual([143, 143, expect.any(String)]);
    expect(document.stacks).toMatchObject([
      { stack: 'platform', state: 'interrupted', changed: true },
      { stack: 'wiki', state: 'blocked' },
    ]);
    expect(await signals.seen()).toEqual(['SIGINT']);
    const { addresses } = await pushedState(site, 'platform');
    expect(addresses).toContain('terraform_data.step["slow"]');
    expect(addresses).not.toContain('terraform_data.after["slow"]');
    expect(await inStateFolder(infra, 'plans')).toEqual([]);

    const lines = (await hooks.log()).length;
    const resumed = await makeInfra(site, { XDG_STATE_HOME: infra.env.XDG_STATE_HOME ?? '' });
    // tofu takes what was made while it was interrupted for tainted: it would be made anew, which is for a person to say.
    const refused = await apply([], ['--resume'], resumed);
    expect(refused.document).toMatchObject({ exitStatus: 5, error: { code: 'stack.destroy-refused' }, stacks: [] });
    const flags = ['--resume', '--yes', '--allow-destroy', 'platform:terraform_data.step["slow"]'];
    const rest = await apply([], flags, resumed);
    expect(rest.document.error).toBeUndefined();
    expect([rest.document.exitStatus, rest.states]).toEqual([0, { platform: 'applied', wiki: 'applied' }]);
    expect(await appliesSince(hooks, lines, ['platform', 'wiki'])).toEqual({ platform: 1, wiki: 1 });
    expect((await pushedState(site, 'platform')).addresses).toContain('terraform_data.after["slow"]');
  });

  describe('killed with SIGKILL', () => {
    const stacks = ['infra', 'platform', 'chat'];
    const command = ['stack', 'apply', ...stacks, '--yes'];
    let lines: number;
    let before: Record<string, number>;

    const commits = async () =>
      Object.fromEntries(
        await Promise.all(
          ['infra', 'platform'].map(async (name) => [name, (await pushedState(site, name)).commits] as const),
        ),
      );

    async function startAndKill(text: string, moment: () => Promise<unknown>): Promise<string> {
      await site.change({
        infra: { text },
        platform: { text, steps: ['slow'] },
        chat: { text },
      });
      lines = (await hooks.log()).length;
      before = await commits();
      const running = site.infra.start(...command);
      const early = running.ended.then(({ stderr }) => {
        throw new Error(`it ended before it could be killed:\n${stderr}`);
      });
      await Promise.race([moment(), early]);
      running.process.kill('SIGKILL');
      expect((await running.ended).status).toBe(137);
      await early.catch(() => undefined);
      return (await site.infra.journals()).at(-1)?.[0]?.data.id;
    }

    /** Completed, every stack applied exactly once over both runs, each Tier-0 state committed once and pushed. */
    async function expectCompleted(document: { exitStatus: number; error?: unknown }): Promise<void> {
      expect(document).toMatchObject({ exitStatus: 0 });
      expect(document.error).toBeUndefined();
      expect(await appliesSince(hooks, lines, stacks)).toEqual({ infra: 1, platform: 1, chat: 1 });
      expect(await commits()).toEqual({ infra: (before.infra ?? 0) + 1, platform: (before.platform ?? 0) + 1 });
      const plan = await site.infra.json('stack', 'plan', ...stacks, '--exit-code');
      expect(plan.exitStatus).toBe(0);
    }

    test('between two stacks: stack apply --resume', async () => {
      const runs = (await site.infra.journals()).length;
      await startAndKill('three', () =>
        until(
          'infra to be applied',
          async () =>
            (await site.infra.journals())[runs]?.find(
              ({ event, step }) => event === 'step-applied' && step === 'stack infra',
            ),
          60,
        ),
      );
      await expectCompleted(await site.infra.json('stack', 'apply', '--resume'));
    });

    test('while tofu applies: tofu ends its work, and run resume goes on behind it', async () => {
      const gate = await hooks.gate('tofu-apply-platform');
      const id = await startAndKill('four', () => gate.reached());
      const runs = (await site.infra.journals()).length;
      const resumed = site.infra.json('run', 'resume', id);
      await until(
        'the second run to wait',
        async () =>
          (await site.infra.journals())[runs]?.some(({ event }) => event === 'run-resumed') ? true : undefined,
        60,
      );
      await gate.open();
      await expectCompleted(await resumed);
    });

    test('after an apply, before its state is encrypted: the same command', async () => {
      const gate = await hooks.gate('sops-encrypt');
      await startAndKill('five', () => gate.reached());
      const again = site.infra.json(...command);
      await gate.open();
      await expectCompleted(await again);
    });
  });
});
