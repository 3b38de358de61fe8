import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { apply, enterAlice, NOW } from './stack-apply-runs.ts';
import { infra, infraJson } from './user-add/infra.ts';
import {
  appliesOf,
  besideAnApply,
  everything,
  heads,
  hold,
  journals,
  lastWords,
  leftovers,
  letGo,
  onRequest,
  shortLines,
  spans,
  spansShow,
  stateOnRemote,
} from './user-add/platform.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.stop());

const plans = (): readonly string[] => readdirSync(join(sandbox.env.XDG_STATE_HOME ?? '', 'infra/plans'));
const bobsNamespace = 'kubernetes_namespace.user_namespace["bob"]';

describe('infra stack apply', () => {
  it('applies every stack behind those it depends on, plans the dependants again, and finds nothing to do afterwards', async () => {
    enterAlice(sandbox);
    const { status, document, states, row } = await apply(sandbox, ['vault', 'rbac', 'woodpecker', 'infra', '--yes']);
    expect(document).toMatchObject({ status: 'ok', result: 'applied', notApplied: [], leftOut: [] });
    expect([status, states]).toEqual([
      0,
      { infra: 'unchanged', vault: 'applied', rbac: 'applied', woodpecker: 'applied' },
    ]);
    expect(row('woodpecker')?.replanned).toBe(true);
    expect(row('vault')?.replanned).toBe(false);
    const { local, remote } = heads(sandbox);
    expect(local).toBe(remote);
    expect((await stateOnRemote(sandbox, 'vault')).addresses).toContain('kubernetes_namespace.user_namespace["alice"]');
    expect(besideAnApply(sandbox)).toEqual([]);
    expect(leftovers(sandbox)).toEqual([]);
    expect(shortLines(journals(sandbox)[0]).filter((line) => /^(step-app|run|confirmed)/.test(line))).toEqual(
      expect.arrayContaining([
        'run-start',
        'confirmed',
        'step-applying stack vault',
        'step-applied stack vault',
        'run-end',
      ]),
    );

    const again = await apply(sandbox, ['vault', 'rbac', 'woodpecker', 'infra']);
    expect(again.document).toMatchObject({ status: 'ok', result: 'nothing-to-change' });
    expect(appliesOf(sandbox, 'vault')).toHaveLength(1);
    expect(heads(sandbox).local).toBe(local);
  });

  it('shows everything in a dry run and changes nothing; without a terminal and --yes it refuses', async () => {
    await sandbox.setFaults({ woodpecker: { drift: true } });
    const before = everything(sandbox);
    const dry = await apply(sandbox, ['woodpecker', '--dry-run']);
    expect(dry.document).toMatchObject({ status: 'ok', result: 'planned', stacks: [] });
    expect(dry.document.blast).toMatchObject({
      namespaces: ['woodpecker'],
      restarts: ['helm_release woodpecker/woodpecker'],
      sessions: [expect.stringContaining('Pipelines')],
    });
    expect(journals(sandbox)).toEqual([]);
    const asked = await apply(sandbox, ['woodpecker']);
    expect([asked.status, asked.document.error?.code, asked.document.result]).toEqual([
      4,
      'stack.not-confirmed',
      'refused',
    ]);
    expect(everything(sandbox)).toEqual(before);
    expect(plans()).toEqual([]);
  });

  it('refuses the whole run for one deletion, and does exactly what is listed', async () => {
    await sandbox.setFaults({ vault: { planDelete: [bobsNamespace] }, woodpecker: { drift: true } });
    const before = everything(sandbox);
    const refused = await apply(sandbox, ['vault', 'woodpecker', '--yes']);
    expect(refused.document.error).toMatchObject({
      code: 'stack.destroy-refused',
      hints: expect.arrayContaining([`--allow-destroy 'vault:${bobsNamespace}'`]),
    });
    expect([refused.status, refused.rows, everything(sandbox)]).toEqual([4, [], before]);
    const other = await apply(sandbox, ['vault', 'woodpecker', '--yes', '--allow-destroy', `rbac:${bobsNamespace}`]);
    expect([other.status, other.document.unusedEntries]).toEqual([4, [`rbac:${bobsNamespace}`]]);

    const allowed = await apply(sandbox, ['vault', 'woodpecker', '--yes', '--allow-destroy', `vault:${bobsNamespace}`]);
    expect([allowed.status, allowed.states]).toEqual([0, { vault: 'applied', woodpecker: 'applied' }]);
    expect((await stateOnRemote(sandbox, 'vault')).addresses).not.toContain(bobsNamespace);
    expect(leftovers(sandbox)).toEqual([]);
  });

  it('lets a failure stop its dependants only: 5, what was done is done, and the same command completes', async () => {
    enterAlice(sandbox);
    await sandbox.setFaults({ vault: { applyFailsAfter: 2 }, infra: { drift: true } });
    const failed = await apply(sandbox, ['vault', 'woodpecker', 'infra', '--yes']);
    expect(failed.document).toMatchObject({
      status: 'incomplete',
      result: 'incomplete',
      notApplied: ['vault', 'woodpecker'],
    });
    expect([failed.status, failed.states]).toEqual([5, { infra: 'applied', vault: 'failed', woodpecker: 'blocked' }]);
    expect(failed.row('woodpecker')?.blockedBy).toEqual(['vault']);
    expect(failed.document.error?.hints).toContain(`To go on from here: infra run resume ${failed.document.run}`);
    const { serial } = await stateOnRemote(sandbox, 'vault');
    expect(serial).toBe(2);
    expect(leftovers(sandbox)).toEqual([]);

    await sandbox.setFaults({});
    // Less is left than was agreed to: nobody has to be asked again.
    const again = await apply(sandbox, ['vault', 'woodpecker', 'infra']);
    expect([again.status, again.states]).toEqual([0, { infra: 'unchanged', vault: 'applied', woodpecker: 'applied' }]);
  });

  it('tells what is locked as not applied: 75 alone, 5 where others were applied, never green', async () => {
    await sandbox.setFaults({ rbac: { lockedBy: 'bob@laptop', drift: true }, cloudflared: { drift: true } });
    const alone = await apply(sandbox, ['rbac', '--yes'], { env: NOW });
    expect([alone.status, alone.states, alone.document.notApplied]).toEqual([75, { rbac: 'not-applied' }, ['rbac']]);
    const others = await apply(sandbox, ['rbac', 'cloudflared', '--yes'], { env: NOW });
    expect([others.status, others.states]).toEqual([5, { rbac: 'not-applied', cloudflared: 'applied' }]);
    expect(others.row('rbac')?.error?.code).toBe('stack.locked');
    expect(appliesOf(sandbox, 'rbac')).toEqual([]);
    expect(leftovers(sandbox)).toEqual([]);
  });

  it('tries a stack whose lock is taken before its apply once more, at the end of its wave', async () => {
    await sandbox.setFaults({ rbac: { drift: true }, cloudflared: { drift: true } });
    const locked = JSON.stringify({ rbac: { drift: true, lockedBy: 'bob@laptop' }, cloudflared: { drift: true } });
    const run = await apply(sandbox, ['rbac', 'cloudflared', '--yes', '--parallelism', '1'], {
      env: NOW,
      atLine: { event: 'confirmed', do: { write: { [join(sandbox.dir, 'faults.json')]: locked } } },
      onStderr: (text) => {
        if (text.includes('rbac: waiting: it is locked'))
          void sandbox.setFaults({ rbac: { drift: true }, cloudflared: { drift: true } });
      },
    });
    expect([run.status, run.states]).toEqual([0, { rbac: 'applied', cloudflared: 'applied' }]);
    expect(run.row('rbac')?.replanned).toBe(true);
  });

  it('plans a stack again whose plan became stale, and applies it only if it holds no more than was confirmed', async () => {
    await sandbox.setFaults({ rbac: { drift: true } });
    const file = join(sandbox.dir, 'pg/rbac.tfstate');
    const state = JSON.parse(readFileSync(file, 'utf8')) as { readonly serial: number };
    const run = await apply(sandbox, ['rbac', '--yes'], {
      atLine: { event: 'confirmed', do: { write: { [file]: JSON.stringify({ ...state, serial: state.serial + 5 }) } } },
    });
    expect([run.status, run.row('rbac')]).toMatchObject([0, { state: 'applied', replanned: true }]);
    expect(shortLines(journals(sandbox)[0]).filter((line) => line.startsWith('step-'))).toEqual([
      'step-planned stack rbac',
      'step-applying stack rbac',
      'step-failed stack rbac',
      'step-applying stack rbac',
      'step-applied stack rbac',
    ]);
  });

  it('says of a stack whose plan became stale, and that has nothing left to do, that it was not changed', async () => {
    await sandbox.setFaults({ rbac: { drift: true }, cloudflared: { drift: true } });
    const file = join(sandbox.dir, 'pg/rbac.tfstate');
    const state = JSON.parse(readFileSync(file, 'utf8')) as { readonly serial: number };
    // Somebody else applies rbac, and takes the lock of cloudflared.
    const write = {
      [file]: JSON.stringify({ ...state, serial: state.serial + 5 }),
      [join(sandbox.dir, 'faults.json')]: JSON.stringify({ cloudflared: { drift: true, lockedBy: 'bob@laptop' } }),
    };
    const atLine = { event: 'confirmed', do: { write } } as const;
    const run = await apply(sandbox, ['rbac', 'cloudflared', '--yes'], { env: NOW, atLine });
    expect(shortLines(journals(sandbox)[0])).toContain('step-failed stack rbac');
    expect(run.row('rbac')).toMatchObject({ state: 'unchanged', changed: false, replanned: true });
    expect([run.status, run.states]).toEqual([75, { rbac: 'unchanged', cloudflared: 'not-applied' }]);
  });

  it('refuses a stack whose second plan holds more than was confirmed; --accept-replans takes it', async () => {
    await sandbox.setFaults({ infra: { drift: true } });
    const more = JSON.stringify({ infra: { drift: true }, rbac: { drift: true } });
    const atLine = {
      event: 'step-applied',
      step: 'stack infra',
      do: { write: { [join(sandbox.dir, 'faults.json')]: more } },
    } as const;
    const refused = await apply(sandbox, ['infra', 'rbac', '--yes'], { atLine });
    expect([refused.status, refused.states, refused.document.error?.code]).toEqual([
      5,
      { infra: 'applied', rbac: 'refused' },
      'stack.plan-grew',
    ]);
    expect(leftovers(sandbox)).toEqual([]);
    await sandbox.setFaults({ infra: { drift: true } });
    const taken = await apply(sandbox, ['infra', 'rbac', '--yes', '--accept-replans'], { atLine });
    expect([taken.status, taken.states]).toEqual([0, { infra: 'applied', rbac: 'applied' }]);
  });

  it('guards the second plan like the first: a deletion that comes with it is refused', async () => {
    await sandbox.setFaults({ infra: { drift: true } });
    const worse = JSON.stringify({
      infra: { drift: true },
      rbac: { planDelete: ['module.rbac.kubernetes_config_map.k8s_user_roles'] },
    });
    const run = await apply(sandbox, ['infra', 'rbac', '--yes', '--accept-replans'], {
      atLine: {
        event: 'step-applied',
        step: 'stack infra',
        do: { write: { [join(sandbox.dir, 'faults.json')]: worse } },
      },
    });
    expect([run.status, run.states, run.document.error?.code]).toEqual([
      5,
      { infra: 'applied', rbac: 'refused' },
      'stack.destroy-refused',
    ]);
  });

  it('a second plan that is refused after an apply that failed half-way is no "nothing was changed"', async () => {
    enterAlice(sandbox);
    const faults = { applyFailsAfter: 1, applyFailsSaying: 'net/http: TLS handshake timeout' };
    await sandbox.setFaults({ vault: faults });
    const worse = JSON.stringify({ vault: { planDelete: ['vault_policy.namespace_owner["bob"]'] } });
    const atLine = {
      event: 'step-failed',
      step: 'stack vault',
      do: { write: { [join(sandbox.dir, 'faults.json')]: worse } },
    } as const;
    const run = await apply(sandbox, ['vault', '--yes'], { atLine });
    expect([run.status, run.document.error?.code]).toEqual([5, 'stack.destroy-refused']);
    expect(run.row('vault')).toMatchObject({ state: 'failed', changed: true });
    expect(run.document.error?.message).toContain('An apply of it was begun before.');
  });

  it('refuses to build everything a second time when the state is lost', async () => {
    await sandbox.setFaults({ vault: { stateLost: true } });
    const before = everything(sandbox);
    const run = await apply(sandbox, ['vault', '--yes']);
    expect([run.status, run.document.error?.code]).toEqual([4, 'stack.state-lost']);
    expect(everything(sandbox)).toEqual(before);
  });

  it('plans a stack that could not be planned without its dependency once that is applied', async () => {
    enterAlice(sandbox);
    // rbac makes the token that the dashboard's plan reads; here it says so.
    appendFileSync(
      join(sandbox.repo, 'stacks/k8s-dashboard/terragrunt.hcl'),
      '\ndependency "rbac" {\n  config_path = "../rbac"\n}\n',
    );
    const before = await apply(sandbox, ['vault', 'rbac', '--dry-run']);
    expect(before.status).toBe(0);
    const run = await apply(sandbox, ['vault', 'rbac', 'k8s-dashboard', '--yes', '--accept-replans']);
    expect([run.status, run.states]).toEqual([0, { vault: 'applied', rbac: 'applied', 'k8s-dashboard': 'applied' }]);
    expect(run.row('k8s-dashboard')?.replanned).toBe(true);
  });

  it('never lets two processes work on one stack at once; both end well', async () => {
    enterAlice(sandbox);
    await sandbox.setFaults({ rbac: { slowApplyMs: 50 } });
    const args = ['vault', 'rbac', '--yes'];
    const second: { ended?: ReturnType<typeof apply> } = {};
    onRequest(sandbox.kubernetes, 'POST /api/v1/namespaces', () => {
      second.ended = apply(sandbox, args);
    });
    const first = await apply(sandbox, args);
    const other = await second.ended;
    expect([first.status, other?.status]).toEqual([0, 0]);
    expect(besideAnApply(sandbox)).toEqual([]);
    expect((await stateOnRemote(sandbox, 'vault')).serial).toBe(2);
    expect(leftovers(sandbox)).toEqual([]);
  });
});

