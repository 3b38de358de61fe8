/** Many small stacks on real servers: Tier 0 under sops and age, Tier 1 in PostgreSQL, some with objects in the cluster. */
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Infra, makeInfra } from './infra.ts';
import { type Kubernetes, startKubernetes } from './kubernetes.ts';
import { makeMirror } from './mirror.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { must, run } from './run.ts';
import { mainFile, rootFile, STACKS, type StackText, TIER0, unitFile } from './stacks-files.ts';
import { makeToolbox, type Terragrunt } from './toolbox.ts';
import { realTool } from './tools.ts';
import { startVault, type Vault } from './vault.ts';
import { makeWorkspace, type Workspace } from './workspace.ts';

export interface StacksSite {
  workspace: Workspace;
  vault: Vault;
  kubernetes: Kubernetes;
  postgres: Postgres;
  /** The clone that infra works in, and its bare origin, branch `master`. */
  dir: string;
  remote: string;
  env: Record<string, string>;
  infra: Infra;
  /** Writes what stacks declare, commits and pushes it. */
  change(stacks: Readonly<Record<string, StackText>>, message?: string): Promise<void>;
  /** Writes files of the repository, by path; the next change commits them. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  git(...args: string[]): Promise<string>;
  sql(text: string): Promise<string>;
  /** How often the state in the database was written; undefined before the first time. */
  serial(stack: string): Promise<number | undefined>;
  /** The folder of programs with another terragrunt in it, for PATH. */
  toolbox(terragrunt: Terragrunt): Promise<string>;
  /** Plans, their JSON and readable Tier-0 states that lie about anywhere below the workspace. */
  leftBehind(): Promise<string[]>;
  stop(): Promise<void>;
}

/** Servers, the repository, its clone, and infra that trusts it. Nothing is applied yet. */
export async function startStacksSite(): Promise<StacksSite> {
  const workspace = await makeWorkspace('stacks');
  const started = await Promise.allSettled([
    startVault({ kubernetesPlugins: true }),
    startKubernetes(),
    startPostgres(),
  ]);
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((each) => (each.status === 'fulfilled' ? each.value.stop() : undefined)));
    await workspace.remove();
  };
  try {
    const [vault, kubernetes, postgres] = started;
    if (vault.status === 'rejected') throw vault.reason;
    if (kubernetes.status === 'rejected') throw kubernetes.reason;
    if (postgres.status === 'rejected') throw postgres.reason;
    const servers = { vault: vault.value, kubernetes: kubernetes.value, postgres: postgres.value };
    return await makeSite(workspace, servers, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

type Servers = Pick<StacksSite, 'vault' | 'kubernetes' | 'postgres'>;

async function makeSite(workspace: Workspace, servers: Servers, stop: () => Promise<void>): Promise<StacksSite> {
  const { vault, kubernetes, postgres } = servers;
  const dir = join(workspace.dir, 'repo');
  const remote = join(workspace.dir, 'origin.git');
  const env: Record<string, string> = {
    PATH: await makeToolbox(workspace.dir, '1.1.0'),
    HOME: workspace.home,
    USER: 'tester',
    TMPDIR: join(workspace.dir, 'tmp'),
    LANG: 'C.UTF-8',
    VAULT_ADDR: vault.address,
    VAULT_TOKEN: vault.token,
    KUBECONFIG: join(dir, 'config'),
    PG_CONN_STR: postgres.url,
    TF_CLI_CONFIG_FILE: (await makeMirror(workspace.dir)).cliConfig,
  };
  await mkdir(env.TMPDIR ?? '');
  const git = (...args: string[]): Promise<string> => must('git', args, { cwd: dir, env });
  await writeRepository(workspace, dir, servers);
  await seed(servers);
  await must('git', ['init', '-q', '--bare', '-b', 'master', remote], { env });
  await git('init', '-q', '-b', 'master');
  await git('add', '-A');
  await git('commit', '-qm', 'The stacks');
  await git('remote', 'add', 'origin', remote);
  await git('push', '-qu', 'origin', 'master');
  await kubernetes.kubeconfigFor(join(dir, 'config'), { name: 'admin', token: kubernetes.token });
  const infra = await makeInfra({ dir, env });
  const sql = async (text: string): Promise<string> =>
    (await must(realTool('psql'), ['-qAt', '-d', postgres.url, '-c', text], { env })).trim();
  const bins = new Map<Terragrunt, string>([['1.1.0', env.PATH ?? '']]);
  return {
    workspace,
    ...servers,
    dir,
    remote,
    env,
    infra,
    git,
    sql,
    write: async (files) => {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(dir, path)), { recursive: true });
        await writeFile(join(dir, path), text);
      }
      await git('add', '--', ...Object.keys(files));
    },
    change: async (stacks, message = 'Change stacks') => {
      await Promise.all(
        Object.entries(stacks).map(([name, text]) =>
          writeFile(join(dir, 'stacks', name, 'main.tf'), mainFile(name, text)),
        ),
      );
      await git('commit', '-qam', message);
      await git('push', '-q');
    },
    serial: async (stack) => {
      if ((await sql(`select to_regclass('${stack}.states')`)) === '') return undefined;
      const found = await sql(`select data::json->>'serial' from ${stack}.states where name = 'default'`);
      return found === '' ? undefined : Number(found);
    },
    toolbox: async (terragrunt) => {
      const bin = bins.get(terragrunt) ?? (await makeToolbox(workspace.dir, terragrunt));
      bins.set(terragrunt, bin);
      return bin;
    },
    leftBehind: async () => [...(await plansBelow(workspace.dir)), ...(await readableStates(dir))],
    stop,
  };
}

