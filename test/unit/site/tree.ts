import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A real temporary folder with these files, removed when the test ends. A path that ends with / is a folder. */
export async function tree(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'infra-site-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(path.endsWith('/') ? join(root, path) : dirname(join(root, path)), { recursive: true });
    if (!path.endsWith('/')) await writeFile(join(root, path), content);
  }
  return root;
}

/** A root terragrunt.hcl, a wrapper and a .sops.yaml in the form of the platform's repository. */
export const REPOSITORY: Readonly<Record<string, string>> = {
  'terragrunt.hcl': `locals {
  # tier0_stacks = ["old"]
  tier0_stacks = [
    "infra", "platform", # "commented"
    "vault",
  ]
}
generate "providers" {
  contents = <<-EOF
    provider "vault" {
      skip_child_token = true
      address          = "https://vault.example.com"
    }
  EOF
}
terraform {
  extra_arguments "kube_config" {
    arguments = ["-var", "kube_config_path=\${get_repo_root()}/config"]
  }
}
`,
  'scripts/tg': `#!/usr/bin/env bash
TIER0_STACKS="infra platform vault"
creds=$(vault read -format=json database/static-creds/pg-state)
export PG_CONN_STR="postgres://$user:$password@10.0.0.5:5432/terraform_state"
python3 scripts/check-auth.py "$stack"
`,
  'scripts/check-auth.py': '',
  'scripts/check-other.py': '',
  'stacks/vault/terragrunt.hcl': '',
};
