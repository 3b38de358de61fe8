import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { documentOf } from '../document.ts';
import { INFRA, run } from './cli/run-program.ts';

type Row = {
  readonly id: string;
  readonly verdict: string;
  readonly reason?: string;
  readonly hint?: string;
  readonly detail: string;
};

const write = (root: string, files: Readonly<Record<string, string>>): void => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
};
const programs = (texts: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'infra-bin-'));
  for (const [name, text] of Object.entries(texts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\nprintf '%s\\n' '${text}'\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
};
const GOOD = {
  git: 'git version 2.39.5',
  terragrunt: 'terragrunt version v0.99.4',
  tofu: 'OpenTofu v1.12.6',
  sops: 'sops 3.9.4',
  node: 'v24.21.0',
};

it('infra doctor without a repository checks the machine, skips the rest, and ends with 0', async () => {
  const env = { HOME: mkdtempSync(join(tmpdir(), 'infra-home-')), PATH: programs(GOOD), INFRA_REPO: '' };
  // The working directory of the test has no infra.yaml, no stacks/ and no terragrunt.hcl above it.
  const ended = await run(INFRA, ['doctor', '--json'], { env });
  const rows = documentOf(ended.stdout).findings as readonly (Row & { readonly group: string })[];
  expect(rows.filter((row) => row.group === 'machine').map((row) => row.verdict)).not.toContain('FAIL');
  expect(new Set(rows.filter((row) => row.group !== 'machine').map((row) => row.verdict))).toEqual(new Set(['SKIP']));
  expect(ended.status).toBe(0);
});

it('infra doctor finds what breaks every plan, and prints the fix for each', async () => {
  const root = mkdtempSync(join(tmpdir(), 'infra-doctor-'));
  write(root, {
    'terragrunt.hcl': 'locals {\n  tier0_stacks = ["vault"]\n}\n',
    'scripts/tg': 'TIER0_STACKS="vault infra"\n',
    'ci/Dockerfile': 'ARG TERRAGRUNT_VERSION=0.99.4\n',
    'config.tfvars': '\0GITCRYPT\0x',
    'stacks/vault/terragrunt.hcl': '',
    'stacks/vault/main.tf': 'module "m" {\n  source = "../../modules/x"\n}\n',
  });
  const env = { PATH: programs({ ...GOOD, terragrunt: 'terragrunt version v1.1.0' }), TF_CLI_CONFIG_FILE: '/nope' };
  const ended = await run(INFRA, ['doctor', '--json', '--repo', root], { env });
  const rows = documentOf(ended.stdout).findings as readonly Row[];
  const failed = rows.filter((row) => row.verdict === 'FAIL');
  expect(failed.map((row) => row.id)).toEqual([
    'machine.tf-cli-config',
    'repository.tier-lists',
    'repository.terragrunt-in-place',
    'repository.git-crypt',
    'cluster.server',
  ]);
  for (const row of failed) expect(row.hint).toBeTruthy();
  expect(failed[2]?.hint).toContain('0.99.4, which ci/Dockerfile:1 pins');
  expect(ended.status).toBe(2);
  const text = await run(INFRA, ['doctor', '--repo', root], { env });
  expect(text.status).toBe(2);
  expect(text.stdout).toContain('→ git-crypt unlock');
});

it('infra doctor never sends a token to an address that nobody accepted', async () => {
  const tokens: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    tokens.push(request.headers['x-vault-token']?.toString(), request.headers.authorization);
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        initialized: true,
        sealed: false,
        standby: false,
        version: '1.18.1',
        cluster_id: 'c',
        cluster_name: 'c',
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const root = mkdtempSync(join(tmpdir(), 'infra-doctor-'));
  write(root, {
    'infra.yaml': `vault: {address: "${url}"}\nauthentik: {url: "${url}", token: {env: API_TOKEN}}\n`,
    'terragrunt.hcl': '',
    'stacks/vault/terragrunt.hcl': '',
    'stacks/vault/main.tf': '',
  });
  const home = mkdtempSync(join(tmpdir(), 'infra-home-'));
  write(home, { '.vault-token': 'hvs.canary-canary-canary-canary' });
  const env = {
    HOME: home,
    PATH: programs(GOOD),
    API_TOKEN: 'canary-api-token',
    VAULT_TOKEN: 'hvs.canary-from-environment-0001',
  };
  const ended = await run(INFRA, ['doctor', '--json', '--repo', root], { env });
  const rows = documentOf(ended.stdout).findings as readonly Row[];
  expect(rows.find((row) => row.id === 'vault.server')).toMatchObject({ verdict: 'PASS' });
  expect(rows.find((row) => row.id === 'vault.token')).toMatchObject({
    verdict: 'UNKNOWN',
    hint: expect.stringContaining('infra config trust'),
  });
  expect(rows.find((row) => row.id === 'services.authentik')).toMatchObject({
    verdict: 'UNKNOWN',
    reason: 'config.untrusted',
  });
  expect(tokens.length).toBeGreaterThan(0);
  expect(tokens.filter((token) => token !== undefined)).toEqual([]);
  expect(ended.stdout + ended.stderr).not.toContain('canary');
});

it('infra doctor in the sandbox asks every stand-in and finds nothing wrong', async () => {
  const ended = await run(INFRA, ['sandbox', '--', 'infra', 'doctor', '--json']);
  const rows = documentOf(ended.stdout).findings as readonly Row[];
  expect(rows.filter((row) => row.verdict === 'FAIL' || row.verdict === 'UNKNOWN')).toEqual([]);
  const passed = rows.filter((row) => row.verdict === 'PASS').map((row) => row.id);
  for (const id of ['vault.token', 'vault.access', 'cluster.server', 'cluster.access', 'repository.stacks'])
    expect(passed).toContain(id);
});