async function writeRepository(workspace: Workspace, dir: string, { vault, postgres }: Servers): Promise<void> {
  const keys = join(workspace.home, '.config/sops/age');
  await mkdir(keys, { recursive: true });
  await must(realTool('ageKeygen'), ['-o', join(keys, 'keys.txt')]);
  const recipient = /public key: (\S+)/.exec(await readFile(join(keys, 'keys.txt'), 'utf8'))?.[1];
  const identity = '[user]\n\tname = Root Admin\n\temail = root-admin@example.test\n';
  await writeFile(join(workspace.home, '.gitconfig'), identity);
  const files: Record<string, string> = {
    'terragrunt.hcl': rootFile('source'),
    'config.tfvars': 'domain = "example.test"\n',
    'modules/label/main.tf': 'variable "text" {}\noutput "text" {\n  value = var.text\n}\n',
    'infra.yaml': `stacks:
  run: native
  pgAddress: "${postgres.host}:${postgres.port}/${postgres.database}?sslmode=disable"
  tier0: { push: true, remote: origin, branch: master }
vault:
  address: "${vault.address}"
kubernetes:
  kubeconfig: config
`,
    '.sops.yaml': `creation_rules:\n${TIER0.map((stack) => `  - path_regex: state/stacks/${stack}/\n    hc_vault_transit_uri: "${vault.address}/v1/transit/keys/sops-state-${stack}"\n    age: "${recipient}"\n`).join('')}`,
    '.gitignore':
      '/config\n/state/**/*.tfstate\n/state/**/*.tfstate.*\n!/state/**/*.tfstate.enc\n.terraform/\n.terraform.lock.hcl\n.terragrunt-cache/\n/stacks/*/backend.tf\n/stacks/*/variables.tf\n',
  };
  for (const name of Object.keys(STACKS)) {
    files[`stacks/${name}/terragrunt.hcl`] = unitFile(name);
    files[`stacks/${name}/main.tf`] = mainFile(name, {});
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(dir, path, '..'), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  for (const stack of TIER0) await mkdir(join(dir, 'state/stacks', stack), { recursive: true });
  await chmod(dir, 0o755);
}

async function seed({ vault, kubernetes, postgres }: Servers): Promise<void> {
  const { user: username, password } = postgres;
  await vault.must('POST', 'sys/mounts/transit', { type: 'transit' });
  await vault.must('POST', 'sys/mounts/database', { type: 'kv', options: { version: '1' } });
  for (const stack of TIER0) await vault.must('POST', `transit/keys/sops-state-${stack}`, {});
  await vault.must('PUT', 'database/static-creds/pg-terraform-state', { username, password });
  await kubernetes.must('POST', '/api/v1/namespaces', { metadata: { name: 'apps' } });
}

/** A plan file is a zip whose first entry is `tfplan`; its JSON names `resource_changes`. */
async function plansBelow(folder: string): Promise<string[]> {
  const pattern = 'PK\\x03\\x04.{20,60}tfplan|"resource_changes":';
  const skip = ['mirror', 'origin.git', '.git'].map((name) => `--exclude-dir=${name}`);
  const found = await run('/usr/bin/grep', ['-rlaP', ...skip, pattern, folder], { env: { LC_ALL: 'C' } });
  return found.stdout.split('\n').filter((line) => line !== '');
}

async function readableStates(dir: string): Promise<string[]> {
  const paths = TIER0.map((stack) => join(dir, 'state/stacks', stack, 'terraform.tfstate'));
  const found = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        () => [path],
        () => [],
      ),
    ),
  );
  return found.flat();
}

/** Names in a folder of infra's state folder; empty when there is none. */
export async function inStateFolder(infra: Infra, name: string): Promise<string[]> {
  return readdir(join(infra.env.XDG_STATE_HOME ?? '', 'infra', name)).catch(() => []);
}
