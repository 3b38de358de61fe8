import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { listWorlds } from '../../../src/sandbox/run.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/start.ts';
import { CANARIES } from '../../../src/sandbox/worlds/canaries.ts';
import { ask, run } from './asking.ts';

describe('healthy', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ authentik: true });
  });
  afterAll(() => sandbox.stop());

  test('the environment is whole and points nowhere else', () => {
    const { PATH = '', ...rest } = sandbox.env;
    expect(PATH.startsWith(`${sandbox.dir}/bin:`)).toBe(true);
    expect(Object.keys(rest).sort()).toEqual([
      'AUTHENTIK_TOKEN',
      'HOME',
      'INFRA_LOOPBACK_ONLY',
      'INFRA_REPO',
      'INFRA_SANDBOX_DIR',
      'KUBECONFIG',
      'NODE_EXTRA_CA_CERTS',
      'TZ',
      'VAULT_ADDR',
      'VAULT_TOKEN',
      'XDG_CACHE_HOME',
      'XDG_CONFIG_HOME',
      'XDG_STATE_HOME',
    ]);
    expect(rest.HOME?.startsWith(sandbox.dir)).toBe(true);
  });

  test('the repository is a clean clone on master with an upstream, state encrypted, kubeconfig ignored', async () => {
    expect((await run(sandbox, '', 'git', ['status', '--short', '--branch'])).out).toBe('## master...origin/master\n');
    expect(
      (await run(sandbox, '', 'git', ['ls-files', 'state'])).out.split('\n').filter((line) => line !== ''),
    ).toEqual(['infra', 'platform', 'vault'].map((stack) => `state/stacks/${stack}/terraform.tfstate.enc`));
    expect((await run(sandbox, '', 'git', ['push', '--dry-run', 'origin', 'HEAD'])).status).toBe(0);
    expect(existsSync(join(sandbox.repo, 'config'))).toBe(true);
    expect((await stat(sandbox.dir)).mode & 0o777).toBe(0o700);
  });

  test('every plan is clean, through the wrapper of the repository', async () => {
    for (const stack of ['infra', 'platform', 'vault', 'rbac', 'cloudflared', 'k8s-dashboard', 'woodpecker']) {
      const planned = await run(sandbox, `stacks/${stack}`, '../../scripts/tg', ['plan', '-detailed-exitcode']);
      expect([stack, planned.status, planned.err]).toEqual([stack, 0, '']);
    }
  });

  test('the guards run and refuse', async () => {
    const bad = await run(sandbox, '', 'scripts/check-ingress-descriptions.py', ['stacks/none']);
    expect(bad.status).toBe(2);
    expect((await run(sandbox, '', 'scripts/check-ingress-descriptions.py', ['stacks/rbac'])).status).toBe(0);
  });

  test('Forgejo, Authentik and Cloudflare answer', async () => {
    expect((await ask(`${sandbox.forgejo.url}/api/v1/users/alice`)).json).toMatchObject({ login: 'alice' });
    expect((await ask(`${sandbox.forgejo.url}/api/v1/users/nobody`)).status).toBe(404);
    const site = parse(await readFile(join(sandbox.repo, 'infra.yaml'), 'utf8'));
    expect(site.authentik).toEqual({ url: sandbox.authentik.url, token: { env: 'AUTHENTIK_TOKEN' } });
    const headers = { authorization: `Bearer ${CANARIES.authentikToken}` };
    const users = `${sandbox.authentik.url}/api/v3/core/users/?email=alice@example.com`;
    const found = (await ask(users, 'GET', undefined, headers)).json as {
      results: { pk: number; groups_obj: { name: string }[] }[];
    };
    const groups = `${sandbox.authentik.url}/api/v3/core/groups/?name=kubernetes-namespace-owners`;
    const group = (await ask(groups, 'GET', undefined, headers)).json as { results: { pk: string }[] };
    const add = `${sandbox.authentik.url}/api/v3/core/groups/${group.results[0]?.pk}/add_user/`;
    expect((await ask(add, 'POST', { pk: found.results[0]?.pk }, headers)).status).toBe(204);
    expect((await ask(users, 'GET', undefined, headers)).text).toContain('"name":"kubernetes-namespace-owners"');
    expect((await ask(users)).status).toBe(403);
    const records = `${sandbox.cloudflare.url}/client/v4/zones/sandboxzone/dns_records`;
    const token = { authorization: `Bearer ${CANARIES.cloudflareApiKey}` };
    expect((await ask(`${records}?name=bobs-app`, 'GET', undefined, token)).json).toMatchObject({
      success: true,
      result: [{ name: 'bobs-app', type: 'CNAME', proxied: true }],
    });
  });
});

test('the documented shape has RBAC and DNS in platform', async () => {
  const sandbox = await startSandbox({ world: 'healthy-documented' });
  try {
    expect((await run(sandbox, '', 'ls', ['stacks'])).out).toBe('infra\nplatform\nvault\nwoodpecker\n');
    const planned = await run(sandbox, 'stacks/platform', '../../scripts/tg', ['plan', '-detailed-exitcode']);
    expect(planned.status).toBe(0);
    expect(planned.out).toContain('namespace_owner["bob-bob"]');
    expect(planned.out).toContain('dns_record["bobs-app"]');
  } finally {
    await sandbox.stop();
  }
});

test('it leaves nothing', async () => {
  const sandbox = await startSandbox();
  await sandbox.stop();
  expect(existsSync(sandbox.dir)).toBe(false);
  await expect(ask(`${sandbox.vault.url}/v1/sys/health`)).rejects.toThrow();
});

test('worlds are listed by what one would notice; another name is refused', async () => {
  expect(listWorlds().map((world) => world.name)).toEqual(expect.arrayContaining(['healthy', 'healthy-documented']));
  await expect(startSandbox({ world: 'nope' })).rejects.toMatchObject({
    code: 'sandbox.no-such-world',
    exitStatus: 64,
  });
});
