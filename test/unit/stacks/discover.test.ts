// biome-ignore-all lint/suspicious/noTemplateCurlyInString: HCL templates are the subject.
import { describe, expect, it } from 'vitest';
import { makeFiles } from '../../../src/lib/clients/files/live.ts';
import { discoverStacks } from '../../../src/lib/stacks/discover.ts';
import { detectShape } from '../../../src/lib/stacks/shape.ts';
import { declaredNamespaces } from '../../../src/lib/stacks/source/declared-namespaces.ts';
import { readTierLists } from '../../../src/lib/stacks/tier0/tier-list.ts';
import { readGraph, writeGraphRepository } from './support/graph-repository.ts';
import { makeSite } from './support/site.ts';
import { temporaryFolder, writeTree } from './support/tree.ts';

const clients = { files: makeFiles() };

async function discover(files: Readonly<Record<string, string>>) {
  const root = await temporaryFolder();
  await writeTree(root, files);
  const site = makeSite({ root });
  return { site, stacks: await discoverStacks(clients, site) };
}

describe('discovery of stacks', () => {
  it('finds 155 stacks, 237 edges, tiers and readers of a real graph', async () => {
    const root = await temporaryFolder();
    const graph = await readGraph();
    await writeGraphRepository(root, graph);
    const stacks = await discoverStacks(clients, makeSite({ root }));
    expect(stacks).toHaveLength(155);
    expect(stacks.flatMap((stack) => stack.dependencies)).toHaveLength(237);
    expect(stacks.filter((stack) => stack.tier === 0).map((stack) => stack.name)).toEqual([...graph.tier0].sort());
    expect(stacks.filter((stack) => stack.readsUsers).map((stack) => stack.name)).toEqual([
      'cloudflared',
      'k8s-dashboard',
      'rbac',
      'vault',
      'woodpecker',
    ]);
    expect(stacks.filter((stack) => stack.scaffold).map((stack) => stack.name)).toEqual(['_template']);
    expect(stacks.filter((stack) => stack.empty).map((stack) => stack.name)).toEqual(['_template', 'platform']);
    expect(detectShape(stacks).shape).toBe('extracted');
  });

  it('reads both kinds of dependency blocks, ignores comments and disabled ones, and tells what it cannot resolve', async () => {
    const { stacks } = await discover({
      'stacks/app/terragrunt.hcl': [
        'dependency "a" { config_path = "../a" }',
        '# dependency "b" { config_path = "../b" }',
        'dependencies {\n  paths = ["../c", "../my app", /* "../d" */ "${get_terragrunt_dir()}/../e"]\n}',
        'dependency "off" {\n config_path = "../off"\n enabled = false\n}',
        'dependency "x" {\n config_path = local.somewhere\n}',
        'dependency "y" {\n config_path = "${local.base}/y"\n}',
      ].join('\n'),
      'stacks/notes/readme.md': 'no stack',
      'stacks/nested/deeper/terragrunt.hcl': '',
    });
    expect(stacks.map((stack) => stack.name)).toEqual(['app']);
    expect(stacks[0]?.dependencies).toEqual(['a', 'c', 'my app', 'e']);
    expect(stacks[0]?.unresolved).toEqual(['${local.somewhere}', '${local.base}/y']);
  });

  it('takes a stack for a reader only if a file reachable from its root module names the key', async () => {
    const key = 'locals { users = jsondecode(data.kv.data["k8s_users"]) }';
    const { stacks } = await discover({
      'stacks/direct/terragrunt.hcl': '',
      'stacks/direct/main.tf': key,
      'stacks/called/terragrunt.hcl': '',
      'stacks/called/main.tf': 'module "m" {\n  source = "./modules/m"\n}',
      'stacks/called/modules/m/main.tf': 'module "n" { source = "../../../../modules/n" }',
      'modules/n/main.tf': key,
      'stacks/left-over/terragrunt.hcl': '',
      'stacks/left-over/main.tf': '# module "rbac" { source = "./modules/rbac" }',
      'stacks/left-over/modules/rbac/main.tf': key,
      'stacks/comment/terragrunt.hcl': '',
      'stacks/comment/main.tf': '# k8s_users moved\nlocals { x = "my_k8s_users_old" }',
      'stacks/elsewhere/terragrunt.hcl': 'terraform {\n  source = "../../modules/n"\n}',
    });
    expect(stacks.filter((stack) => stack.readsUsers).map((stack) => stack.name)).toEqual([
      'called',
      'direct',
      'elsewhere',
    ]);
    expect(stacks.filter((stack) => stack.empty).map((stack) => stack.name)).toContain('left-over');
  });

  it('survives modules that call each other', async () => {
    const { stacks } = await discover({
      'stacks/a/terragrunt.hcl': '',
      'stacks/a/main.tf': 'module "m" { source = "./m" }',
      'stacks/a/m/main.tf': 'module "back" { source = "../" }',
    });
    expect(stacks[0]?.readsUsers).toBe(false);
  });

  it('sees that a reader looks up a Secret that another reader makes', async () => {
    const users = 'locals { u = "k8s_users" }\n';
    const { stacks } = await discover({
      'stacks/tokens/terragrunt.hcl': '',
      'stacks/tokens/main.tf': `${users}resource "kubernetes_secret" "t" {\n metadata {\n  name = "dashboard-\${each.value.user}-token"\n }\n}`,
      'stacks/board/terragrunt.hcl': '',
      'stacks/board/main.tf': `${users}data "kubernetes_secret" "t" {\n metadata {\n  name = "dashboard-\${each.key}-token"\n }\n}`,
    });
    expect(stacks.find((stack) => stack.name === 'board')?.waitsFor).toEqual([
      { stack: 'tokens', because: 'it reads the Secret dashboard-*-token' },
    ]);
  });
});

