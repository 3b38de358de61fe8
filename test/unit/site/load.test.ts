import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFiles } from '../../../src/lib/clients/files/live.ts';
import { loadSite } from '../../../src/lib/site/load.ts';
import type { Environment } from '../../../src/lib/site/reading.ts';
import { settingRows } from '../../../src/lib/site/settings.ts';
import { REPOSITORY, tree } from './tree.ts';

const load = async (root: string, env: Environment = {}, mode: 'read' | 'write' = 'read') =>
  loadSite({ files: makeFiles(), env, cwd: root, mode });

describe('a site without infra.yaml', () => {
  it('takes what the repository says, each value with the line that says it', async () => {
    const { site, warnings } = await load(await tree(REPOSITORY));
    expect(warnings).toEqual([]);
    expect(site.file).toBeUndefined();
    expect(site.stacks.tier0.stacks).toEqual({ value: ['infra', 'platform', 'vault'], source: 'terragrunt.hcl:3' });
    expect(site.vault.address).toEqual({ value: 'https://vault.example.com', source: 'terragrunt.hcl:12' });
    expect(site.stacks.guards).toEqual({ value: ['scripts/check-auth.py'], source: 'scripts/tg:5' });
    expect(site.stacks.pgCredentials).toEqual({ value: 'database/static-creds/pg-state', source: 'scripts/tg:3' });
    expect(site.stacks.pgAddress).toEqual({ value: '10.0.0.5:5432/terraform_state', source: 'scripts/tg:4' });
    expect(site.vault.users.path).toEqual({ value: 'secret/platform', source: 'default' });
  });

  it('runs every scripts/check-*.py where no wrapper names its guards', async () => {
    const { 'scripts/tg': _, ...files } = REPOSITORY;
    const { site } = await load(await tree(files));
    expect(site.stacks.guards).toEqual({
      value: ['scripts/check-auth.py', 'scripts/check-other.py'],
      source: 'scripts/check-*.py',
    });
  });

  it('finds the address of Vault in .sops.yaml when terragrunt.hcl has none', async () => {
    const root = await tree({
      'terragrunt.hcl': '',
      'stacks/': '',
      '.sops.yaml': 'creation_rules:\n  - hc_vault_transit_uri: "https://v.example.com/v1/transit/keys/x"\n',
    });
    expect((await load(root)).site.vault.address).toEqual({ value: 'https://v.example.com', source: '.sops.yaml:2' });
  });
});

describe('the address of the state database', () => {
  const address = '10.0.0.5:5432/terraform_state?sslmode=disable&connect_timeout=5';

  it('keeps its options where the wrapper names them', async () => {
    const root = await tree({ ...REPOSITORY, 'scripts/tg': `export PG_CONN_STR="postgres://$U:$P@${address}"\n` });
    expect((await load(root)).site.stacks.pgAddress).toEqual({ value: address, source: 'scripts/tg:1' });
  });

  it('may have options in infra.yaml', async () => {
    const root = await tree({ ...REPOSITORY, 'infra.yaml': `stacks:\n  pgAddress: "${address}"\n` });
    expect((await load(root)).site.stacks.pgAddress).toEqual({ value: address, source: 'infra.yaml:2' });
  });

  it.each(['10.0.0.5/terraform_state', 'user:word@10.0.0.5:5432/x', '10.0.0.5:5432/x?a=b c'])(
    '%s is none',
    async (bad) => {
      const root = await tree({ ...REPOSITORY, 'infra.yaml': `stacks:\n  pgAddress: "${bad}"\n` });
      await expect(load(root, {}, 'write')).rejects.toMatchObject({ code: 'config.invalid' });
    },
  );
});

