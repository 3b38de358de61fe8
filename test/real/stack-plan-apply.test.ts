import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Hooks, hookPrograms } from './harness/hooks.ts';
import { type Infra, makeInfra } from './harness/infra.ts';
import { holdStateLock } from './harness/intruder.ts';
import { must } from './harness/run.ts';
import { rootFile, STACKS, TIER0 } from './harness/stacks-files.ts';
import { appliesSince, applyStacks, expectNothingLeft } from './harness/stacks-runs.ts';
import { inStateFolder, type StacksSite, startStacksSite } from './harness/stacks-site.ts';
import { watchPlans } from './harness/stacks-watch.ts';
import { pushedState } from './harness/tier0.ts';
import { skipReason } from './harness/tools.ts';

const reason = skipReason();
if (reason !== undefined) console.warn(`stack-plan-apply.test.ts is skipped: ${reason}`);

const RENAMED = `
resource "terraform_data" "third" {
}

moved {
  from = terraform_data.second
  to   = terraform_data.third
}
`;
const IMPORTED = `
import {
  to = kubernetes_config_map.found
  id = "apps/found"
}

resource "kubernetes_config_map" "found" {
  metadata {
    name      = "found"
    namespace = "apps"
  }

  data = { text = "found" }
}
`;
const ALL = Object.keys(STACKS);
const COLD = 'rm -rf stacks/*/.terragrunt-cache stacks/*/.terraform.lock.hcl "$HOME/.cache/terragrunt"';
const TIER1 = ALL.filter((name) => !TIER0.includes(name));