describe('namespaces that stacks declare', () => {
  it('follows literals, variables, locals and module arguments, and leaves computed names out', async () => {
    const { site } = await discover({
      'stacks/app/terragrunt.hcl': '',
      'stacks/app/main.tf':
        'resource "kubernetes_namespace" "a" {\n metadata {\n  name = "plotting-book"\n }\n}\nlocals {\n ns = "from-local"\n}\nresource "kubernetes_namespace_v1" "b" {\n metadata { name = local.ns }\n}\nmodule "f" {\n source = "./factory"\n name = "passed"\n}',
      'stacks/app/factory/main.tf':
        'variable "name" { default = "unused" }\nresource "kubernetes_namespace" "x" {\n metadata {\n  name = var.name\n }\n}',
      'stacks/vault/terragrunt.hcl': '',
      'stacks/vault/main.tf':
        'resource "kubernetes_namespace" "u" {\n for_each = local.all\n metadata {\n  name = each.key\n }\n}',
    });
    expect([...(await declaredNamespaces(clients, site))]).toEqual([
      ['plotting-book', 'app'],
      ['from-local', 'app'],
      ['passed', 'app'],
    ]);
  });
});

describe('lists of Tier-0 stacks', () => {
  it('finds every copy, so that they can be compared', async () => {
    const { site } = await discover({
      'terragrunt.hcl': 'locals {\n  tier0_stacks = ["infra", "vault"]\n}',
      'scripts/tg': '#!/bin/bash\nTIER0_STACKS="infra vault cnpg"\n',
      'scripts/state-sync': 'TIER0_STACKS=(infra "vault")\n',
    });
    expect(await readTierLists(clients, site.root.value)).toEqual([
      { path: 'terragrunt.hcl', stacks: ['infra', 'vault'] },
      { path: 'scripts/tg', stacks: ['infra', 'vault', 'cnpg'] },
      { path: 'scripts/state-sync', stacks: ['infra', 'vault'] },
    ]);
  });
});