describe('where an effective value comes from', () => {
  it('the environment stands above infra.yaml, infra.yaml above discovery', async () => {
    const root = await tree({
      ...REPOSITORY,
      'infra.yaml': '\nvault:\n  address: https://file.example.com\nkubernetes:\n  kubeconfig: config\n',
    });
    const fromFile = (await load(root)).site;
    expect(fromFile.vault.address).toEqual({ value: 'https://file.example.com', source: 'infra.yaml:3' });
    expect(fromFile.kubernetes.kubeconfig).toEqual({ value: join(root, 'config'), source: 'infra.yaml:5' });
    const env = { VAULT_ADDR: 'http://127.0.0.1:8200', VAULT_NAMESPACE: 'ns', KUBECONFIG: '/a:/b' };
    const fromEnvironment = (await load(root, env)).site;
    expect(fromEnvironment.vault.address).toEqual({ value: 'http://127.0.0.1:8200', source: 'VAULT_ADDR' });
    expect(fromEnvironment.vault.namespace).toEqual({ value: 'ns', source: 'VAULT_NAMESPACE' });
    expect(fromEnvironment.kubernetes.kubeconfig).toEqual({ value: '/a:/b', source: 'KUBECONFIG' });
  });

  it('an empty variable is not set', async () => {
    expect((await load(await tree(REPOSITORY), { VAULT_ADDR: '', KUBECONFIG: '' })).site.vault.address.source).toBe(
      'terragrunt.hcl:12',
    );
  });

  it('~ in kubernetes.kubeconfig is the home folder', async () => {
    const root = await tree({ 'infra.yaml': 'kubernetes: {kubeconfig: ~/clusters/one}\n' });
    expect((await load(root, { HOME: '/home/me' })).site.kubernetes.kubeconfig.value).toBe('/home/me/clusters/one');
  });

  it('VAULT_ADDR that is no address is 78 and is not printed', async () => {
    const failure = load(await tree(REPOSITORY), { VAULT_ADDR: 'https://me:canary@vault' });
    await expect(failure).rejects.toMatchObject({ code: 'config.bad-environment', exitStatus: 78 });
    await expect(failure).rejects.not.toThrow(/canary/);
  });
});

describe('infra.yaml', () => {
  it('may be empty, only comments, or begin with a byte order mark', async () => {
    for (const text of ['', '# nothing\n', '---\n', '\ufeffstacks: {dir: units}\n']) {
      await expect(load(await tree({ 'infra.yaml': text }), {}, 'write')).resolves.toBeDefined();
    }
  });

  it('with an unknown key warns a command that reads and leaves the key out', async () => {
    const root = await tree({ 'infra.yaml': 'vault:\n  adress: https://x.example.com\n  locks: secret/mine\n' });
    const { site, warnings } = await load(root);
    expect(warnings).toEqual([
      { code: 'config.unknown-key', message: 'infra.yaml:2:3: unknown key "adress" in vault; did you mean address?' },
    ]);
    expect(site.vault.locks.value).toBe('secret/mine');
    await expect(load(root, {}, 'write')).rejects.toMatchObject({ code: 'config.unknown-key', exitStatus: 78 });
  });

  it('may use an alias for a value', async () => {
    const root = await tree({
      'infra.yaml': 'authentik:\n  token: &t {env: T}\nusers:\n  forgejo: {url: https://git.example.com, token: *t}\n',
    });
    expect((await load(root)).site.users.forgejo.value?.token).toEqual({ env: 'T' });
  });

  it('that is a folder is refused', async () => {
    await expect(load(await tree({ 'infra.yaml/': '' }))).rejects.toMatchObject({
      code: 'config.unreadable',
      exitStatus: 78,
    });
  });

  it('of the template is complete: every value but the environment’s comes from the file', async () => {
    const template = await readFile(new URL('../../../templates/site/infra.yaml', import.meta.url), 'utf8');
    const { site } = await load(await tree({ 'infra.yaml': template }), {}, 'write');
    const notInFile = settingRows(site)
      .filter((row) => !row.source.startsWith('infra.yaml:'))
      .map((row) => row.key);
    expect(notInFile).toEqual(['root', 'vault.namespace', 'kubernetes.context', 'loki.url', 'mail.dns.authoritative']);
  });
});
