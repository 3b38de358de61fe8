/** The harness itself: if these fail, no other real test says anything. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from './harness/http.ts';
import { type Kubernetes, startKubernetes } from './harness/kubernetes.ts';
import { type Entry, missingObjects } from './harness/objects.ts';
import { type Postgres, startPostgres } from './harness/postgres.ts';
import { run } from './harness/run.ts';
import { baseUsers, writeUsers } from './harness/seed-vault.ts';
import { makeSite, type Site } from './harness/site.ts';
import type { Shape } from './harness/site-tree.ts';
import type { Terragrunt } from './harness/toolbox.ts';
import { realTools, skipReason } from './harness/tools.ts';
import { until } from './harness/until.ts';
import { startVault, type Vault } from './harness/vault.ts';

const reason = skipReason();
if (reason !== undefined) console.warn(`harness.test.ts is skipped: ${reason}`);

const alice = {
  role: 'namespace-owner',
  email: 'alice@example.test',
  namespaces: ['alice-web', 'alice-db'],
  domains: ['alice'],
};
const newcomers: Record<string, Entry> = {
  alice,
  carol: { role: 'power-user', email: 'carol@example.test' },
  dave: { role: 'admin', email: 'dave@example.test' },
};

describe.skipIf(reason !== undefined).each<{ shape: Shape; first: Terragrunt; others: Terragrunt[] }>([
  { shape: 'extracted', first: '1.1.0', others: ['1.0.0', '0.99'] },
  { shape: 'documented', first: '0.99', others: ['1.0.0', '1.1.0'] },
])('the $shape site, applied by terragrunt $first', { timeout: 600_000 }, ({ shape, first, others }) => {
  let vault: Vault;
  let kubernetes: Kubernetes;
  let postgres: Postgres;
  let site: Site;

  beforeAll(async () => {
    [vault, kubernetes, postgres] = await Promise.all([
      startVault({ kubernetesPlugins: true }),
      startKubernetes(),
      startPostgres(),
    ]);
    site = await makeSite({ shape, terragrunt: first, vault, kubernetes, postgres });
  }, 600_000);

  afterAll(async () => {
    await Promise.all([site?.remove(), vault?.stop(), kubernetes?.stop(), postgres?.stop()]);
  });

  async function plans(of: Site): Promise<Record<string, number>> {
    const statuses: Record<string, number> = {};
    for (const stack of of.stacks)
      statuses[stack] = (await of.tg(stack, 'plan', '-detailed-exitcode', '-input=false')).status;
    return statuses;
  }

  /** What a plan would do to what is managed, `ADDRESS: ACTION`, where `delete+create` is a replacement. */
  async function plannedActions(stack: string): Promise<string[]> {
    const file = join(site.env.TMPDIR ?? '', `${stack}.plan`);
    const planned = await site.tg(stack, 'plan', '-input=false', `-out=${file}`);
    expect(planned.status, planned.stderr).toBe(0);
    const shown = await site.run('terragrunt', ['show', '-json', file], join(site.dir, 'stacks', stack));
    const changes: { address: string; mode: string; change: { actions: string[] } }[] = JSON.parse(
      shown.stdout,
    ).resource_changes;
    return changes
      .filter(({ mode }) => mode === 'managed')
      .map(({ address, change }) => `${address}: ${change.actions.join('+')}`)
      .filter((each) => !each.endsWith(': no-op'));
  }

  async function apply(stack: string): Promise<void> {
    const ran = await site.tg(stack, 'apply', '-auto-approve', '-input=false');
    expect(ran.status, ran.stderr + ran.stdout).toBe(0);
  }

  const clean = () => Object.fromEntries(site.stacks.map((stack) => [stack, 0]));

  test('has every object of its users, a clean tree, and its Tier-0 states encrypted at the origin', async () => {
    for (const [name, entry] of Object.entries(baseUsers)) {
      expect(await missingObjects({ site, vault, kubernetes }, name, entry as unknown as Entry)).toEqual([]);
    }
    expect((await site.run('git', ['status', '--porcelain'])).stdout).toBe('');
    const log = await site.run('git', ['log', '--format=%s', 'origin/master']);
    expect(log.stdout).toContain('state(vault): update encrypted state');
    const tracked = await site.run('git', ['ls-files', 'state']);
    expect(tracked.stdout.trim().split('\n')).toEqual(
      tracked.stdout
        .trim()
        .split('\n')
        .filter((file) => file.endsWith('.enc')),
    );
  });

  test('shows no changes', async () => {
    expect(await plans(site)).toEqual(clean());
  });

  test.each(others)('shows no changes to terragrunt %s', async (terragrunt) => {
    expect(await plans(await site.another({ terragrunt }))).toEqual(clean());
  });

  test('a saved plan reaches tofu through exec only: two words of -var leave one behind', async () => {
    for (const terragrunt of [first, ...others]) {
      const clone = await site.another({ terragrunt });
      const cwd = join(clone.dir, 'stacks/woodpecker');
      const file = join(clone.env.TMPDIR ?? '', `${terragrunt}.plan`);
      expect((await clone.run('terragrunt', ['plan', '-input=false', `-out=${file}`], cwd)).status).toBe(0);
      expect((await clone.run('terragrunt', ['show', '-json', file], cwd)).stdout).toMatch(/^\{"format_version"/);
      const direct = await clone.run('terragrunt', ['apply', '-input=false', file], cwd);
      expect([direct.status, direct.stdout + direct.stderr]).toEqual([
        1,
        expect.stringContaining('Too many command line'),
      ]);
      const exec = ['exec', '--in-download-dir', '--', 'tofu', 'apply', '-input=false', '-json', file];
      const through = await clone.run('terragrunt', exec, cwd);
      expect([through.status, through.stdout]).toEqual([0, expect.stringContaining('Apply complete!')]);
    }
  });

  test('every terragrunt generates the same files', async () => {
    const texts = [];
    for (const terragrunt of [first, ...others]) {
      const clone = await site.another({ terragrunt });
      const cwd = join(clone.dir, 'stacks/woodpecker');
      expect((await clone.run('terragrunt', ['validate'], cwd)).status).toBe(0);
      const found = await clone.run(
        'bash',
        ['-c', 'cd .terragrunt-cache/*/*/stacks/woodpecker 2>/dev/null; cat *r.tf *s.tf backend.tf'],
        cwd,
      );
      texts.push(found.stdout);
    }
    expect(texts[0]).toContain('schema_name = "woodpecker"');
    expect(new Set(texts).size).toBe(1);
  });

  test('can be planned with credentials that only Vault has', async () => {
    const poor = await site.another({ terragrunt: first, pgConnStr: false });
    expect(poor.env).not.toHaveProperty('PG_CONN_STR');
    expect((await poor.tg('woodpecker', 'plan', '-detailed-exitcode', '-input=false')).status).toBe(0);
  });

  test('passes its own guards', async () => {
    for (const guard of ['ingress-auth-comments', 'allowed-groups', 'ingress-descriptions']) {
      expect((await site.run('python3', [`scripts/check-${guard}.py`])).status).toBe(0);
    }
  });

  test('users written into Vault get every object, in the right order only, and no plan takes anything away', async () => {
    const before = (await vault.request('GET', 'secret/data/platform')).text;
    await writeUsers(vault, { ...baseUsers, ...newcomers });
    const after = (await vault.request('GET', 'secret/data/platform')).text;
    expect(otherKeysOf(after)).toBe(otherKeysOf(before));

    if (shape === 'extracted') {
      const early = await site.tg('k8s-dashboard', 'plan', '-detailed-exitcode', '-input=false', '-no-color');
      expect(early.status).toBe(1);
      expect(early.stdout + early.stderr).toContain('not found');
    }
    const early = await site.tg(
      shape === 'extracted' ? 'rbac' : 'platform',
      'apply',
      '-auto-approve',
      '-input=false',
      '-no-color',
    );
    expect(early.status).toBe(1);
    expect(early.stdout + early.stderr).toContain('namespaces \\"alice-web\\" not found'.replaceAll('\\', ''));

    const order = {
      extracted: ['vault', 'rbac', 'woodpecker', 'cloudflared', 'k8s-dashboard'],
      documented: ['vault', 'platform', 'woodpecker'],
    };
    for (const stack of order[shape]) {
      const actions = await plannedActions(stack);
      expect(actions.length).toBeGreaterThan(0);
      expect(actions.filter((each) => !/: (create|update)$/.test(each))).toEqual([]);
      await apply(stack);
    }
    for (const [name, entry] of Object.entries(newcomers)) {
      expect(await missingObjects({ site, vault, kubernetes }, name, entry)).toEqual([]);
    }
    expect(await plans(site)).toEqual(clean());
  });

  test('what was minted works: an owner may in his namespace, a deployer token exists', async () => {
    const may = async (namespace: string): Promise<boolean> => {
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
      const resourceAttributes = { namespace, verb: 'create', group: 'apps', resource: 'deployments' };
      const identity = { 'impersonate-user': alice.email };
      return (await kubernetes.must('POST', path, { spec: { resourceAttributes } }, identity)).status.allowed;
    };
    expect([await may('alice-web'), await may('bob-lab')]).toEqual([true, false]);
    const minted = await vault.must('PUT', 'kubernetes/creds/alice-web-deployer', {
      kubernetes_namespace: 'alice-web',
    });
    expect(minted.data.service_account_token).toMatch(/^ey/);
  });
});