describe('infra stack apply, interrupted', () => {
  it('while planning: tells the plans that were finished, applies none of them and leaves nothing', async () => {
    await sandbox.setFaults({ vault: { lockedBy: 'bob@laptop' }, infra: { drift: true } });
    const run = await apply(sandbox, ['infra', 'vault', 'woodpecker', '--yes'], {
      env: { TG_LOCK_TIMEOUT: '5m' },
      onStart: (child) => {
        // vault waits for its lock: infra, which it depends on, has been planned.
        const waits = () => spans(sandbox).some(({ stack, argv }) => stack === 'vault' && argv[0] === 'plan');
        void spansShow(sandbox, waits).then(() => child.kill('SIGTERM'));
      },
    });
    expect([run.status, run.rows]).toEqual([143, []]);
    expect(run.document).toMatchObject({
      result: 'failed',
      plans: [
        { stack: 'infra', state: 'changes', counts: { update: 1 } },
        { stack: 'vault', state: 'interrupted' },
        { stack: 'woodpecker', state: expect.stringMatching(/blocked|not-planned/) },
      ],
      blast: { unknown: 'the run ended before it was asked for' },
    });
    expect(run.stderr).toContain('infra');
    expect(plans()).toEqual([]);
    expect(leftovers(sandbox)).toEqual([]);
    expect(appliesOf(sandbox, 'infra')).toEqual([]);
  });

  it('lets terraform finish what it is doing after SIGTERM, saves its state, and goes on with --resume', async () => {
    enterAlice(sandbox);
    const interrupted = () => appliesOf(sandbox, 'vault')[0]?.signals.includes('SIGINT') === true;
    const run = await apply(sandbox, ['vault', 'woodpecker', '--yes'], {
      onStart: (child) =>
        onRequest(sandbox.kubernetes, 'POST /api/v1/namespaces', () => {
          hold(sandbox, 'vault');
          child.kill('SIGTERM');
          void spansShow(sandbox, interrupted).then(() => letGo(sandbox));
        }),
    });
    expect([run.status, run.states]).toEqual([143, { vault: 'interrupted', woodpecker: 'blocked' }]);
    expect(lastWords(sandbox).end).toMatchObject({ status: 'sigterm' });
    const { serial } = await stateOnRemote(sandbox, 'vault');
    expect(serial).toBe(2);
    expect(leftovers(sandbox)).toEqual([]);
    expect(appliesOf(sandbox, 'vault')[0]?.signals).toEqual(['SIGINT']);

    await sandbox.setFaults({});
    const resumed = await apply(sandbox, ['--resume']);
    expect(resumed.document).toMatchObject({ status: 'ok', result: 'applied', chosen: 'resumed' });
    expect(resumed.states).toEqual({ vault: 'applied', woodpecker: 'applied' });
    expect(shortLines(journals(sandbox).at(-1))).toContain('run-resumed');
    const none = await apply(sandbox, ['--resume']);
    expect([none.status, none.document.error?.code]).toEqual([64, 'run.nothing-to-resume']);
    expect((await apply(sandbox, ['rbac', '--resume'])).document.error?.code).toBe('usage.two-selections');
  });

  it('goes on by infra run resume, whose document says which operation it was', async () => {
    enterAlice(sandbox);
    const killed = await infra(sandbox, ['stack', 'apply', 'vault', 'woodpecker', '--yes', '--json'], {
      atLine: { event: 'step-applied', step: 'stack vault', do: 'kill' },
    });
    expect(killed.signal).toBe('SIGKILL');
    const id = journals(sandbox)[0]?.id ?? '';
    expect((await infraJson(sandbox, ['run', 'show', id])).document).toMatchObject({
      run: { operation: 'stack apply', state: 'killed' },
      next: `infra run resume ${id}`,
    });
    const resumed = await infraJson(sandbox, ['run', 'resume', id]);
    expect(resumed.document).toMatchObject({ status: 'ok', operation: 'stack apply', resumed: id, result: 'applied' });
    expect(appliesOf(sandbox, 'vault')).toHaveLength(1);
    expect(leftovers(sandbox)).toEqual([]);
  });
});
