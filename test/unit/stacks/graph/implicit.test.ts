import { expect, test } from 'vitest';
import { makeFiles } from '../../../../src/lib/clients/files/live.ts';
import { readGraph } from '../../../../src/lib/stacks/graph/read-graph.ts';
import { unit } from '../support/history.ts';
import { makeSite } from '../support/site.ts';
import { temporaryFolder, writeTree } from '../support/tree.ts';

async function implicit(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const root = await temporaryFolder();
  await writeTree(root, files);
  const { graph } = await readGraph({ files: makeFiles() }, makeSite({ root }));
  return graph.edges
    .filter(({ source }) => source !== 'declared')
    .map(({ from, to, source, because }) => `${from} → ${to} ${source}: ${because}`);
}

const USERS = 'locals { users = jsondecode(data.x.y.data["k8s_users"]) }\n';
const secret = (kind: 'resource' | 'data', name: string, namespace: string): string =>
  `${kind} "kubernetes_secret" "x" {\n  metadata {\n    name      = "${name}"\n    namespace = ${namespace}\n  }\n}\n`;

test('who reads the users waits for vault, unless it says so itself', async () => {
  expect(
    await implicit({
      'stacks/vault/terragrunt.hcl': unit(),
      'stacks/vault/main.tf': USERS,
      'stacks/rbac/terragrunt.hcl': unit(),
      'stacks/rbac/main.tf': 'module "r" {\n  source = "./modules/r"\n}\n',
      'stacks/rbac/modules/r/main.tf': USERS,
      'stacks/woodpecker/terragrunt.hcl': unit('vault'),
      'stacks/woodpecker/main.tf': USERS,
    }),
  ).toEqual(['rbac → vault users: reads k8s_users, whose namespaces vault makes']);
});

test('who looks up a Secret waits for the stack that declares it, also where both names are computed alike', async () => {
  expect(
    await implicit({
      'stacks/rbac/terragrunt.hcl': unit(),
      'stacks/rbac/main.tf': secret('resource', 'dashboard-${each.value.user}-token', 'each.key'),
      'stacks/dash/terragrunt.hcl': unit(),
      'stacks/dash/main.tf': secret('data', 'dashboard-${each.key}-token', 'each.value.namespaces[0]'),
    }),
  ).toEqual(['dash → rbac secret: looks up the Secret dashboard-*-token when planned']);
});

test('a Secret of the same name in another namespace is another Secret', async () => {
  expect(
    await implicit({
      'stacks/a/terragrunt.hcl': unit(),
      'stacks/a/main.tf': secret('resource', 'credentials', '"a"'),
      'stacks/b/terragrunt.hcl': unit(),
      'stacks/b/main.tf': secret('data', 'credentials', '"b"'),
      'stacks/c/terragrunt.hcl': unit(),
      'stacks/c/main.tf': `locals {\n  home = "a"\n}\n${secret('data', 'credentials', 'local.home')}`,
    }),
  ).toEqual(['c → a secret: looks up the Secret credentials when planned']);
});

test('who puts objects into a namespace waits for the stack that declares it', async () => {
  const namespace = 'resource "kubernetes_namespace" "n" {\n  metadata {\n    name = var.namespace\n  }\n}\n';
  expect(
    await implicit({
      'stacks/portal/terragrunt.hcl': unit(),
      'stacks/portal/main.tf': 'module "n" {\n  source    = "../../modules/ns"\n  namespace = "k8s-portal"\n}\n',
      'modules/ns/main.tf': `variable "namespace" {}\n${namespace}`,
      'stacks/rbac/terragrunt.hcl': unit(),
      'stacks/rbac/main.tf':
        'resource "kubernetes_config_map" "c" {\n  metadata {\n    name      = "users"\n    namespace = "k8s-portal"\n  }\n}\n',
      'stacks/chart/terragrunt.hcl': unit('portal'),
      'stacks/chart/main.tf': 'resource "helm_release" "h" {\n  name      = "h"\n  namespace = "k8s-portal"\n}\n',
      'stacks/other/terragrunt.hcl': unit(),
      'stacks/other/main.tf': 'resource "vault_policy" "p" {\n  name      = "p"\n  namespace = "k8s-portal"\n}\n',
    }),
  ).toEqual(['rbac → portal namespace: puts objects into the namespace k8s-portal']);
});
