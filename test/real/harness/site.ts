/** A whole platform to change: the servers seeded, the repository cloned, two users applied for real. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cloudflare, startCloudflare } from './cloudflare.ts';
import type { Kubernetes } from './kubernetes.ts';
import { makeMirror } from './mirror.ts';
import type { Postgres } from './postgres.ts';
import { must, type Ran, run } from './run.ts';
import { seedKubernetes } from './seed-kubernetes.ts';
import { baseUsers, seedVault, type Users } from './seed-vault.ts';
import { applyOrder, type Shape, type Style, setStyle, tier0, writeSiteTree } from './site-tree.ts';
import { makeToolbox, type Terragrunt } from './toolbox.ts';
import { realTool } from './tools.ts';
import type { Vault } from './vault.ts';
import { makeWorkspace, type Workspace } from './workspace.ts';

export interface SiteOptions {
  shape: Shape;
  terragrunt: Terragrunt;
  /** Default: what the terragrunt needs. */
  style?: Style;
  vault: Vault;
  kubernetes: Kubernetes;
  postgres: Postgres;
  /** false: PG_CONN_STR is not set; whoever runs a stack asks Vault for `database/static-creds/pg-terraform-state`. */
  pgConnStr?: boolean;
  /** Who is in `k8s_users` and applied; default: an admin `root-admin` and a namespace-owner `bob`. */
  users?: Users;
  /** false: nothing is applied yet. */
  apply?: boolean;
}

export interface Site {
  /** The clone; HEAD is what origin's `master` has. */
  dir: string;
  /** The bare origin. */
  remote: string;
  shape: Shape;
  stacks: string[];
  /** The whole environment, nothing inherited. */
  env: Record<string, string>;
  cloudflare: Cloudflare;
  /** Any program with the site's environment, in the clone unless `cwd` says otherwise. */
  run(program: string, args: readonly string[], cwd?: string): Promise<Ran>;
  /** scripts/tg in a stack's folder. */
  tg(stack: string, ...args: string[]): Promise<Ran>;
  /** The same servers and states through another clone: another terragrunt, another style. */
  another(options: { terragrunt: Terragrunt; style?: Style; pgConnStr?: boolean }): Promise<Site>;
  /** Removes the folders; the servers belong to whoever started them. */
  remove(): Promise<void>;
}

interface Ground {
  workspace: Workspace;
  cliConfig: string;
  cloudflare: Cloudflare;
  clones: number;
  bins: Map<Terragrunt, string>;
}

/** One site for one set of servers: its objects have fixed names. The Vault must have been started with `kubernetesPlugins`. */
export async function makeSite(options: SiteOptions): Promise<Site> {
  const workspace = await makeWorkspace('site');
  const cloudflare = await startCloudflare();
  const ground: Ground = { workspace, cloudflare, cliConfig: '', clones: 0, bins: new Map() };
  try {
    const seeds = [
      seedVault(options.vault, options.kubernetes, options.postgres, cloudflare.token, options.users ?? baseUsers),
      seedKubernetes(options.kubernetes),
    ];
    ground.cliConfig = (await makeMirror(workspace.dir)).cliConfig;
    await prepareHome(workspace);
    await writeOrigin(ground, options);
    await Promise.all(seeds);
    const site = await clone(ground, options);
    if (options.apply !== false) await applyAll(site);
    return site;
  } catch (error) {
    await cloudflare.stop();
    await workspace.remove();
    throw error;
  }
}

async function prepareHome({ dir, home }: Workspace): Promise<void> {
  await writeFile(
    join(home, '.gitconfig'),
    '[user]\n\tname = Root Admin\n\temail = root-admin@example.test\n[init]\n\tdefaultBranch = master\n',
  );
  const keys = join(home, '.config/sops/age');
  await mkdir(keys, { recursive: true });
  await mkdir(join(dir, 'tmp'));
  await must(realTool('ageKeygen'), ['-o', join(keys, 'keys.txt')]);
  await must(realTool('ageKeygen'), ['-o', join(dir, 'break-glass.txt')]);
}

