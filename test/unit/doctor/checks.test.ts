import { describe, expect, it } from 'vitest';
import type { Kubernetes } from '../../../src/lib/clients/kubernetes/client.ts';
import { CHECKS } from '../../../src/lib/doctor/catalogue.ts';
import type { Answer, Check } from '../../../src/lib/doctor/check.ts';
import { findCycle } from '../../../src/lib/doctor/checks/stacks.ts';
import { InfraError } from '../../../src/lib/errors.ts';
import { Secret } from '../../../src/lib/secrets/secret.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { fakeVault } from '../../fakes/vault.ts';
import { makeWorld, type Setting } from './world.ts';

const run = async (id: string, setting: Setting = {}): Promise<Answer> => {
  const check: Check | undefined = CHECKS.find((one) => one.id === id);
  const world = await makeWorld(setting);
  if (check === undefined) throw new Error(`no check ${id}`);
  if (check.needs === 'machine') return check.run(world);
  if (world.siteState.state !== 'present') throw new Error('no site');
  return check.run(world, world.siteState.site);
};

const RELATIVE = 'module "m" {\n  source = "../../modules/x"\n}\n';
const locked = '\0GITCRYPT\0ciphertext';

/** Each row: what is there, the verdict, and what the finding says. */
const LOCAL: readonly (readonly [id: string, what: string, Setting, Answer['verdict'], RegExp])[] = [
  ['machine.git', 'is there', { programs: { git: 'git version 2.39.5' } }, 'PASS', /2\.39\.5/],
  ['machine.git', 'is missing', {}, 'FAIL', /not on PATH/],
  ['machine.terragrunt', 'prints no version', { programs: { terragrunt: 'hello' } }, 'UNKNOWN', /does not tell/],
  ['machine.terragrunt', 'is 0.99', { programs: { terragrunt: 'terragrunt version v0.99.4' } }, 'PASS', /0\.99\.4/],
  [
    'machine.tofu',
    'tofu before terraform',
    { programs: { tofu: 'OpenTofu v1.12.6', terraform: 'Terraform v1.15.4' } },
    'PASS',
    /tofu 1\.12\.6/,
  ],
  [
    'machine.tofu',
    'terraform alone',
    { programs: { terraform: 'Terraform v1.15.4\non linux' } },
    'PASS',
    /terraform 1\.15\.4/,
  ],
  ['machine.tofu', 'neither', {}, 'FAIL', /neither/],
  [
    'machine.tofu',
    'TG_TF_PATH names nothing',
    { programs: { tofu: 'OpenTofu v1.12.6' }, env: { TG_TF_PATH: 'nope' } },
    'FAIL',
    /not on PATH/,
  ],
  ['machine.sops', 'missing, no Tier 0', {}, 'WARN', /needed only/],
  [
    'machine.sops',
    'missing, with Tier 0',
    { files: { 'infra.yaml': 'stacks: {tier0: {stacks: [vault]}}' } },
    'FAIL',
    /not on PATH/,
  ],
  ['machine.node', 'too old on PATH', { programs: { node: 'v20.19.0' } }, 'WARN', /20\.19\.0/],
  ['machine.node', 'a supported one', { programs: { node: 'v24.15.0' } }, 'PASS', /24\.15\.0/],
  ['machine.tf-cli-config', 'not set', {}, 'PASS', /not set/],
  ['machine.tf-cli-config', 'missing file', { env: { TF_CLI_CONFIG_FILE: '/nope/tfrc' } }, 'FAIL', /\/nope\/tfrc/],
  ['machine.state-folder', 'writable', { clients: { clock: fakeClock() } }, 'PASS', /state/],
  ['repository.infra-yaml', 'none', {}, 'SKIP', /discovered/],
  ['repository.infra-yaml', 'unknown key', { files: { 'infra.yaml': 'valut: {}' } }, 'WARN', /did you mean vault/],
  ['repository.infra-yaml', 'fine', { files: { 'infra.yaml': 'stacks: {}' } }, 'PASS', /infra\.yaml/],
  ['repository.trust', 'nothing chosen', { trusted: false }, 'PASS', /no address/],
  [
    'repository.trust',
    'not accepted',
    { trusted: false, files: { 'infra.yaml': 'vault: {address: "https://v.example.com"}' } },
    'WARN',
    /https:\/\/v\.example\.com/,
  ],
  ['repository.stacks', 'fine', {}, 'PASS', /1 stacks, 0 dependencies/],
  [
    'repository.stacks',
    'missing target',
    { files: { 'stacks/a/terragrunt.hcl': 'dependency "b" {\n  config_path = "../b"\n}\n', 'stacks/a/main.tf': '' } },
    'FAIL',
    /a → b/,
  ],
  ['repository.stacks', 'a folder without .tf', { files: { 'stacks/bare/terragrunt.hcl': '' } }, 'WARN', /bare/],
  [
    'repository.stacks',
    'an empty shell has a .tf',
    { files: { 'stacks/platform/terragrunt.hcl': '', 'stacks/platform/main.tf': '# empty\n' } },
    'PASS',
    /2 stacks/,
  ],
  ['repository.stacks', 'none in stacks.dir', { files: { 'infra.yaml': 'stacks: {dir: units}' } }, 'FAIL', /no stack/],
  ['repository.tier-lists', 'none', {}, 'SKIP', /no list/],
  [
    'repository.tier-lists',
    'in sync in another order',
    { files: { 'terragrunt.hcl': 'locals {\n  tier0_stacks = ["a", "b"]\n}\n', 'scripts/tg': 'TIER0_STACKS="b a"\n' } },
    'PASS',
    /2 stacks/,
  ],
  [
    'repository.tier-lists',
    'differ',
    { files: { 'terragrunt.hcl': 'locals {\n  tier0_stacks = ["a"]\n}\n', 'scripts/tg': 'TIER0_STACKS="a b"\n' } },
    'FAIL',
    /scripts\/tg .* has b too/,
  ],
  [
    'repository.tier-lists',
    'infra.yaml differs',
    {
      files: {
        'terragrunt.hcl': 'locals {\n  tier0_stacks = ["a", "b"]\n}\n',
        'infra.yaml': 'stacks: {tier0: {stacks: [a]}}',
      },
    },
    'FAIL',
    /infra\.yaml:1 .* lacks b/,
  ],
  ['repository.git-crypt', 'nothing to look at', {}, 'SKIP', /neither/],
  [
    'repository.git-crypt',
    'clear text',
    { files: { 'config.tfvars': 'a = 1', 'secrets/key.pem': '-----BEGIN' } },
    'PASS',
    /2 files/,
  ],
  ['repository.git-crypt', 'locked variables', { files: { 'config.tfvars': locked } }, 'FAIL', /config\.tfvars/],
  [
    'repository.git-crypt',
    'a locked certificate',
    { files: { 'config.tfvars': 'a = 1', 'secrets/fullchain.pem': locked } },
    'FAIL',
    /secrets\/fullchain\.pem/,
  ],
  ['repository.kubeconfig', 'no convention', {}, 'SKIP', /hands no/],
  [
    'repository.kubeconfig',
    'missing',
    { files: { 'terragrunt.hcl': 'x = "kube_config_path=${get_repo_root()}/config"' } },
    'FAIL',
    /terragrunt\.hcl:1/,
  ],
  [
    'repository.kubeconfig',
    'there',
    { files: { config: '', 'terragrunt.hcl': 'x = "kube_config_path=${get_repo_root()}/config"' } },
    'PASS',
    /config/,
  ],
  ['repository.guards', 'none', {}, 'SKIP', /none/],
  ['repository.guards', 'no python3', { files: { 'scripts/check-a.py': '' } }, 'FAIL', /python3/],
  [
    'repository.guards',
    'named and missing',
    { files: { 'infra.yaml': 'stacks: {guards: [scripts/check-b.py]}' } },
    'FAIL',
    /check-b\.py/,
  ],
  [
    'repository.terragrunt-in-place',
    'a terragrunt that tells no version',
    { programs: { terragrunt: 'hello' }, files: { 'stacks/vault/main.tf': RELATIVE } },
    'UNKNOWN',
    /does not tell/,
  ],
  [
    'repository.terragrunt-in-place',
    '0.99 runs in place',
    { programs: { terragrunt: 'v0.99.4' }, files: { 'stacks/vault/main.tf': RELATIVE } },
    'PASS',
    /in place/,
  ],
  [
    'repository.terragrunt-in-place',
    '1.x, relative',
    { programs: { terragrunt: 'v1.0.0' }, files: { 'stacks/vault/main.tf': RELATIVE } },
    'FAIL',
    /\.\.\/\.\.\/modules\/x/,
  ],
  [
    'repository.terragrunt-in-place',
    '1.x, root source',
    {
      programs: { terragrunt: 'v1.1.0' },
      files: { 'stacks/vault/main.tf': RELATIVE, 'terragrunt.hcl': 'terraform {\n  source = "x"\n}\n' },
    },
    'PASS',
    /terraform source/,
  ],
  [
    'repository.terragrunt-in-place',
    '1.x, unit source',
    {
      programs: { terragrunt: 'v1.1.0' },
      files: { 'stacks/vault/main.tf': RELATIVE, 'stacks/vault/terragrunt.hcl': 'terraform {\n  source = "x"\n}\n' },
    },
    'SKIP',
    /no stack/,
  ],
];

