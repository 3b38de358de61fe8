// biome-ignore-all lint/suspicious/noTemplateCurlyInString: HCL templates are the subject.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Kubernetes } from '../../src/lib/clients/kubernetes/client.ts';
import type { Terragrunt } from '../../src/lib/clients/terragrunt/client.ts';
import { InfraError, isInfraError } from '../../src/lib/errors.ts';
import type { StackDeps } from '../../src/lib/stacks/deps.ts';
import { preflightStacks } from '../../src/lib/stacks/preflight/preflight.ts';
import { proveSameCluster, proveSameVault, type SameTargetDeps } from '../../src/lib/stacks/preflight/same-target.ts';
import { writeTree } from '../unit/stacks/support/tree.ts';
import { makeWorld, type World } from '../unit/stacks/support/world.ts';

/** The same world with a terragrunt of a version. */
function withTerragrunt(world: World, version: string): StackDeps {
  const versions: Terragrunt['versions'] = async () => ({ terragrunt: version, tool: 'tofu', toolVersion: '1.12.6' });
  return {
    ...world.deps,
    clients: { ...world.deps.clients, terragrunt: { ...world.deps.clients.terragrunt, versions } },
  };
}

async function codes(deps: StackDeps, world: World, name = 'vault'): Promise<readonly string[]> {
  const answers = await preflightStacks(deps, [world.stack(name)]);
  return answers.flatMap(({ error }) => (error === undefined ? [] : [`${error.code} ${error.status}`]));
}

describe('preflight of stacks', () => {
  it('passes a checkout that is in order', async () => {
    const world = await makeWorld();
    const answers = await preflightStacks(withTerragrunt(world, '0.99.4'), [world.stack('vault')]);
    expect(answers.map(({ finding }) => [finding.id, finding.verdict])).toEqual([
      ['stack.checkout', 'PASS'],
      ['stack.tools', 'PASS'],
      ['stack.tier0', 'PASS'],
    ]);
  });

  it('finds ciphertext of git-crypt, in config.tfvars or in secrets', async () => {
    const world = await makeWorld();
    await writeTree(world.root, { 'secrets/fullchain.pem': '\0GITCRYPT\0\x01\x02' });
    expect(await codes(withTerragrunt(world, '0.99.4'), world)).toEqual(['site.git-crypt-locked config']);
  });

  it('misses the kubeconfig that the root file hands to every stack', async () => {
    const world = await makeWorld();
    await writeTree(world.root, {
      'terragrunt.hcl':
        'terraform {\n extra_arguments "k" {\n  arguments = ["-var", "kube_config_path=${get_repo_root()}/config"]\n }\n}',
    });
    expect(await codes(withTerragrunt(world, '0.99.4'), world)).toEqual(['site.no-kubeconfig config']);
    await writeTree(world.root, { config: 'kubeconfig' });
    expect(await codes(withTerragrunt(world, '0.99.4'), world)).toEqual([]);
  });

  it('knows that terragrunt 1.x cannot reach modules outside the unit, names the pinned version, and what helps', async () => {
    const world = await makeWorld();
    await writeTree(world.root, {
      'stacks/vault/main.tf': 'module "tls" { source = "../../modules/tls" }',
      'modules/tls/main.tf': '',
      'ci/Dockerfile': 'ARG TERRAGRUNT_VERSION=0.99.4\n',
    });
    const answers = await preflightStacks(withTerragrunt(world, '1.1.0'), [world.stack('vault')]);
    const error = answers.find(({ finding }) => finding.id === 'stack.tools')?.error;
    expect(error).toMatchObject({ code: 'stack.terragrunt-needs-source', status: 'config' });
    expect(error?.hints.join('\n')).toContain('0.99.4');
    expect(error?.hints.join('\n')).toContain('${get_repo_root()}//${path_relative_to_include()}');
    expect(await codes(withTerragrunt(world, 'v0.99.4'), world)).toEqual([]);
    await writeTree(world.root, {
      'terragrunt.hcl': 'terraform { source = "${get_repo_root()}//${path_relative_to_include()}" }',
    });
    expect(await codes(withTerragrunt(world, '1.1.0'), world)).toEqual([]);
  });

  it('accepts modules inside the unit with terragrunt 1.x', async () => {
    const world = await makeWorld();
    await writeTree(world.root, {
      'stacks/vault/main.tf': 'module "m" { source = "./modules/m" }',
      'stacks/vault/modules/m/main.tf': '',
    });
    expect(await codes(withTerragrunt(world, '1.1.0'), world)).toEqual([]);
  });

  it('refuses a pipeline checkout without push, and accepts one with it', async () => {
    const world = await makeWorld({ push: false });
    const deps = withTerragrunt(world, '0.99.4');
    expect(await codes({ ...deps, env: { ...deps.env, CI: 'woodpecker' } }, world)).toEqual([
      'stack.ephemeral-checkout refused',
    ]);
    expect(await codes(deps, world)).toEqual([]);
    const pushing = await makeWorld();
    const other = withTerragrunt(pushing, '0.99.4');
    expect(await codes({ ...other, env: { ...other.env, CI: 'woodpecker' } }, pushing)).toEqual([]);
  });

  it('warns that local commits will be pushed along, and refuses a branch without an upstream', async () => {
    const world = await makeWorld();
    await writeFile(join(world.root, 'note'), 'x');
    world.git('add', 'note');
    world.git('commit', '-q', '-m', 'mine');
    const answers = await preflightStacks(withTerragrunt(world, '0.99.4'), [world.stack('vault')]);
    expect(answers.find(({ finding }) => finding.id === 'stack.unpushed-commits')?.finding).toMatchObject({
      verdict: 'WARN',
      detail: expect.stringContaining('1 local commit will be pushed to origin/main'),
    });
    world.git('switch', '-q', '-c', 'feature');
    expect(await codes(withTerragrunt(world, '0.99.4'), world)).toEqual(['stack.no-upstream config']);
  });

  it.each([
    ['exit 0', []],
    ['echo "no comment on hvs.CAESIJabcdefghijklmnopqrstuvwxyz0123 $1" >&2; exit 1', ['stack.guard-refused refused']],
    ['exit 2', ['stack.guard-failed config']],
  ])('runs the guards of the repository: %s', async (script, expected) => {
    const world = await makeWorld({ guards: ['scripts/check-x'] });
    await writeTree(world.root, { 'scripts/check-x': `#!/bin/sh\n${script}\n` });
    await chmod(join(world.root, 'scripts/check-x'), 0o755);
    const answers = await preflightStacks(withTerragrunt(world, '0.99.4'), [world.stack('vault')]);
    expect(answers.flatMap(({ error }) => (error ? [`${error.code} ${error.status}`] : []))).toEqual(expected);
    const text = JSON.stringify(answers);
    expect(text).not.toContain('hvs.CAES');
    if (expected[0]?.includes('refused')) expect(text).toContain('stacks/vault');
  });
});

