import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { documentOf } from '../document.ts';
import { must, run } from './harness/run.ts';
import { makeServiceAccount } from './harness/service-account.ts';
import { mainFile, STACKS, TIER0 } from './harness/stacks-files.ts';
import { type StacksSite, startStacksSite } from './harness/stacks-site.ts';
import { pushedState } from './harness/tier0.ts';
import { skipReason } from './harness/tools.ts';

const reason = skipReason();
if (reason !== undefined) console.warn(`stack-affected.test.ts is skipped: ${reason}`);

/** The token of a service account has a fixed place, which only a mount of one's own can fill. */
const mount = ['-rm', '/bin/mount', '-t', 'tmpfs', 'none', '/run'];
const isPod = (await run('/usr/bin/unshare', mount).catch(() => undefined))?.status === 0;
if (!isPod) console.warn('stack-affected.test.ts: no mount namespaces here, so the test logs in to Vault, not infra');

const TEMPLATE = join(import.meta.dirname, '../../templates/woodpecker/infra/.woodpecker.yml');

interface Step {
  name: string;
  commands: string[];
}

describe.skipIf(reason !== undefined)('a Woodpecker step, on real servers', () => {
  let site: StacksSite;
  let bin: string;
  let account: string;
  let checkouts = 0;

  beforeAll(async () => {
    site = await startStacksSite();
    account = await makeServiceAccount(site);
    bin = join(site.workspace.dir, 'bin-step');
    await mkdir(bin);
    await writeFile(join(bin, 'infra'), `#!/bin/sh\nexec '${process.execPath}' '${site.infra.program}' "$@"\n`, {
      mode: 0o755,
    });
    // An administrator has applied everything once; then a long history.
    await site.infra.json('stack', 'apply', 'infra', 'platform', 'vault', 'shop', 'web', '--yes', '--accept-replans');
    await must(
      '/bin/bash',
      ['-c', 'for at in {1..70}; do git commit -q --allow-empty -m "Change $at"; done; git push -q'],
      { cwd: site.dir, env: site.env },
    );
  }, 600_000);
  afterAll(async () => {
    await site?.stop();
  });

  /** Pushes a change and answers the commit before and its own. */
  async function pushed(files: Readonly<Record<string, string | null>>, message = 'A change') {
    await site.git('pull', '-q', '--rebase');
    const before = (await site.git('rev-parse', 'HEAD')).trim();
    for (const [path, text] of Object.entries(files)) {
      if (text === null) await site.git('rm', '-rq', path);
      else await writeFile(join(site.dir, path), text);
    }
    await site.git('add', '-A');
    await site.git('commit', '-qm', message);
    await site.git('push', '-q');
    return { before, commit: (await site.git('rev-parse', 'HEAD')).trim() };
  }

  /** As Woodpecker does: the last 50 commits, the pushed one checked out, no branch. */
  async function cloned(commit: string): Promise<string> {
    const dir = join(site.workspace.dir, `checkout-${++checkouts}`);
    await mkdir(dir);
    const git = (...args: string[]) => must('git', args, { cwd: dir, env: site.env });
    await git('init', '-q', '-b', 'master');
    await git('remote', 'add', 'origin', `file://${site.remote}`);
    await git('fetch', '-q', '--depth', '50', 'origin', '+refs/heads/*:refs/remotes/origin/*');
    await git('-c', 'advice.detachedHead=false', 'checkout', '-q', commit);
    expect((await git('rev-parse', '--is-shallow-repository')).trim()).toBe('true');
    expect((await git('branch', '--show-current')).trim()).toBe('');
    return dir;
  }

  /** What infra finds out by itself in a pod. */
  async function loggedIn(): Promise<Record<string, string>> {
    const token = await readFile(join(account, 'token'), 'utf8');
    const { auth } = await site.vault.must('POST', 'auth/kubernetes/login', { role: 'ci', jwt: token });
    const file = join(site.workspace.dir, 'ci.kubeconfig');
    return {
      VAULT_TOKEN: auth.client_token,
      KUBECONFIG: await site.kubernetes.kubeconfigFor(file, { name: 'ci', token }),
    };
  }

  /** A step's commands as Woodpecker runs them: one script, `sh -e`, an empty HOME, no terminal, a service account. */
  async function step(dir: string, script: string, env: Readonly<Record<string, string>>) {
    const home = join(dir, '../empty-home');
    await mkdir(home, { recursive: true });
    const inside = `mount -t tmpfs none /run && mkdir -p /run/secrets/kubernetes.io && cp -r '${account}' /run/secrets/kubernetes.io/serviceaccount && exec /bin/sh -e -c "$SCRIPT"`;
    const kubernetes = new URL(site.kubernetes.server);
    const [program, ...words] = isPod
      ? ['/usr/bin/unshare', '-rm', '/bin/sh', '-c', inside]
      : ['/bin/sh', '-e', '-c', script];
    const child = spawn(program ?? '', words, {
      cwd: dir,
      env: {
        PATH: `${bin}:${site.env.PATH}:/usr/bin:/bin`,
        HOME: home,
        SCRIPT: script,
        ...(isPod ? {} : await loggedIn()),
        VAULT_ADDR: site.vault.address,
        TF_CLI_CONFIG_FILE: site.env.TF_CLI_CONFIG_FILE ?? '',
        TG_NO_AUTO_PROVIDER_CACHE_DIR: 'true',
        KUBERNETES_SERVICE_HOST: kubernetes.hostname,
        KUBERNETES_SERVICE_PORT: kubernetes.port,
        CI: 'woodpecker',
        CI_PIPELINE_EVENT: 'push',
        CI_FORGE_URL: 'https://forgejo.example.com',
        FORGE: 'forgejo.example.com',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    if (stdout === '') throw new Error(`no document, status ${status}: ${stderr}`);
    const document = documentOf(stdout);
    expect(document.exitStatus).toBe(status);
    for (const secret of [await readFile(join(account, 'token'), 'utf8'), site.postgres.password])
      expect(stdout + stderr).not.toContain(secret);
    return { document, stderr };
  }

  const scripts = async (...names: string[]): Promise<string> => {
    const { steps } = parse(await readFile(TEMPLATE, 'utf8'), { merge: true }) as { steps: Step[] };
    return names.flatMap((name) => steps.find((each) => each.name === name)?.commands ?? []).join('\n');
  };

  test('stack affected: what the push touches, in order, with reasons; removed stacks and other files apart', async () => {
    const { before, commit } = await pushed({
      'modules/label/outputs.tf': 'output "more" {\n  value = var.text\n}\n',
      'README.md': '# Stacks\n',
      'stacks/chat': null,
    });
    const dir = await cloned(commit);
    const { document } = await step(dir, 'infra stack affected --exit-code --json', { CI_PREV_COMMIT_SHA: before });
    const live = Object.keys(STACKS).filter((name) => name !== 'chat');
    expect(document).toMatchObject({
      exitStatus: 1,
      base: { commit: before, because: expect.stringContaining('CI_PREV_COMMIT_SHA') },
      removed: ['chat'],
      unattributed: ['README.md'],
    });
    const stacks = document.stacks as { name: string; reasons: object[] }[];
    expect(stacks.map(({ name }) => name).sort()).toEqual(live.sort());
    for (const { reasons } of stacks)
      expect(reasons).toEqual([{ kind: 'module', path: 'modules/label/outputs.tf', via: 'modules/label' }]);
    const places = new Map(stacks.map(({ name }, at) => [name, at]));
    for (const name of live)
      for (const on of STACKS[name] ?? []) expect(places.get(name)).toBeGreaterThan(places.get(on) ?? -1);
  });

  test('a base beyond the fifty commits is an error that says what to fetch, not a smaller answer', async () => {
    const head = (await site.git('rev-parse', 'HEAD')).trim();
    const old = (await site.git('rev-parse', 'HEAD~60')).trim();
    const dir = await cloned(head);
    const { document } = await step(dir, 'infra stack affected --json', { CI_PREV_COMMIT_SHA: old });
    expect(document).toMatchObject({
      exitStatus: 78,
      error: { code: 'affected.base-not-here', hints: expect.arrayContaining(['git fetch --unshallow']) },
    });
  });

  test('a push: applied with the rights of the service account; what administers Vault is left to a person', async () => {
    const changed = Object.fromEntries(
      ['platform', 'vault', 'web'].map((name) => [`stacks/${name}/main.tf`, mainFile(name, { text: 'pushed' })]),
    );
    const { before, commit } = await pushed(changed);
    const serial = await site.serial('web');
    const earlier = await pushedState(site, 'platform');
    const dir = await cloned(commit);
    const script = await scripts('prepare', 'apply');
    const env = { CI_PREV_COMMIT_SHA: before, CI_COMMIT_SHA: commit, CI_COMMIT_MESSAGE: 'A change' };
    const { document, stderr } = await step(dir, script, env);
    expect(document.error, stderr).toBeUndefined();
    expect(document).toMatchObject({
      exitStatus: 1,
      status: 'warn',
      chosen: 'affected',
      result: 'applied',
      leftOut: [{ stack: 'vault', reason: expect.stringContaining('a person applies it') }],
      stacks: [
        { stack: 'platform', state: 'applied' },
        { stack: 'web', state: 'applied' },
      ],
    });
    expect(await site.serial('web')).toBeGreaterThan(serial ?? 0);
    const now = await pushedState(site, 'platform');
    expect([now.commits, now.lineage]).toEqual([earlier.commits + 1, earlier.lineage]);
    // The step has nobody's git configuration.
    const bare = { cwd: site.remote, env: site.env };
    expect(await must('git', ['log', '-1', '--format=%an', 'master'], bare)).toBe('infra\n');

    // The commit of the state starts a pipeline of its own, which has nothing to do.
    const state = (await must('git', ['rev-parse', 'master'], { cwd: site.remote, env: site.env })).trim();
    expect(state).not.toBe(commit);
    const own = await step(await cloned(state), script, { CI_PREV_COMMIT_SHA: commit, CI_COMMIT_MESSAGE: 'state' });
    expect(own.document).toMatchObject({ exitStatus: 0, result: 'nothing-to-change', stacks: [] });
    const skipped = await step(dir, script, { ...env, CI_COMMIT_MESSAGE: 'A change [ci skip]' });
    expect(skipped.document).toMatchObject({ exitStatus: 0, result: 'skipped', skipped: 'the commit says [ci skip]' });
    expect(await site.git('status', '--porcelain')).toBe('');
  });

  test('the pipeline of a mirror applies nothing', async () => {
    const head = (await site.git('rev-parse', 'HEAD')).trim();
    const dir = await cloned(head);
    const { document } = await step(dir, await scripts('prepare', 'apply'), {
      CI_FORGE_URL: 'https://github.example.com',
    });
    expect(document).toMatchObject({
      exitStatus: 0,
      result: 'skipped',
      skipped: expect.stringContaining('github.example.com'),
    });
  });

  test('nothing of a step stays: no plan, no readable state', async () => {
    expect(TIER0).toContain('platform');
    expect(await site.leftBehind()).toEqual([]);
  });
});