describe('a check of this machine or the repository', () => {
  it.each(LOCAL)('%s: %s', async (id, _what, setting, verdict, words) => {
    const answer = await run(id, setting);
    expect(answer.detail).toMatch(words);
    expect(answer.verdict).toBe(verdict);
    if (verdict === 'FAIL' || verdict === 'WARN') expect(answer.hint).toBeTruthy();
    if (verdict === 'SKIP' || verdict === 'UNKNOWN') expect(answer.reason).toBeTruthy();
  });

  it('terragrunt 1.x: names the pinned version with its line, and the one line that helps', async () => {
    const files = { 'stacks/vault/main.tf': RELATIVE, 'ci/Dockerfile': 'FROM alpine\nARG TERRAGRUNT_VERSION=0.99.4\n' };
    const { hint } = await run('repository.terragrunt-in-place', { programs: { terragrunt: 'v1.1.0' }, files });
    expect(hint).toContain('terragrunt 0.99.4, which ci/Dockerfile:2 pins');
    expect(hint).toContain('source = "${get_repo_root()}//${path_relative_to_include()}"');
  });

  it('a state folder that cannot be made is a failure, not a crash', async () => {
    const files = { makeFolder: () => Promise.reject(new InfraError('files.denied', 'denied', 'Not allowed.')) };
    const answer = await run('machine.state-folder', {
      clients: { files: files as never, clock: fakeClock() },
      repository: 'absent',
    });
    expect(answer).toMatchObject({ verdict: 'FAIL', hint: expect.stringContaining('XDG_STATE_HOME') });
  });

  it('a cycle is shown whole, from a stack back to itself', () => {
    const graph = { a: ['b'], b: ['c'], c: ['d', 'b'], d: [] };
    const stacks = Object.entries(graph).map(([name, dependencies]) => ({ name, dependencies }));
    expect(findCycle(stacks)).toEqual(['b', 'c', 'b']);
    expect(findCycle(stacks.filter(({ name }) => name !== 'c'))).toBeUndefined();
  });
});