describe.skipIf(reason !== undefined)('servers', { timeout: 600_000 }, () => {
  test('the tools are the versions that the facts were found with', async () => {
    const tools = realTools();
    const said = async (tool: keyof typeof tools, ...args: string[]) => (await run(tools[tool], args)).stdout;
    expect(await said('vault', 'version')).toContain('Vault v1.18.1');
    expect(await said('tofu', 'version')).toContain('OpenTofu v1.12.6');
    expect(await said('terragrunt-1.0.0', '--version')).toBe('terragrunt version v1.0.0\n');
    expect(await said('terragrunt-1.1.0', '--version')).toBe('terragrunt version v1.1.0\n');
    expect(await said('apiserver', '--version')).toBe('Kubernetes v1.34.4\n');
    expect(await said('sops', '--version', '--disable-version-check')).toContain('sops ');
  });

  test('a Vault on raft storage opens, and answers 503 once it is sealed', async () => {
    const vault = await startVault({ storage: 'unsealed' });
    try {
      expect((await vault.request('GET', 'sys/health')).status).toBe(200);
      await vault.seal();
      const sealed = await vault.request('GET', 'secret/data/platform');
      expect([sealed.status, sealed.body]).toEqual([503, { errors: ['Vault is sealed'] }]);
    } finally {
      await vault.stop();
    }
  });

  test('Vault itself rounds large numbers to doubles, so what it answers survives JavaScript', async () => {
    const vault = await startVault();
    try {
      const url = `${vault.address}/v1/secret/data/numbers`;
      const headers = { 'x-vault-token': vault.token };
      const raw = '{"data":{"a":9007199254740993,"b":123456789012345678901234567890,"c":1e-7,"d":1.50}}';
      await ask(url, { method: 'POST', headers, raw });
      const { text, body } = await ask(url, { headers });
      const data = '{"a":9007199254740992,"b":1.2345678901234568e+29,"c":1e-7,"d":1.5}';
      expect(text).toContain(`"data":${data}`);
      expect(JSON.stringify(body.data.data)).toBe(data);
    } finally {
      await vault.stop();
    }
  });

  test('nothing outlives a test process, not even one that was killed', async () => {
    const module = JSON.stringify(new URL('harness/vault.ts', import.meta.url).href);
    const code = `const { startVault } = await import(${module}); console.log((await startVault()).address); setInterval(() => {}, 1000)`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const health = `${line.toString().trim()}/v1/sys/health`;
    expect((await ask(health)).status).toBe(200);
    child.kill('SIGKILL');
    await until('the server to be gone', () =>
      ask(health).then(
        () => undefined,
        () => true,
      ),
    );
  });

  test('the stand-in for terragrunt 0.99 says so', async () => {
    const stand = new URL('fake-terragrunt/terragrunt', import.meta.url).pathname;
    expect((await run(process.execPath, [stand, '--version'])).stdout).toBe('terragrunt version 0.99.4\n');
  });
});

/** The stored text without the users and without what changes with every version. */
function otherKeysOf(text: string): string {
  const data = /"data":\{"data":(\{.*?\}),"metadata":/.exec(text)?.[1] ?? '';
  return data.replace(/"k8s_users":"(?:[^"\\]|\\.)*",?/, '');
}
