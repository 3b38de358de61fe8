/** Many admins at once on one Vault: nobody's entry is lost, and nobody else's key. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from './harness/http.ts';
import { makeInfra } from './harness/infra.ts';
import { must } from './harness/run.ts';
import { baseUsers, platformText } from './harness/seed-vault.ts';
import { writeSiteTree } from './harness/site-tree.ts';
import { skipReason } from './harness/tools.ts';
import { until } from './harness/until.ts';
import { readPlatform } from './harness/users.ts';
import { startVault, type Vault } from './harness/vault.ts';
import { makeWorkspace, type Workspace } from './harness/workspace.ts';

const reason = skipReason('vault', 'git', 'openssl');
if (reason !== undefined) console.warn(`user-add-concurrent.test.ts is skipped: ${reason}`);

const names = Array.from({ length: 50 }, (_, index) => `user-${String(index + 1).padStart(2, '0')}`);

describe.skipIf(reason !== undefined)('fifty admins at once', () => {
  let vault: Vault;
  let workspace: Workspace;
  let repo: string;

  beforeAll(async () => {
    vault = await startVault();
    workspace = await makeWorkspace('concurrent');
    repo = join(workspace.dir, 'repo');
    await until('KV v2 at secret/', async () =>
      (await vault.request('GET', 'secret/config')).status === 200 ? true : undefined,
    );
    const headers = { 'x-vault-token': vault.token };
    const raw = platformText(baseUsers, 'cloudflare-token');
    const written = await ask(`${vault.address}/v1/secret/data/platform`, { method: 'POST', headers, raw });
    expect(written.status).toBe(200);
    // Nothing but Vault is there: no cluster, no database, no DNS.
    const nowhere = {
      CLOUDFLARE_API: 'http://127.0.0.1:9',
      CLOUDFLARE_ZONE: '0'.repeat(32),
      AGE_RECIPIENTS: 'age1none',
    };
    const values = { VAULT_ADDR: vault.address, PG_ADDRESS: '127.0.0.1:9/terraform_state', ...nowhere };
    await writeSiteTree(repo, 'extracted', 'source', values);
    const env = { HOME: workspace.home, PATH: '/usr/bin:/bin' };
    await must('git', ['init', '-q', '-b', 'master'], { cwd: repo, env });
  });

  afterAll(async () => {
    await vault?.stop();
    await workspace?.remove();
  });

  async function addAlone(name: string) {
    const home = await mkdtemp(join(workspace.dir, `${name}-`));
    const env = {
      HOME: home,
      TMPDIR: home,
      PATH: '/usr/bin:/bin',
      VAULT_ADDR: vault.address,
      VAULT_TOKEN: vault.token,
      KUBECONFIG: join(home, 'none'),
    };
    const infra = await makeInfra({ dir: repo, env });
    const email = `${name}@example.test`;
    const document = await infra.json('user', 'add', name, '--email', email, '--no-apply', '--yes');
    const journal = (await infra.journals()).at(-1) ?? [];
    return { name, document, end: journal.at(-1) };
  }

  /** Changes another key of the same secret, over and over, until it is told to end. Answers how often it did. */
  async function otherWriter(signal: AbortSignal): Promise<number> {
    const headers = { 'content-type': 'application/merge-patch+json' };
    let count = 0;
    while (!signal.aborted) {
      const body = { data: { counter: String(count + 1) } };
      const answer = await vault.request('PATCH', 'secret/data/platform', body, { headers });
      if (answer.status !== 200) throw new Error(`the other writer: ${answer.status} ${answer.text}`);
      count += 1;
      // Nobody may take it back by writing a whole secret that was read earlier.
      expect((await readPlatform(vault)).others).toContain(`"counter":"${count}"`);
    }
    return count;
  }

  test('fifty entries, every other key as it was, and a writer of another key loses nothing', async () => {
    const before = await readPlatform(vault);
    const ending = new AbortController();
    const writing = otherWriter(ending.signal);

    const ended = await Promise.all(names.map(addAlone)).finally(() => ending.abort());
    const count = await writing;

    expect(
      ended.filter(({ document }) => document.exitStatus !== 0).map(({ name, document }) => [name, document.error]),
    ).toEqual([]);
    expect(ended.every(({ document }) => document.result === 'edited')).toBe(true);
    expect(ended.every(({ end }) => end?.event === 'run-end' && end.data.status === 'ok')).toBe(true);

    const after = await readPlatform(vault);
    const expected = names.map((name) => [
      name,
      { role: 'namespace-owner', email: `${name}@example.test`, namespaces: [name] },
    ]);
    expect(after.users).toEqual({ ...baseUsers, ...Object.fromEntries(expected) });
    expect(count).toBeGreaterThan(10);
    expect(after.others).toContain(`"counter":"${count}"`);
    expect(after.others.replace(/"counter":"\d+",?/, '')).toBe(before.others);
    // Each write made exactly one version: nobody wrote twice, and nobody's version was written over.
    expect(after.version).toBe(before.version + names.length + count);
  });
});