const SITE = {
  'infra.yaml': 'vault: {address: "http://127.0.0.1:8200"}\nauthentik: {url: "http://127.0.0.1:9", token: {env: A}}\n',
};
const vaultWith = (change: Partial<ReturnType<typeof fakeVault>>): Setting => ({
  files: SITE,
  clients: { vault: { ...fakeVault(), ...change } },
});
const health = {
  initialized: true,
  sealed: false,
  standby: false,
  version: '1.18.1',
  clusterId: 'c',
  clusterName: 'c',
};
const token = { displayName: 'oidc-me', ttlSeconds: 7200, renewable: true, policies: [], entityId: undefined };
const throwing = (code: string) => () =>
  Promise.reject(new InfraError(code, 'unavailable', `${code} happened.`, { hints: ['Do this.'] }));

describe('a check of Vault', () => {
  it.each([
    ['unsealed', async () => health, 'PASS', /1\.18\.1/],
    ['sealed', async () => ({ ...health, sealed: true }), 'FAIL', /sealed/],
    ['not initialised', async () => ({ ...health, initialized: false }), 'FAIL', /not initialised/],
    ['unreachable', throwing('vault.unreachable'), 'FAIL', /unreachable/],
  ] as const)('says that it is %s', async (_what, answer, verdict, words) => {
    const found = await run('vault.server', vaultWith({ health: answer }));
    expect([found.verdict, found.detail]).toEqual([verdict, expect.stringMatching(words)]);
  });

  it('is skipped without an address', async () => {
    expect(await run('vault.server')).toMatchObject({ verdict: 'SKIP', reason: 'not-configured' });
  });

  it.each([
    ['lives long', async () => token, 'PASS', /2 h/],
    ['never expires', async () => ({ ...token, ttlSeconds: 0 }), 'PASS', /never/],
    ['ends soon', async () => ({ ...token, ttlSeconds: 600 }), 'WARN', /10 min/],
    ['is missing', throwing('vault.no-token'), 'FAIL', /none/],
    ['is not taken', throwing('vault.denied'), 'FAIL', /does not take it/],
    ['may not be sent there', throwing('config.untrusted'), 'UNKNOWN', /config\.untrusted/],
  ] as const)('says that the token %s', async (_what, answer, verdict, words) => {
    const found = await run('vault.token', vaultWith({ tokenSelf: answer }));
    expect([found.verdict, found.detail]).toEqual([verdict, expect.stringMatching(words)]);
  });

  it.each([
    ['everything', { 'secret/data/platform': ['read', 'patch'] }, ['create', 'update', 'read'], 'PASS'],
    ['reading alone', { 'secret/data/platform': ['read'] }, ['deny'], 'WARN'],
    ['nothing', {}, ['deny'], 'FAIL'],
  ] as const)('weighs a token that may do %s', async (_what, special, others, verdict) => {
    const granted: Readonly<Record<string, readonly string[]>> = special;
    const capabilities = async (paths: readonly string[]) =>
      Object.fromEntries(paths.map((path) => [path, granted[path] ?? others]));
    expect((await run('vault.access', vaultWith({ capabilities }))).verdict).toBe(verdict);
  });

  it.each([
    ['agrees', 5, 'PASS', /agrees/],
    ['is ahead', -120, 'WARN', /120 s ahead/],
    ['is behind', 120, 'WARN', /120 s behind/],
  ] as const)('says that the clock %s', async (_what, seconds, verdict, words) => {
    const clock = fakeClock();
    const http = {
      json: async () => ({ status: 200, body: { server_time_utc: clock.now().getTime() / 1000 + seconds } }),
    };
    const found = await run('vault.clock', { files: SITE, clients: { clock, http } });
    expect([found.verdict, found.detail]).toEqual([verdict, expect.stringMatching(words)]);
  });
});

