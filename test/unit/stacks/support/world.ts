import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeClock } from '../../../../src/lib/clients/clock/live.ts';
import { makeFiles } from '../../../../src/lib/clients/files/live.ts';
import { makeGit } from '../../../../src/lib/clients/git/live.ts';
import { makeProcesses } from '../../../../src/lib/clients/process/live.ts';
import { makeTerragrunt } from '../../../../src/lib/clients/terragrunt/live.ts';
import type { KvRead, Vault } from '../../../../src/lib/clients/vault/client.ts';
import { InfraError } from '../../../../src/lib/errors.ts';
import type { StackDeps, StackRun } from '../../../../src/lib/stacks/deps.ts';
import type { Stack } from '../../../../src/lib/stacks/stack.ts';
import { writePrograms } from './programs.ts';
import { makeSite, type SiteChoices } from './site.ts';
import { temporaryFolder, writeTree } from './tree.ts';

/** A repository with a bare origin, programs on PATH, and everything that planning and applying needs. */
export type World = {
  readonly folder: string;
  readonly root: string;
  readonly origin: string;
  readonly bin: string;
  readonly deps: StackDeps;
  readonly vault: FakeVault;
  readonly notes: { event: string; data: Readonly<Record<string, unknown>> }[];
  readonly run: StackRun;
  readonly interrupt: AbortController;
  stack(name: string, tier?: 0 | 1): Stack;
  git(...args: readonly string[]): string;
};

export async function makeWorld(choices: Partial<SiteChoices> = {}): Promise<World> {
  const folder = await temporaryFolder();
  const root = join(folder, 'repo');
  const origin = join(folder, 'origin.git');
  const home = join(folder, 'home');
  const bin = await writePrograms(folder);
  await mkdir(home);
  const env = { PATH: `${bin}:${process.env.PATH ?? ''}`, HOME: home, USER: 'tester', GIT_CONFIG_GLOBAL: '/dev/null' };
  const git = (...args: readonly string[]): string => execFileSync('git', args, { cwd: root, env, encoding: 'utf8' });
  await writeTree(root, {
    'terragrunt.hcl': 'locals { tier0_stacks = ["vault"] }\n',
    'config.tfvars': 'domain = "example.com"\n',
    'stacks/vault/terragrunt.hcl': '',
    'stacks/vault/main.tf': 'locals { u = "k8s_users" }\n',
    'stacks/rbac/terragrunt.hcl': '',
    '.gitignore': '/config\n*.tfstate\nbehaviour.json\ncalls.log\napplying\n',
  });
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', origin], { env });
  git('init', '-q', '-b', 'main');
  for (const [key, value] of [
    ['user.name', 'T'],
    ['user.email', 't@example.com'],
  ] as const)
    git('config', key, value);
  git('add', '.');
  git('commit', '-q', '-m', 'begin');
  git('remote', 'add', 'origin', origin);
  git('push', '-q', '-u', 'origin', 'main');

  const files = makeFiles();
  const processes = makeProcesses({ env, cwd: root });
  const vault = makeFakeVault();
  const interrupt = new AbortController();
  const notes: World['notes'] = [];
  const deps: StackDeps = {
    clients: {
      clock: makeClock(),
      files,
      processes,
      git: makeGit({ processes, files }),
      terragrunt: makeTerragrunt({ processes, env }),
      vault: vault.client,
    },
    site: makeSite({ root, ...choices }),
    stateFolder: join(folder, 'state'),
    runId: 'r1',
    env,
  };
  return {
    folder,
    root,
    origin,
    bin,
    deps,
    vault,
    notes,
    interrupt,
    git,
    run: {
      note: async (event, data) => {
        notes.push({ event, data });
      },
      interrupt: interrupt.signal,
      progress: () => {},
    },
    stack: (name, tier = 0) => ({
      name,
      folder: join(root, 'stacks', name),
      tier,
      dependencies: [],
      readsUsers: true,
      empty: false,
    }),
  };
}

/** A KV store in memory with real compare-and-set, and switches for what can go wrong. */
export type FakeVault = {
  readonly client: Vault;
  readonly secrets: Map<string, { version: number; data: Readonly<Record<string, unknown>> }>;
  readonly paths: Map<string, Readonly<Record<string, unknown>>>;
  denied: boolean;
};

function makeFakeVault(): FakeVault {
  const secrets: FakeVault['secrets'] = new Map();
  const paths: FakeVault['paths'] = new Map();
  const refuse = (name: string) => async (): Promise<never> => {
    throw new Error(`${name} is not part of this fake`);
  };
  const fake: FakeVault = {
    secrets,
    paths,
    denied: false,
    client: {
      address: 'http://127.0.0.1:8200',
      tokenSource: async () => 'VAULT_TOKEN',
      loginToken: async () => undefined,
      health: refuse('health'),
      tokenSelf: refuse('tokenSelf'),
      capabilities: refuse('capabilities'),
      kvPatch: refuse('kvPatch'),
      kvReplace: refuse('kvReplace'),
      kvExists: refuse('kvExists'),
      kvList: refuse('kvList'),
      list: refuse('list'),
      write: refuse('write'),
      read: async (path) => paths.get(path),
      async kvRead(path): Promise<KvRead> {
        if (fake.denied) throw new InfraError('vault.denied', 'denied', `GET ${path}: 403`);
        const found = secrets.get(path);
        return found === undefined
          ? { state: 'absent' }
          : { state: 'present', ...found, text: JSON.stringify(found.data) };
      },
      async kvPut(path, data, cas) {
        if (fake.denied) throw new InfraError('vault.denied', 'denied', `PUT ${path}: 403`);
        const version = secrets.get(path)?.version ?? 0;
        if (version !== cas)
          throw new InfraError('vault.cas-lost', 'busy', `${path} is at version ${version}, not ${cas}`);
        secrets.set(path, { version: version + 1, data });
        return version + 1;
      },
    },
  };
  return fake;
}