describe('the same target', () => {
  const clusters: Readonly<Record<string, string | undefined>> = {
    'http://127.0.0.1:8200': 'one',
    'http://vault.lan:8200': 'one',
    'http://other:8200': 'two',
    'http://silent:8200': undefined,
  };

  async function deps(address: string, uids: readonly [string, string] = ['u', 'u']): Promise<SameTargetDeps> {
    const world = await makeWorld();
    await writeTree(world.root, {
      'terragrunt.hcl': `generate "p" {\n  path = "p.tf"\n  contents = <<-EOF\n    provider "vault" {\n      address = "${address}"\n    }\n    variable "kube_config_path" {}\n  EOF\n}`,
      '.sops.yaml': `creation_rules:\n  - hc_vault_transit_uri: "${address}/v1/transit/keys/x"\n  # hc_vault_transit_uri: "http://nobody:1/v1"\n`,
    });
    const health = (at: string) => async () => ({
      initialized: true,
      sealed: false,
      standby: false,
      version: '1',
      clusterId: clusters[at],
      clusterName: undefined,
    });
    const kubernetes = (server: string, uid: string): Pick<Kubernetes, 'get' | 'target'> => ({
      target: async () => ({ server, context: 'c', source: 'KUBECONFIG', namespace: undefined }),
      async get() {
        if (uid === 'denied') throw new InfraError('kubernetes.denied', 'denied', 'no');
        return { metadata: { name: 'kube-system', uid } };
      },
    });
    return {
      clients: {
        files: world.deps.clients.files,
        vault: { ...world.vault.client, health: health('http://127.0.0.1:8200') },
        kubernetes: kubernetes('https://a', uids[0]) as Kubernetes,
      },
      site: world.deps.site,
      vaultAt: (at) => ({ health: health(at) }),
      kubernetesAt: () => kubernetes('https://b', uids[1]),
    };
  }

  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'same',
      (error: unknown) => (isInfraError(error) ? `${error.code} ${error.status}` : String(error)),
    );

  it.each([
    ['http://127.0.0.1:8200/', 'same'],
    ['http://vault.lan:8200', 'same'],
    ['http://other:8200', 'site.different-vault config'],
    ['http://silent:8200', 'site.vault-unproved unavailable'],
  ])('of Vault is told by the cluster id: %s', async (address, expected) => {
    expect(await codeOf(proveSameVault(await deps(address)))).toBe(expected);
  });

  it.each([
    [['u', 'u'], 'same'],
    [['u', 'v'], 'site.different-cluster config'],
    [['u', 'denied'], 'site.different-cluster config'],
  ] as const)('of Kubernetes is told by the UID of kube-system: %s', async (uids, expected) => {
    expect(await codeOf(proveSameCluster(await deps('http://127.0.0.1:8200', uids)))).toBe(expected);
  });
});
