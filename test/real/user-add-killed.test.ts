/** `kill -9` of infra alone, on real servers: what it started lives on, and the same command completes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectComplete, type Snapshot, takeSnapshot } from './harness/aftermath.ts';
import { type Hooks, hookPrograms } from './harness/hooks.ts';
import type { Entry } from './harness/objects.ts';
import { type Stand, startStand } from './harness/stand.ts';
import { skipReason } from './harness/tools.ts';
import { until } from './harness/until.ts';
import { readPlatform } from './harness/users.ts';

const reason = skipReason();
if (reason !== undefined) console.warn(`user-add-killed.test.ts is skipped: ${reason}`);

const order = ['vault', 'platform', 'woodpecker'];

describe.skipIf(reason !== undefined)('infra user add, killed', () => {
  let stand: Stand;
  let hooks: Hooks;
  let before: Snapshot;

  beforeAll(async () => {
    // Two of the three stacks of this shape have a Tier-0 state.
    stand = await startStand({ shape: 'documented', terragrunt: '1.0.0' });
    hooks = await hookPrograms(stand.site);
  }, 600_000);

  afterAll(async () => {
    await stand?.stop();
  });

  const entryOf = (name: string): Entry => ({
    role: 'namespace-owner',
    email: `${name}@example.test`,
    namespaces: [name],
    domains: [`${name}-app`],
  });

  const command = (name: string) => [
    'user',
    'add',
    name,
    '--email',
    `${name}@example.test`,
    '--domain',
    `${name}-app`,
    '--yes',
  ];

  async function startAndKill(name: string, moment: () => Promise<unknown>): Promise<void> {
    const { infra } = stand;
    before = await takeSnapshot(stand);
    const running = infra.start(...command(name));
    await moment();
    running.process.kill('SIGKILL');
    expect((await running.ended).status).toBe(137);
    expect((await infra.journals()).at(-1)?.some((line) => line.event === 'run-end')).toBe(false);
  }

  /** The same command again, to the end; `meanwhile` runs while it does. */
  async function again(name: string, meanwhile: () => Promise<unknown> = async () => undefined) {
    const running = stand.infra.json(...command(name));
    await meanwhile();
    return running;
  }

  async function expectCompleted(
    name: string,
    document: { exitStatus: number; result?: string; error?: unknown },
  ): Promise<void> {
    expect(document.error).toBeUndefined();
    expect(document).toMatchObject({ exitStatus: 0, result: 'completed' });
    await expectComplete(stand, name, entryOf(name), before);
    const last = (await stand.infra.journals()).at(-1) ?? [];
    expect(last.some((line) => line.event === 'run-resumed')).toBe(true);
    for (const stack of order) expect(besideAnother(await hooks.log(), stack)).toEqual([]);
  }

  test('right after the entry was written', async () => {
    const name = 'ann';
    await startAndKill(name, () => stand.infra.line('the entry', (line) => line.data?.event === 'entry-written'));
    expect((await readPlatform(stand.vault)).users).toHaveProperty(name);
    await expectCompleted(name, await again(name));
  });

  test('while tofu applies the vault stack: tofu ends its work, and nothing runs beside it', async () => {
    const name = 'ben';
    const gate = await hooks.gate('tofu-apply-vault');
    await startAndKill(name, () => gate.reached());
    const child = await gate.reached();
    const runs = (await stand.infra.journals()).length;

    const document = await again(name, async () => {
      await until('the second run to stand before the vault stack', async () => {
        const second = (await stand.infra.journals())[runs] ?? [];
        return second.some((line) => line.event === 'step-verified' && line.step === 'edit') ? true : undefined;
      });
      expect(alive(child)).toBe(true);
      await gate.open();
    });
    await expectCompleted(name, document);
  });

  test('after the apply, before its new state is encrypted', async () => {
    const name = 'cid';
    const gate = await hooks.gate('sops-encrypt');
    await startAndKill(name, () => gate.reached());
    const child = await gate.reached();
    const document = await again(name, async () => {
      expect(alive(child)).toBe(true);
      await gate.open();
    });
    await expectCompleted(name, document);
  });
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** What of tofu was started in a stack while another tofu worked there; asking for its version does no work. */
function besideAnother(log: string[], stack: string): string[] {
  const running = new Set<string>();
  return log.filter((line) => {
    const [what = '', event = '', pid = ''] = line.split(' ');
    if (!/^tofu-(init|plan|apply|show|state)-/.test(event) || !event.endsWith(`-${stack}`)) return false;
    if (what === 'end') running.delete(pid);
    const beside = what === 'start' && running.size > 0;
    if (what === 'start') running.add(pid);
    return beside;
  });
}