async function writeOrigin({ workspace, cloudflare }: Ground, options: SiteOptions): Promise<void> {
  const { dir, home } = workspace;
  const seed = join(dir, 'seed');
  const keys = await Promise.all(
    [join(home, '.config/sops/age/keys.txt'), join(dir, 'break-glass.txt')].map((file) => readFile(file, 'utf8')),
  );
  const { postgres } = options;
  await writeSiteTree(seed, options.shape, styleOf(options), {
    VAULT_ADDR: options.vault.address,
    CLOUDFLARE_API: cloudflare.url,
    CLOUDFLARE_ZONE: cloudflare.zone,
    PG_ADDRESS: `${postgres.host}:${postgres.port}/${postgres.database}?sslmode=disable`,
    AGE_RECIPIENTS: keys.map((text) => /public key: (\S+)/.exec(text)?.[1]).join(','),
  });
  const git = (...args: string[]) => must('git', args, { cwd: seed, env: { HOME: home, PATH: '/usr/bin:/bin' } });
  await git('init', '-q');
  await git('add', '-A');
  await git('commit', '-q', '-m', 'The platform');
  await git('clone', '-q', '--bare', seed, join(dir, 'origin.git'));
}

async function clone(ground: Ground, options: SiteOptions): Promise<Site> {
  const { workspace, cloudflare } = ground;
  const remote = join(workspace.dir, 'origin.git');
  const dir = join(workspace.dir, `repo-${++ground.clones}`);
  await must('git', ['clone', '-q', remote, dir], { cwd: workspace.dir });
  await options.kubernetes.kubeconfigFor(join(dir, 'config'), { name: 'admin', token: options.kubernetes.token });
  for (const stack of tier0) await mkdir(join(dir, 'state/stacks', stack), { recursive: true });
  const bin = ground.bins.get(options.terragrunt) ?? (await makeToolbox(workspace.dir, options.terragrunt));
  ground.bins.set(options.terragrunt, bin);
  const env: Record<string, string> = {
    PATH: bin,
    HOME: workspace.home,
    TMPDIR: join(workspace.dir, 'tmp'),
    LANG: 'C.UTF-8',
    VAULT_ADDR: options.vault.address,
    VAULT_TOKEN: options.vault.token,
    KUBECONFIG: join(dir, 'config'),
    TF_CLI_CONFIG_FILE: ground.cliConfig,
    // The cache that terragrunt shares between stacks breaks when two of them are initialised at once.
    TG_NO_AUTO_PROVIDER_CACHE_DIR: 'true',
    ...(options.pgConnStr === false ? {} : { PG_CONN_STR: options.postgres.url }),
  };
  const site: Site = {
    dir,
    remote,
    shape: options.shape,
    stacks: applyOrder[options.shape].flat(),
    env,
    cloudflare,
    run: (program, args, cwd = dir) => run(program, args, { cwd, env }),
    tg: (stack, ...args) => run('bash', [join(dir, 'scripts/tg'), ...args], { cwd: join(dir, 'stacks', stack), env }),
    another: async (changed) => {
      const next = await clone(ground, { ...options, ...changed });
      await setStyle(next.dir, changed.style ?? styleOf(changed));
      await must('git', ['commit', '-qam', 'Change how stacks are run'], { cwd: next.dir, env: next.env }).catch(
        () => undefined,
      );
      return next;
    },
    remove: async () => {
      await cloudflare.stop();
      await workspace.remove();
    },
  };
  return site;
}

function styleOf({ terragrunt, style }: { terragrunt: Terragrunt; style?: Style }): Style {
  return style ?? (terragrunt === '0.99' ? 'inplace' : 'source');
}

/**
 * One stack after another: in an empty state database the first inits of the pg backend race for the schema's shared
 * sequence, and the loser fails with "duplicate key value violates unique constraint" (PostgreSQL's CREATE … IF NOT
 * EXISTS is not atomic).
 */
async function applyAll(site: Site): Promise<void> {
  for (const stack of applyOrder[site.shape].flat()) {
    const ran = await site.tg(stack, 'apply', '-auto-approve', '-input=false');
    if (ran.status !== 0) throw new Error(`applying ${stack}: ${ran.status}\n${ran.stdout}${ran.stderr}`);
  }
  await must('git', ['push', '-q'], { cwd: site.dir, env: site.env });
}
