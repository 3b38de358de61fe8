/** A small repository whose stacks keep their state in a real PostgreSQL, and real tofus that hold its locks. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Postgres } from './postgres.ts';
import { must, type Ran, run } from './run.ts';
import { makeToolbox } from './toolbox.ts';
import { realTool } from './tools.ts';
import { until } from './until.ts';
import type { Workspace } from './workspace.ts';

const ROOT = `locals {
  tier0_stacks = ["vault"]
}

generate "backend" {
  path      = "backend.tf"
  if_exists = "overwrite_terragrunt"
  contents  = <<-EOF
    terraform {
      backend "pg" {
        schema_name = "\${basename(path_relative_to_include())}"
      }
    }
  EOF
}
`;

/** A resource whose apply waits for a file, so that the state stays locked as long as a test wants. */
const MAIN = `variable "gate" {
  default = ""
}
resource "terraform_data" "x" {
  input = var.gate
  provisioner "local-exec" {
    command = var.gate == "" ? "true" : ": >\${var.gate}.reached; while [ ! -e \${var.gate} ]; do sleep 0.05; done"
  }
}
`;

export interface StateDatabase {
  dir: string;
  env: Record<string, string>;
  postgres: Postgres;
  sql(text: string): Promise<string>;
  /** A tofu that applies a schema and holds its lock until `open` is called. */
  hold(schema: string, options?: HoldOptions): Promise<Holding>;
  /** tofu in the schema's folder, to its end. */
  tofu(schema: string, args: readonly string[], env?: Record<string, string>): Promise<Ran>;
}

export interface HoldOptions {
  application?: string;
  /** Another connection string, e.g. through a `detour`. */
  url?: string;
  program?: 'tofu' | 'terraform';
  /** Started by a shell, in a session of its own, as a child of infra is. */
  behind?: boolean;
  /** Keeps the state in this file instead. */
  local?: string;
}

export interface Holding {
  process: ChildProcess;
  /** Lets the apply end. */
  open(): Promise<void>;
  /** `kill -9` of it and all that is in its group; with `behind`, of the shell only. */
  kill(): Promise<void>;
  ended: Promise<number | null>;
}

/** The repository, with one applied stack for each name. */
export async function makeStateDatabase(
  workspace: Workspace,
  postgres: Postgres,
  stacks: readonly string[],
): Promise<StateDatabase> {
  const dir = join(workspace.dir, 'repo');
  const env: Record<string, string> = {
    PATH: await makeToolbox(workspace.dir, '1.1.0'),
    HOME: workspace.home,
    TMPDIR: join(workspace.dir, 'tmp'),
    USER: 'tester',
    LANG: 'C.UTF-8',
    PG_CONN_STR: postgres.url,
    VAULT_ADDR: 'http://127.0.0.1:9',
    TG_NO_AUTO_PROVIDER_CACHE_DIR: 'true',
  };
  await mkdir(env.TMPDIR ?? '', { recursive: true });
  const unit =
    'include "root" {\n  path = find_in_parent_folders("terragrunt.hcl")\n}\nterraform {\n  source = "."\n}\n';
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'terragrunt.hcl'), ROOT);
  await writeFile(join(dir, 'infra.yaml'), 'stacks:\n  run: native\n');
  await writeFile(join(dir, 'config'), '');
  await writeFile(join(dir, '.gitignore'), 'config\n*.tfstate\n.terraform*\nbackend.tf\n');
  for (const name of [...stacks, 'vault']) {
    await mkdir(join(dir, 'stacks', name), { recursive: true });
    await writeFile(join(dir, 'stacks', name, 'terragrunt.hcl'), unit);
    await writeFile(join(dir, 'stacks', name, 'main.tf'), MAIN);
  }
  const git = (...args: string[]): Promise<string> => must('git', args, { cwd: dir, env });
  await git('init', '-q', '-b', 'master');
  await git('-c', 'user.name=T', '-c', 'user.email=t@example.test', 'add', '-A');
  await git('-c', 'user.name=T', '-c', 'user.email=t@example.test', 'commit', '-qm', 'The stacks');

  const folderOf = async (schema: string, program: string, local?: string): Promise<string> => {
    const folder = join(workspace.dir, `${program}-${schema}`);
    if (existsSync(folder)) return folder;
    await mkdir(folder, { recursive: true });
    const settings = local === undefined ? `"pg" {\n    schema_name = "${schema}"` : `"local" {\n    path = "${local}"`;
    const backend = `terraform {\n  backend ${settings}\n  }\n}\n`;
    await writeFile(join(folder, 'main.tf'), `${backend}${MAIN}`);
    await must(programPath(program), ['init', '-input=false'], { cwd: folder, env });
    return folder;
  };
  const tofu: StateDatabase['tofu'] = async (schema, args, extra = {}) =>
    run(realTool('tofu'), [...args], { cwd: await folderOf(schema, 'tofu'), env: { ...env, ...extra } });
  for (const name of stacks) {
    const ran = await tofu(name, ['apply', '-auto-approve', '-input=false']);
    if (ran.status !== 0) throw new Error(`applying ${name}: ${ran.stdout}${ran.stderr}`);
  }
  return {
    dir,
    env,
    postgres,
    tofu,
    sql: async (text) => (await must(realTool('psql'), ['-qAt', '-d', postgres.url, '-c', text], { env })).trim(),
    hold: async (schema, options = {}) => {
      const program = options.program ?? 'tofu';
      const folder = await folderOf(schema, program, options.local);
      const gate = join(folder, `gate-${Math.random().toString(36).slice(2)}`);
      const holderEnv = {
        ...env,
        TF_VAR_gate: gate,
        ...(options.application === undefined ? {} : { PGAPPNAME: options.application }),
        ...(options.url === undefined ? {} : { PG_CONN_STR: options.url }),
      };
      const args = ['apply', '-auto-approve', '-input=false', '-replace=terraform_data.x'];
      const words = [programPath(program), ...args];
      const [first = '', ...rest] =
        options.behind === true ? ['/bin/sh', '-c', `/usr/bin/setsid ${words.join(' ')} & wait`] : words;
      // In a group of its own, so that it can be killed with what its provisioner started.
      const child = spawn(first, rest, { cwd: folder, env: holderEnv, stdio: 'ignore', detached: true });
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      const open = (): Promise<void> => writeFile(gate, '');
      onTestFinished(async () => {
        await open();
        await ended;
      });
      await until(`${schema} to be held`, async () => (existsSync(`${gate}.reached`) ? true : undefined));
      return {
        process: child,
        open,
        ended,
        kill: async () => {
          process.kill(-(child.pid ?? 0), 'SIGKILL');
          await ended;
        },
      };
    },
  };
}

/** What infra would call a session of a stack, on this machine unless `host` says otherwise. */
export function sessionName(stack: string, run: string, host = hostname().split('.')[0] ?? ''): string {
  return `infra stack=${stack} user=tester host=${host} run=${run}`;
}

function programPath(name: string): string {
  return name === 'terraform' ? '/usr/local/bin/terraform' : realTool('tofu');
}

/** A way to the database that stays open when its client dies: what a lost host or a broken network is for PostgreSQL. */
export async function detour(postgres: Postgres): Promise<{ url: string; stop(): Promise<void> }> {
  const open: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(postgres.port, postgres.host);
    open.push(near, far);
    near.on('error', () => undefined);
    far.on('error', () => undefined);
    near.on('data', (chunk) => far.write(chunk));
    far.on('data', (chunk) => (near.writable ? near.write(chunk) : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const url = new URL(postgres.url);
  url.port = String(port);
  return {
    url: url.href,
    stop: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