describe.skipIf(reason !== undefined)('infra stack plan and apply, on real servers', () => {
  let site: StacksSite;
  let hooks: Hooks;

  beforeAll(async () => {
    site = await startStacksSite();
    hooks = await hookPrograms(site);
    // What later tests delete, replace and forget.
    await site.change({
      cache: { steps: ['old'] },
      mailer: { more: 'resource "terraform_data" "extra" {\n}\n' },
    });
  }, 600_000);
  afterAll(async () => {
    await site?.stop();
  });
  afterEach(() => expectNothingLeft(site));

  const apply = (stacks: readonly string[], flags?: readonly string[], infra: Infra = site.infra) =>
    applyStacks(infra, stacks, flags);

  test('fourteen first applies: in order, those of the database one after another; each plan lies in a folder of its own', async () => {
    const places = await watchPlans(site);
    const infra = await makeInfra(site, { PATH: places.path });
    const { document, states } = await apply([], ['--all', '--yes', '--accept-replans'], infra);
    expect(document).toMatchObject({ exitStatus: 0, result: 'applied', notApplied: [] });
    expect(states).toEqual(Object.fromEntries(ALL.map((name) => [name, 'applied'])));

    const journal = (await infra.journals()).at(-1) ?? [];
    const at = (event: string, name: string): number =>
      journal.findIndex((line) => line.event === event && line.step === `stack ${name}`);
    for (const [name, needs] of Object.entries(STACKS))
      for (const on of needs) expect(at('step-applying', name)).toBeGreaterThan(at('step-applied', on));
    const inDatabase = journal.filter(
      ({ event, step }) => /^step-appl/.test(event) && TIER1.includes(step?.slice('stack '.length) ?? ''),
    );
    for (const [index, { event }] of inDatabase.entries())
      expect(event).toBe(index % 2 === 0 ? 'step-applying' : 'step-applied');

    const seen = await places.seen();
    expect(seen.length).toBeGreaterThanOrEqual(2 * ALL.length);
    const plans = join(infra.env.XDG_STATE_HOME ?? '', 'infra/plans/');
    expect(seen.filter(({ path }) => !path.startsWith(plans))).toEqual([]);
    expect(new Set(seen.map(({ mode }) => mode))).toEqual(new Set(['700', '600']));
    expect(await inStateFolder(infra, 'plans')).toEqual([]);
    for (const name of TIER0) expect(await pushedState(site, name)).toMatchObject({ commits: 1 });
    expect((await site.kubernetes.must('GET', '/api/v1/namespaces/apps/configmaps/shop-main')).data).toEqual({
      text: 'one',
    });
  });

  test('all stacks planned at once, and each by a process of its own: nothing to change, and never a false failure', async () => {
    for (const isCold of [true, false]) {
      // A fresh checkout: every stack unpacks its providers, through the cache that terragrunt shares between them.
      if (isCold) await must('/bin/sh', ['-c', COLD], { cwd: site.dir, env: site.env });
      const document = await site.infra.json('stack', 'plan', '--all', '--exit-code', '--parallelism', '14');
      expect(document).toMatchObject({ exitStatus: 0, planned: { 'no-changes': ALL.length } });
    }
    const twelve = [...TIER1, 'vault'];
    expect(twelve).toHaveLength(12);
    const documents = await Promise.all(twelve.map((name) => site.infra.json('stack', 'plan', name, '--exit-code')));
    expect(documents.map(({ exitStatus }) => exitStatus)).toEqual(twelve.map(() => 0));
  });

  test('--save keeps the plans, for their owner only; nothing else does', async () => {
    const folder = join(site.workspace.dir, 'saved');
    const document = await site.infra.json('stack', 'plan', 'cache', 'metrics', '--save', folder);
    expect(document.stacks).toMatchObject([
      { stack: 'cache', plan: join(folder, 'cache.tfplan') },
      { stack: 'metrics', plan: join(folder, 'metrics.tfplan') },
    ]);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    // Proves that a plan left behind would be seen.
    const plans = document.stacks.map(({ plan }: { plan: string }) => plan);
    expect([...(await site.leftBehind())].sort()).toEqual([...plans].sort());
    await must('/bin/rm', ['-r', folder]);
  });

  test('a failure stops its dependants only; mended, the same command completes', async () => {
    await site.change({ shop: { namespace: 'later' }, web: { text: 'two' }, cache: { text: 'two', steps: ['old'] } });
    const stacks = ['shop', 'web', 'report', 'cache'];
    const failed = await apply(stacks);
    expect(failed.document).toMatchObject({
      exitStatus: 5,
      result: 'incomplete',
      notApplied: expect.arrayContaining(['shop', 'web', 'report']),
      error: { code: 'stack.apply-failed', message: expect.stringContaining('"later" not found') },
    });
    expect(failed.states).toEqual({ shop: 'failed', web: 'blocked', report: 'blocked', cache: 'applied' });
    expect(failed.row('report')?.blockedBy).toEqual(['shop']);

    await site.kubernetes.must('POST', '/api/v1/namespaces', { metadata: { name: 'later' } });
    const lines = (await hooks.log()).length;
    const again = await apply(stacks, []);
    expect([again.document.exitStatus, again.states]).toEqual([
      0,
      { shop: 'applied', web: 'applied', report: 'unchanged', cache: 'unchanged' },
    ]);
    expect(await appliesSince(hooks, lines, stacks)).toEqual({ shop: 1, web: 1, report: 0, cache: 0 });
  });

  test('locked: 75 alone, 5 where others were applied, never green; let go of in time, it is applied', async () => {
    await site.change({ queue: { text: 'two' }, search: { text: 'two' } });
    const impatient = await makeInfra(site, { TG_LOCK_TIMEOUT: '0s' });
    const release = await holdStateLock(site.postgres, 'queue');
    const alone = await apply(['queue'], ['--yes'], impatient);
    expect(alone.document).toMatchObject({ exitStatus: 75, notApplied: ['queue'], error: { code: 'stack.locked' } });
    const serial = await site.serial('queue');
    const beside = await apply(['queue', 'search'], ['--yes'], impatient);
    expect([beside.document.exitStatus, beside.states]).toEqual([5, { queue: 'not-applied', search: 'applied' }]);
    expect(await site.serial('queue')).toBe(serial);

    const running = impatient.start('stack', 'apply', 'queue', 'search', '--yes', '--json');
    const requeued = new Promise<void>((resolve) => {
      running.process.stderr?.on('data', (chunk: Buffer) =>
        chunk.toString().includes('queue: waiting: it is locked') ? resolve() : undefined,
      );
    });
    await Promise.race([requeued.then(release), running.ended]);
    const ended = await running.ended;
    expect([ended.status, JSON.parse(ended.stdout).stacks]).toMatchObject([
      0,
      [
        { stack: 'queue', state: 'applied' },
        { stack: 'search', state: 'unchanged' },
      ],
    ]);
  });

  test('a plan that somebody else made stale is made again, and holds no more than what was agreed to', async () => {
    await site.change({ metrics: { text: 'two', steps: ['new'] } });
    const part =
      'tofu apply -auto-approve -input=false -var kube_config_path=x -var domain=x -target=terraform_data.main';
    await hooks.once('before', 'tofu-apply-metrics', part);
    const { document, row } = await apply(['metrics']);
    expect([document.exitStatus, row('metrics')]).toMatchObject([0, { state: 'applied', replanned: true }]);
  });

  test('delete, replace and forget are refused by name, all at once; listed, they are done', async () => {
    await site.change({
      cache: { text: 'two' },
      queue: { text: 'two', trigger: 'two' },
      mailer: { more: 'removed {\n  from = terraform_data.extra\n}\n' },
      search: { text: 'three' },
    });
    const stacks = ['cache', 'queue', 'mailer', 'search'];
    const refused = await apply(stacks);
    expect(refused.document).toMatchObject({ exitStatus: 4, result: 'refused', stacks: [] });
    const entries = [
      'cache:terraform_data.after["old"]',
      'cache:terraform_data.step["old"]',
      'mailer:terraform_data.extra',
      'queue:terraform_data.replaced',
    ];
    const hints = refused.document.error?.hints ?? [];
    for (const entry of entries)
      expect(hints.some((hint) => [`--allow-destroy ${entry}`, `--allow-destroy '${entry}'`].includes(hint))).toBe(
        true,
      );
    const some = await apply(stacks, ['--yes', ...entries.slice(1).flatMap((entry) => ['--allow-destroy', entry])]);
    expect([some.document.exitStatus, some.states]).toEqual([4, {}]);

    const allowed = await apply(stacks, ['--yes', ...entries.flatMap((entry) => ['--allow-destroy', entry])]);
    expect([allowed.document.exitStatus, allowed.states]).toEqual([
      0,
      Object.fromEntries(stacks.map((name) => [name, 'applied'])),
    ]);
  });

  test('a move, an import and an output: terraform counts 0 to add, 0 to change, and yet it is said and done', async () => {
    await site.change({ chat: { more: 'resource "terraform_data" "second" {\n}\n' } });
    expect((await apply(['chat'])).states).toEqual({ chat: 'applied' });
    const found = { metadata: { name: 'found', namespace: 'apps' }, data: { text: 'found' } };
    await site.kubernetes.must('POST', '/api/v1/namespaces/apps/configmaps', found);
    await site.change({ chat: { more: `${RENAMED}${IMPORTED}output "told" {\n  value = "yes"\n}\n` } });
    const planned = await site.infra.json('stack', 'plan', 'chat', '--exit-code');
    expect(planned).toMatchObject({ exitStatus: 1, planned: { changes: 1 } });
    expect(planned.stacks[0].counts).toMatchObject({ import: 1, move: 1, output: 1, create: 0, update: 0, delete: 0 });
    expect((await apply(['chat'])).states).toEqual({ chat: 'applied' });
    expect((await site.infra.json('stack', 'plan', 'chat')).planned).toMatchObject({ 'no-changes': 1 });
  });

  test('the same with terragrunt 1.0.0, and in the own folder with 0.99', async () => {
    await site.change({ vault: { text: 'two' }, blog: { text: 'two' } });
    const older = await makeInfra(site, { PATH: await site.toolbox('1.0.0') });
    const one = await apply(['vault', 'blog'], ['--yes'], older);
    expect([one.document.exitStatus, one.states]).toEqual([0, { vault: 'applied', blog: 'applied' }]);
    const all = await older.json('stack', 'plan', '--all', '--exit-code', '--parallelism', '14');
    expect(all).toMatchObject({ exitStatus: 0, planned: { 'no-changes': ALL.length } });

    const dir = join(site.workspace.dir, 'in-place');
    await must('git', ['clone', '-q', site.remote, dir], { env: site.env });
    await writeFile(join(dir, 'terragrunt.hcl'), rootFile('inplace'));
    await must('git', ['commit', '-qam', 'Run in place'], { cwd: dir, env: site.env });
    await site.kubernetes.kubeconfigFor(join(dir, 'config'), { name: 'admin', token: site.kubernetes.token });
    const env = { ...site.env, PATH: await site.toolbox('0.99'), KUBECONFIG: join(dir, 'config') };
    const inPlace = await makeInfra({ dir, env });
    await site.change({ blog: { text: 'three' } });
    await must('git', ['pull', '-q', '--rebase'], { cwd: dir, env: site.env });
    const planned = await inPlace.json('stack', 'plan', 'platform', 'blog', 'shop', '--exit-code');
    expect(planned).toMatchObject({ exitStatus: 1, planned: { changes: 1, 'no-changes': 2 } });
    const two = await apply(['blog', 'shop'], ['--yes'], inPlace);
    expect([two.document.exitStatus, two.states]).toEqual([0, { blog: 'applied', shop: 'unchanged' }]);
  });
});
