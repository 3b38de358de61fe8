import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { documentOf } from '../document.ts';
import { INFRA, run } from './cli/run-program.ts';

const repository = (): string => {
  const root = mkdtempSync(join(tmpdir(), 'infra-init-'));
  const files = {
    'terragrunt.hcl':
      'locals {\n  tier0_stacks = ["vault"]\n}\nprovider "vault" {\n  address = "https://vault.example.com"\n}\n',
    'stacks/vault/terragrunt.hcl': '',
    'stacks/vault/main.tf':
      'locals {\n  users = jsondecode(data.vault_kv_secret_v2.platform.data["k8s_users"])\n}\nresource "a" "b" {}\n',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
};
const readsUsers = (): string => `locals {\n  users = data.v.x["k8s_users"]\n}\nresource "a" "b" {}\n`;
const infra = (root: string, ...args: readonly string[]) => run(INFRA, [...args, '--repo', root]);

it('infra init writes what it found, with where each value came from, and the result is valid', async () => {
  const root = repository();
  expect(await infra(root, 'init')).toMatchObject({ status: 0, stderr: '' });
  const text = readFileSync(join(root, 'infra.yaml'), 'utf8');
  expect(text).toContain('  # terragrunt.hcl:5\n  address: https://vault.example.com');
  expect(text).toContain('# apply: [vault]');
  expect(await infra(root, 'config', 'check')).toMatchObject({ status: 0, stderr: '' });
  const shown = documentOf((await infra(root, 'config', 'show', 'vault.address', '--json')).stdout);
  expect(shown.settings).toEqual([
    { key: 'vault.address', value: 'https://vault.example.com', source: expect.stringMatching(/^infra\.yaml:\d+$/) },
  ]);
});

it('infra init --dry-run prints the file and writes nothing', async () => {
  const root = repository();
  const ended = await infra(root, 'init', '--dry-run');
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  expect(existsSync(join(root, 'infra.yaml'))).toBe(false);
  await infra(root, 'init');
  expect(ended.stdout).toBe(readFileSync(join(root, 'infra.yaml'), 'utf8'));
});

it('infra init never overwrites: it shows the difference and ends with 65', async () => {
  const root = repository();
  writeFileSync(join(root, 'infra.yaml'), '# mine\nstacks:\n  dir: stacks\n');
  const ended = await infra(root, 'init');
  expect(ended.status).toBe(65);
  expect(ended.stderr).toContain('init.exists');
  expect(ended.stdout).toContain('- # mine');
  expect(ended.stdout).toContain('+   address: https://vault.example.com');
  expect(readFileSync(join(root, 'infra.yaml'), 'utf8')).toBe('# mine\nstacks:\n  dir: stacks\n');
  const document = documentOf((await infra(root, 'init', '--json')).stdout);
  expect(document).toMatchObject({ exitStatus: 65, written: false, error: { code: 'init.exists' } });
});

it('infra init again, with nothing to change, is 0', async () => {
  const root = repository();
  await infra(root, 'init');
  expect(await infra(root, 'init')).toMatchObject({ status: 0, stdout: expect.stringContaining('nothing to change') });
});

it('infra init names the order of the stacks, not their alphabet: uncommented, it is what would be applied', async () => {
  const root = repository();
  for (const name of ['cloudflared', 'k8s-dashboard', 'rbac', 'woodpecker']) {
    mkdirSync(join(root, 'stacks', name));
    writeFileSync(join(root, 'stacks', name, 'terragrunt.hcl'), '');
    writeFileSync(join(root, 'stacks', name, 'main.tf'), readsUsers());
  }
  const ended = await infra(root, 'init', '--dry-run');
  expect(ended.stdout).toContain('# apply: [vault, rbac, cloudflared, k8s-dashboard, woodpecker]');
});
