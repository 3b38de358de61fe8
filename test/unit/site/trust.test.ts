import { chmod, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFiles } from '../../../src/lib/clients/files/live.ts';
import { trustSubjects } from '../../../src/lib/site/addresses.ts';
import { loadSite } from '../../../src/lib/site/load.ts';
import { originUrl } from '../../../src/lib/site/origin.ts';
import { accept, isTrusted, readTrust, untrusted } from '../../../src/lib/site/trust.ts';
import { REPOSITORY, tree } from './tree.ts';

const files = makeFiles();
const GIT =
  '[core]\n\tbare = false\n[remote "other"]\n\turl = https://other.example.com/x.git\n[remote "origin"]\n\turl = https://me:canary@git.example.com/infra.git\n\tfetch = +refs/heads/*\n';
const SITE =
  'authentik: {url: "https://auth.example.com:443/api", token: {file: ~/.ssh/id_ed25519}}\nrunbooks: [own/one]\nkubernetes: {kubeconfig: config}\n';

const setUp = async () => {
  const root = await tree({ ...REPOSITORY, '.git/config': GIT, 'infra.yaml': SITE });
  const env = { HOME: await tree() };
  const { site } = await loadSite({ files, env, cwd: root, mode: 'read' });
  return { root, env, site, file: join(env.HOME, '.config/infra/trust.json') };
};

describe('trust', () => {
  it('is asked for everything that the repository chose, with what would be sent', async () => {
    const { site } = await setUp();
    expect(trustSubjects(site).map((one) => [one.key, one.subject, one.source, one.what])).toEqual([
      ['vault.address', 'https://vault.example.com', 'terragrunt.hcl:12', 'your Vault token'],
      ['authentik.url', 'https://auth.example.com', 'infra.yaml:1', 'the token in ~/.ssh/id_ed25519'],
      ['kubernetes.kubeconfig', `kubeconfig ${join(site.root.value, 'config')}`, 'infra.yaml:3', expect.any(String)],
      ['runbooks', 'runbook own/one', 'infra.yaml:2', expect.any(String)],
    ]);
  });

  it('is not asked for VAULT_ADDR and KUBECONFIG: the environment is the user’s own', async () => {
    const { root, env } = await setUp();
    const own = { ...env, VAULT_ADDR: 'https://mine.example.com', KUBECONFIG: '/mine' };
    const { site } = await loadSite({ files, env: own, cwd: root, mode: 'read' });
    expect(trustSubjects(site).map((one) => one.key)).toEqual(['authentik.url', 'runbooks']);
  });

  it('is not asked for an API that gets no token', async () => {
    const root = await tree({
      'infra.yaml': 'users: {forgejo: {url: "https://git.example.com"}}\nprometheus: {url: "https://p.example.com"}\n',
    });
    expect(trustSubjects((await loadSite({ files, env: {}, cwd: root, mode: 'read' })).site)).toEqual([]);
  });

  it('is kept outside the repository, 0600, and holds for what was accepted only', async () => {
    const { root, env, site, file } = await setUp();
    const before = await readTrust(files, env, root);
    expect(untrusted(site, before)).toHaveLength(4);
    await accept(files, before, ['https://vault.example.com']);
    const after = await readTrust(files, env, root);
    expect(after.file).toBe(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(isTrusted(after, 'https://VAULT.example.com:443/v1')).toBe(true);
    expect(isTrusted(after, 'http://vault.example.com')).toBe(false);
    expect(isTrusted(after, 'https://vault.example.com:8200')).toBe(false);
    expect(isTrusted(after, 'https://vault.example.com.evil.example')).toBe(false);
    expect(isTrusted(after, 'https://mine.example.com', ['https://mine.example.com/'])).toBe(true);
    expect(untrusted(site, after)).toHaveLength(3);
  });

  it('ends when the clone has another origin, or another place', async () => {
    const { root, env } = await setUp();
    await accept(files, await readTrust(files, env, root), ['https://vault.example.com']);
    await writeFile(join(root, '.git/config'), GIT.replace('infra.git', 'fork.git'));
    expect((await readTrust(files, env, root)).accepted.size).toBe(0);
    await writeFile(join(root, '.git/config'), GIT);
    expect((await readTrust(files, env, root)).accepted.size).toBe(1);
    const moved = join(await tree(), 'moved');
    await rename(root, moved);
    expect((await readTrust(files, env, moved)).accepted.size).toBe(0);
    await rename(moved, root);
  });

  it('of one repository leaves that of others alone, and never holds the origin’s password', async () => {
    const [one, two] = [await setUp(), await setUp()];
    await accept(files, await readTrust(files, one.env, one.root), ['https://one.example.com']);
    await accept(files, await readTrust(files, one.env, two.root), ['https://two.example.com']);
    expect([...(await readTrust(files, one.env, one.root)).accepted]).toEqual(['https://one.example.com']);
    expect(await readFile(one.file, 'utf8')).not.toContain('canary');
  });

  it('in a file that others may write, or that is damaged, is no trust but an error', async () => {
    const { root, env, file } = await setUp();
    await accept(files, await readTrust(files, env, root), ['https://vault.example.com']);
    await chmod(file, 0o622);
    await expect(readTrust(files, env, root)).rejects.toMatchObject({ code: 'config.trust-unsafe', exitStatus: 78 });
    await chmod(file, 0o600);
    for (const text of ['{', '[]', '{"sites":[{"root":1}]}']) {
      await writeFile(file, text);
      await expect(readTrust(files, env, root)).rejects.toMatchObject({
        code: 'config.trust-unreadable',
        exitStatus: 78,
      });
    }
  });

  it('has nowhere to be kept without HOME', async () => {
    await expect(readTrust(files, {}, '/')).rejects.toMatchObject({ code: 'config.no-home' });
  });
});

describe('the origin of a repository', () => {
  it('is found from a worktree, whose .git is a file', async () => {
    const main = await tree({ '.git/config': GIT, '.git/worktrees/two/commondir': '../..\n' });
    const worktree = await tree({ '.git': `gitdir: ${main}/.git/worktrees/two\n` });
    expect(await originUrl(files, worktree)).toBe('https://git.example.com/infra.git');
  });

  it('is unknown outside of git and without a remote', async () => {
    expect(await originUrl(files, await tree({ '.git/config': '[core]\n' }))).toBeUndefined();
  });
});
