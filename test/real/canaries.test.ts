/** What a run on real servers says, leaves, commits and hands over: none of it holds a secret. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Detector, hitsBelow, makeDetector, type Secrets } from '../integration/canaries-scan.ts';
import { type Answered, type Infra, makeInfra } from './harness/infra.ts';
import { must } from './harness/run.ts';
import type { Site } from './harness/site.ts';
import { type Stand, startStand } from './harness/stand.ts';
import { skipReason } from './harness/tools.ts';

const reason = skipReason();
if (reason !== undefined) console.warn(`canaries.test.ts is skipped: ${reason}`);

/** One more resource of the vault stack, applied before the first test; a test takes it away. */
const EXTRA = 'stacks/vault/extra.tf';
const KEPT = 'resource "terraform_data" "kept" {}\n';
const BINDINGS = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';

/**
 * Files of the clone that are meant to hold a secret: what the operator put there. terragrunt copies the whole
 * repository into its cache where the root file says `source = "${get_repo_root()}//…"`, and these two with it: the key
 * once more for each stack, since it follows their links.
 */
const MEANT =
  /^(?:stacks\/[^/]+\/\.terragrunt-cache\/[^/]+\/[^/]+\/)?(?:config|(?:stacks\/[^/]+\/)?secrets\/privkey\.pem)$/;

describe.skipIf(reason !== undefined)('secrets on real servers, with terragrunt 1.1.0', () => {
  let stand: Stand;
  let clone: Site;
  let infra: Infra;
  let secrets: Secrets;
  let head: string;
  /** Folder of everything that all clones and servers of this site leave. */
  let ground: string;

  beforeAll(async () => {
    stand = await startStand({ shape: 'extracted', terragrunt: '1.1.0' });
    await writeFile(join(stand.site.dir, EXTRA), KEPT);
    const applied = await stand.site.run('bash', [
      '-ec',
      `git add ${EXTRA}; git commit -qm 'Keep something'
      (cd stacks/vault; bash ../../scripts/tg apply -auto-approve -input=false); git push -q`,
    ]);
    expect(applied.status, applied.stderr).toBe(0);
    // A fresh clone holds nothing but what is committed and a kubeconfig; the password of the states comes from Vault.
    clone = await stand.site.another({ terragrunt: '1.1.0', pgConnStr: false });
    ground = dirname(clone.dir);
    head = (await must('git', ['rev-parse', 'HEAD'], { cwd: clone.dir, env: clone.env })).trim();
    infra = await makeInfra(clone, { PATH: await recordingPath(), DEBUG: '*', TMPDIR: await emptyFolder('own-tmp') });
    await must(process.execPath, [infra.program, 'config', 'trust', '--yes'], { env: infra.env });
    secrets = await secretsInPlay();
  }, 600_000);

  afterAll(async () => {
    await stand?.stop();
  });

  async function emptyFolder(name: string): Promise<string> {
    await mkdir(join(ground, name));
    return join(ground, name);
  }

  /** A PATH of shims that write down how each program was called, and then become it. */
  async function recordingPath(): Promise<string> {
    const real = clone.env.PATH ?? '';
    const shims = await emptyFolder('shims');
    for (const name of await readdir(real)) {
      const text = `#!/bin/sh\nprintf '%s\\n' "${name} $*" >> '${ground}/arguments.log'\nexec '${real}/${name}' "$@"\n`;
      await writeFile(join(shims, name), text, { mode: 0o755 });
    }
    return shims;
  }

  async function secretsInPlay(): Promise<Secrets> {
    const age = await readFile(join(clone.env.HOME ?? '', '.config/sops/age/keys.txt'), 'utf8');
    const key = await readFile(join(clone.dir, 'secrets/privkey.pem'), 'utf8');
    const platform = (await stand.vault.must('GET', 'secret/data/platform')).data.data;
    return {
      vaultToken: stand.vault.token,
      postgresPassword: stand.postgres.password,
      postgresUrlPassword: encodeURIComponent(stand.postgres.password),
      kubernetesToken: stand.kubernetes.token,
      cloudflareKey: String(platform.cloudflare_api_key),
      tunnelToken: String(platform.cloudflare_tunnel_token),
      homepageCredentials: String(platform.homepage_credentials),
      homepagePassword: 'p&ss<word>"\\',
      authentikPassword: 'authentik-password',
      forgejoToken: 'forgejo-ci-token',
      ageIdentity: /AGE-SECRET-KEY-\S+/.exec(age)?.[0] ?? '',
      tlsKey: key,
      tlsKeyLine: key.split('\n')[3] ?? '',
    };
  }

  /** The tokens that the stacks made: they stand in states, in plans and in the cluster. */
  async function mintedTokens(): Promise<Secrets> {
    const { items } = await stand.kubernetes.must('GET', '/api/v1/secrets');
    const tokens = items.filter((each: { type: string }) => each.type === 'kubernetes.io/service-account-token');
    return Object.fromEntries(
      tokens.map((each: { metadata: { namespace: string; name: string }; data: { token: string } }) => [
        `token of ${each.metadata.namespace}/${each.metadata.name}`,
        Buffer.from(each.data.token, 'base64').toString(),
      ]),
    );
  }

  async function leaks(ended: Answered): Promise<readonly string[]> {
    const minted = await mintedTokens();
    expect(Object.keys(minted)).toContain('token of bob-lab/dashboard-bob-token');
    const detect: Detector = makeDetector({ ...secrets, ...minted });
    const commits = await must('git', ['log', '-p', '--text', `${head}..HEAD`], { cwd: clone.dir, env: clone.env });
    const folders = [infra.env.XDG_STATE_HOME ?? '', join(ground, 'own-tmp'), join(ground, 'home')];
    return [
      ...detect('stdout', ended.stdout),
      ...detect('stderr', ended.stderr),
      ...detect('commits', commits),
      ...detect('arguments', await readFile(join(ground, 'arguments.log'))),
      ...hitsBelow(clone.dir, detect, (path) => MEANT.test(path)),
      ...folders.flatMap((folder) => hitsBelow(folder, detect, (path) => path === '.config/sops/age/keys.txt')),
    ];
  }

  const add = (...more: readonly string[]): Promise<Answered> =>
    infra.run('user', 'add', 'pam', '--email', 'pam@example.test', '--domain', 'pam-app', '--yes', ...more);

  test('a plan that would destroy something is refused', async () => {
    await writeFile(join(clone.dir, EXTRA), '');
    const ended = await add('--debug');
    await writeFile(join(clone.dir, EXTRA), KEPT);
    expect(ended.status, ended.stderr).toBe(4);
    expect(await leaks(ended)).toEqual([]);
  });

  test('an apply fails after the vault stack', async () => {
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
    await stand.kubernetes.must('POST', BINDINGS, { metadata: { name: 'oidc-ns-owner-readonly-pam' }, roleRef });
    const ended = await add('--debug');
    await stand.kubernetes.must('DELETE', `${BINDINGS}/oidc-ns-owner-readonly-pam`);
    expect(ended.status, ended.stderr).toBe(5);
    expect(await leaks(ended)).toEqual([]);
  });

  test('the same command completes', async () => {
    const ended = await add('--debug', '--json');
    expect(ended.status, ended.stderr).toBe(0);
    expect(await leaks(ended)).toEqual([]);
    expect(existsSync(join(clone.dir, 'state/stacks/vault/terraform.tfstate'))).toBe(false);
    const called = await readFile(join(ground, 'arguments.log'), 'utf8');
    for (const program of ['terragrunt', 'tofu', 'sops', 'git'])
      expect(called).toMatch(new RegExp(`^${program} `, 'm'));
  });
});
