import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { makeProcesses } from '../../src/lib/clients/process/live.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { infra, infraJson } from './user-add/infra.ts';
import { everything, git as gitOf, leftovers } from './user-add/platform.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.stop());

type Row = {
  readonly stack: string;
  readonly state: string;
  readonly changes: readonly { readonly address: string }[];
  readonly ignored: readonly { readonly address: string; readonly reason: string }[];
  readonly firstSeen?: string;
};

async function drift(...args: readonly string[]) {
  const run = await infraJson(sandbox, ['stack', 'drift', ...args]);
  const rows = (run.document.stacks ?? []) as readonly Row[];
  return { ...run, rows, row: (name: string) => rows.find(({ stack }) => stack === name) };
}

const git = (...args: readonly string[]): string => gitOf(sandbox, args);
const stateFolder = (name: string): string => join(sandbox.env.XDG_STATE_HOME ?? '', 'infra', name);
const ignore = (entries: string): void => appendFileSync(join(sandbox.repo, 'infra.yaml'), `ignore:\n${entries}`);

describe('infra stack drift', () => {
  it('finds none in a platform that is as its stacks say, changes nothing and leaves no plan', async () => {
    const before = everything(sandbox);
    const { status, rows } = await drift('--all', '--exit-code');
    expect(status).toBe(0);
    expect(rows.map(({ state }) => state)).toEqual(Array(7).fill('clean'));
    expect(everything(sandbox)).toEqual(before);
    expect(readdirSync(stateFolder('plans'))).toEqual([]);
    expect(leftovers(sandbox)).toEqual([]);
  });

  it('needs no lock: a stack that somebody works on is planned all the same', async () => {
    await sandbox.setFaults({ rbac: { lockedBy: 'bob@laptop' }, vault: { lockedBy: 'bob@laptop' } });
    const { status, row } = await drift('rbac', 'vault');
    expect({ status, rbac: row('rbac')?.state, vault: row('vault')?.state }).toEqual({
      status: 0,
      rbac: 'clean',
      vault: 'clean',
    });
  });

  it('names what drifted, and since when: 0, or 1 with --exit-code', async () => {
    await sandbox.setFaults({ rbac: { drift: true } });
    const first = await drift('rbac');
    expect(first.status).toBe(0);
    expect(first.row('rbac')).toMatchObject({
      state: 'drift',
      changes: [{ address: 'module.rbac.kubernetes_cluster_role.oidc_power_user' }],
    });
    const head = git('rev-parse', 'HEAD').trim();
    expect(first.document).toMatchObject({ secondLookAt: head, groups: [{ class: 'update', stacks: ['rbac'] }] });
    const second = await drift('rbac', '--exit-code');
    expect(second.status).toBe(1);
    expect(second.row('rbac')?.firstSeen).toBe(first.row('rbac')?.firstSeen);
    expect(readdirSync(stateFolder('plans'))).toEqual([]);
  });

  it('a stack that could not be planned is neither drift nor clean, and hides no drift beside it', async () => {
    await sandbox.setFaults({ platform: { planFails: true }, rbac: { drift: true } });
    const { status, row, document } = await drift('--all', '--exit-code');
    expect(status).toBe(2);
    expect(document.error).toMatchObject({ code: 'stack.plan-failed' });
    expect(row('platform')).toMatchObject({ state: 'failed', changes: [] });
    expect(row('rbac')?.state).toBe('drift');
    // vault and others depend on platform: a plan that is not applied needs no order.
    expect(row('vault')?.state).toBe('clean');
    const shown = await infra(sandbox, ['stack', 'drift', '--all']);
    expect(shown.stdout).toContain('1 drift · 1 could not be planned · 5 clean');
    expect(shown.stdout).toMatch(/platform +could not be planned/);
  });

  it('accepts what infra.yaml lists, until its day, and says so', async () => {
    await sandbox.setFaults({ rbac: { drift: true } });
    ignore(
      "  - finding: stack.drift\n    subject: 'rbac:*.oidc_power_user'\n    reason: changed by hand during the audit\n    expires: 2999-01-31\n",
    );
    const { status, row } = await drift('rbac', '--exit-code');
    expect(status).toBe(0);
    expect(row('rbac')).toMatchObject({
      state: 'ignored',
      changes: [],
      ignored: [{ reason: 'changed by hand during the audit', expires: '2999-01-31' }],
    });
  });

  it('an entry whose day has passed accepts nothing, and is named', async () => {
    await sandbox.setFaults({ rbac: { drift: true } });
    ignore('  - finding: stack.drift\n    subject: rbac\n    reason: the audit\n    expires: 2020-01-31\n');
    const { status, row, document } = await drift('rbac', '--exit-code');
    expect(status).toBe(1);
    expect(row('rbac')?.state).toBe('drift');
    expect(document.findings).toEqual([expect.objectContaining({ id: 'stack.drift-ignore-expired', verdict: 'WARN' })]);
  });

  it('looks again at the newest commit, in a working tree of its own, when this checkout is behind', async () => {
    await sandbox.setFaults({ rbac: { drift: true }, woodpecker: { drift: true } });
    const head = git('rev-parse', 'HEAD').trim();
    // Somebody else removes one stack and pushes.
    rmSync(join(sandbox.repo, 'stacks/woodpecker'), { recursive: true });
    git('commit', '-qam', 'Remove woodpecker');
    const newer = git('rev-parse', 'HEAD').trim();
    git('push', '-q');
    git('reset', '-q', '--hard', head);
    const { row, document } = await drift('rbac', 'woodpecker');
    expect(document.secondLookAt).toBe(newer);
    expect(row('rbac')?.state).toBe('drift');
    expect(row('woodpecker')).toMatchObject({ state: 'settled', changes: [] });
    expect(git('rev-parse', 'HEAD').trim()).toBe(head);
    expect(existsSync(join(sandbox.repo, 'stacks/woodpecker'))).toBe(true);
    expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1);
    expect(readdirSync(stateFolder('trees'))).toEqual([]);
  });

  it('calls a stack clean, not settled, whose first look was refused and saw no change', async () => {
    const head = git('rev-parse', 'HEAD').trim();
    // Somebody else changes what decides the plans of two Tier-0 stacks: one file is new, one stack is gone.
    writeFileSync(join(sandbox.repo, 'stacks/vault/more.tf'), '# nothing yet\n');
    rmSync(join(sandbox.repo, 'stacks/platform'), { recursive: true });
    git('add', '-A');
    git('commit', '-qm', 'Prepare vault, remove platform');
    git('push', '-q');
    git('reset', '-q', '--hard', head);
    const { status, row, document } = await drift('vault', 'platform');
    expect(document.secondLookAt).not.toBe(head);
    expect([status, row('vault')?.state, row('platform')?.state]).toEqual([0, 'clean', 'clean']);
  });

  it('removes the working tree that a killed run left: it may hold what was decrypted', async () => {
    await drift('rbac');
    const site = /^[0-9a-f]+/.exec(readdirSync(stateFolder('drift'))[0] ?? '')?.[0];
    const tree = join(stateFolder('trees'), `${site}-dead0001`);
    mkdirSync(stateFolder('trees'), { recursive: true });
    git('worktree', 'add', '-q', '--detach', tree);
    const owner = await makeProcesses({ env: {} }).self();
    writeFileSync(`${tree}.json`, JSON.stringify({ ...owner, startedAt: owner.startedAt.replace(/\d+$/, '1') }));
    await drift('rbac');
    expect(readdirSync(stateFolder('trees'))).toEqual([]);
    expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1);
  });

  it('SIGTERM in the middle: partial, valid, status 143, and nothing is left', async () => {
    const run = await infraJson(sandbox, ['stack', 'drift', '--all', '--parallelism', '1'], {
      onStderr: (said, child) => {
        if (/no changes/.test(said)) child.kill('SIGTERM');
      },
    });
    expect(run.status).toBe(143);
    const rows = (run.document.stacks ?? []) as readonly Row[];
    expect(rows.map(({ state }) => state)).toContain('not-planned');
    expect(rows.map(({ state }) => state)).not.toContain('failed');
    expect(readdirSync(stateFolder('plans'))).toEqual([]);
  });

  it('is not sure when the newest commit cannot be planned: UNKNOWN, never drift or clean', async () => {
    await sandbox.setFaults({ rbac: { drift: true } });
    const head = git('rev-parse', 'HEAD').trim();
    writeFileSync(join(sandbox.repo, 'new.txt'), 'new\n');
    git('add', '-A');
    git('commit', '-qm', 'Add a file');
    git('push', '-q');
    git('reset', '-q', '--hard', head);
    // A filter that fails, as git-crypt does in a second working tree.
    git('config', 'filter.sealed.smudge', 'false');
    git('config', 'filter.sealed.required', 'true');
    mkdirSync(join(sandbox.repo, '.git/info'), { recursive: true });
    writeFileSync(join(sandbox.repo, '.git/info/attributes'), 'config.tfvars filter=sealed\n');
    const { status, row, document } = await drift('rbac', '--exit-code');
    expect(status).toBe(3);
    expect(row('rbac')?.state).toBe('unconfirmed');
    expect(document.findings).toContainEqual(
      expect.objectContaining({
        id: 'stack.drift-second-look',
        verdict: 'UNKNOWN',
        detail: expect.stringContaining('1 newer commit'),
      }),
    );
    expect(readdirSync(stateFolder('trees'))).toEqual([]);
  });

  it('names the commit that changed what declares the resource, and none when another file was changed', async () => {
    await sandbox.setFaults({ rbac: { drift: true } });
    type Groups = readonly { readonly explanation?: { readonly title: string; readonly path: string } }[];
    expect(((await drift('rbac')).document.groups as Groups)[0]?.explanation).toBeUndefined();
    const path = 'stacks/rbac/power-users.tf';
    writeFileSync(join(sandbox.repo, path), 'resource "kubernetes_cluster_role" "oidc_power_user" {\n}\n');
    git('add', path);
    git('commit', '-qm', 'Give power users less', '--', path);
    writeFileSync(join(sandbox.repo, 'README.md'), 'read me\n');
    git('add', 'README.md');
    git('commit', '-qm', 'Write about it', '--', 'README.md');
    const { groups } = (await drift('rbac')).document as unknown as { readonly groups: Groups };
    expect(groups[0]?.explanation).toMatchObject({ title: 'Give power users less', path });
  });

  it('writes metrics for Prometheus, and Markdown, to a file that others may read', async () => {
    await sandbox.setFaults({ rbac: { drift: true }, woodpecker: { planFails: true } });
    const run = await infra(sandbox, ['stack', 'drift', '--all', '--format', 'prometheus', '--output', 'drift.prom']);
    expect(run.stdout).toContain(`written: ${join(sandbox.repo, 'drift.prom')}`);
    const metrics = readFileSync(join(sandbox.repo, 'drift.prom'), 'utf8');
    for (const line of [
      'drift_stack_state{stack="rbac"} 2',
      'drift_stack_state{stack="woodpecker"} 1',
      'drift_stack_state{stack="vault"} 0',
      'drift_stack_count 1',
      'drift_error_count 1',
      'drift_clean_count 5',
    ]) {
      expect(metrics.split('\n')).toContain(line);
    }
    expect(statSync(join(sandbox.repo, 'drift.prom')).mode & 0o777).toBe(0o644);
    const md = await infra(sandbox, ['stack', 'drift', 'rbac', '--format', 'md']);
    expect(md.stdout).toContain('- **update** `module.rbac.kubernetes_cluster_role.oidc_power_user`');
  });

  it('pushes to a Pushgateway under the names in use, and takes over since when', async () => {
    await sandbox.setFaults({ rbac: { drift: true } });
    const got: { method: string; url: string; body: string }[] = [];
    const body = { data: [{ drift_stack_first_seen: { metrics: [{ labels: { stack: 'rbac' }, value: '1.7e+09' }] } }] };
    const url = await serve(async (request) => {
      got.push({ method: request.method ?? '', url: request.url ?? '', body: await text(request) });
      return request.method === 'GET' ? { status: 200, text: JSON.stringify(body) } : { status: 200, text: '' };
    });
    const { status, document, row } = await drift('--all', '--push-gateway', url);
    expect(status).toBe(0);
    expect(document.pushed).toBe(`${url}/metrics/job/drift-detection`);
    expect(row('rbac')?.firstSeen).toBe(new Date(1_700_000_000_000).toISOString());
    expect(got.map(({ method, url: path }) => `${method} ${path}`)).toEqual([
      'GET /api/v1/metrics',
      'POST /metrics/job/drift-detection',
    ]);
    expect(got[1]?.body).toContain('drift_stack_first_seen{stack="rbac"} 1700000000\n');
    expect(got[1]?.body).toContain('drift_stack_state{stack="vault"} 0\n');
  });

  it('a Pushgateway that refuses or is not there is a failure of its own: the answer is printed all the same', async () => {
    const url = await serve(async () => ({ status: 500, text: '' }));
    const { status, document, rows } = await drift('--all', '--push-gateway', url);
    expect(status).toBe(69);
    expect(document.error).toMatchObject({ code: 'drift.push-refused' });
    expect(rows).toHaveLength(7);
  });

  it.each([
    [['rbac', '--push-gateway', 'http://127.0.0.1:1'], 'usage.push-partial'],
    [['--all', '--push-gateway', 'pushgateway:9091'], 'usage.bad-url'],
    [['--all', '--format', 'md'], 'usage.two-formats'],
    [['--all', '--output', 'x'], 'usage.output-json'],
    [[], 'usage.no-stack'],
  ])('%j is refused as %s', async (args, code) => {
    expect((await drift(...args)).document).toMatchObject({ exitStatus: 64, error: { code } });
  });
});

/** A server on loopback; resolves to its address. */
async function serve(answer: (request: IncomingMessage) => Promise<{ status: number; text: string }>): Promise<string> {
  const server = createServer((request, response) => {
    void answer(request).then(({ status, text: said }) => response.writeHead(status).end(said));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}