const kubernetes = (change: Partial<Kubernetes>): Setting => ({
  clients: {
    kubernetes: {
      target: async () => ({
        context: 'lab',
        server: 'https://10.0.0.1:6443',
        source: 'KUBECONFIG',
        namespace: undefined,
      }),
      version: async () => 'v1.34.4',
      allowed: async () => true,
      ...change,
    } as Kubernetes,
  },
});

describe('a check of the cluster', () => {
  it.each([
    ['answers', {}, 'PASS', /v1\.34\.4 at https:\/\/10\.0\.0\.1:6443, context lab/],
    ['has no kubeconfig', { target: throwing('kubernetes.not-configured') }, 'FAIL', /no kubeconfig/],
    ['does not answer', { version: throwing('kubernetes.unreachable') }, 'FAIL', /unreachable/],
    ['has a plugin that fails', { version: throwing('kubernetes.plugin') }, 'FAIL', /plugin/],
  ] as const)('says that it %s', async (_what, change, verdict, words) => {
    const found = await run('cluster.server', kubernetes(change));
    expect([found.verdict, found.detail]).toEqual([verdict, expect.stringMatching(words)]);
  });

  it('names each right that is missing, and how to ask by hand', async () => {
    const found = await run(
      'cluster.access',
      kubernetes({ allowed: async (question) => question.resource !== 'resourcequotas' }),
    );
    expect(found).toMatchObject({ verdict: 'WARN', command: 'kubectl auth can-i get resourcequotas -A' });
    expect(found.detail).toContain('get resourcequotas');
    expect((await run('cluster.access', kubernetes({ allowed: async () => false }))).verdict).toBe('FAIL');
    expect((await run('cluster.access', kubernetes({}))).verdict).toBe('PASS');
  });
});

describe('a check of an API', () => {
  const tokens = { resolve: async () => new Secret('canary-token') };
  it.each([
    [200, 'PASS'],
    [401, 'FAIL'],
    [403, 'FAIL'],
    [502, 'UNKNOWN'],
  ] as const)('judges %s as %s', async (status, verdict) => {
    const http = { json: async () => ({ status, body: {} }) };
    expect((await run('services.authentik', { files: SITE, clients: { http, tokens } })).verdict).toBe(verdict);
  });

  it('is skipped where it is not configured, and then costs no request', async () => {
    expect(await run('services.authentik')).toMatchObject({ verdict: 'SKIP', reason: 'not-configured' });
    expect(await run('services.forgejo')).toMatchObject({ verdict: 'SKIP', reason: 'not-configured' });
  });
});
