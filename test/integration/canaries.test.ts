import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { serviceAccountToken } from '../../src/sandbox/kubernetes/admission.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import type { Faults } from '../../src/sandbox/terragrunt/faults.ts';
import { CANARIES } from '../../src/sandbox/worlds/canaries.ts';
import { type Detector, hitsBelow, makeDetector, modeOf, type Secrets } from './canaries-scan.ts';
import { ADD_ALICE, type Ended, type InfraOptions, infra } from './user-add/infra.ts';
import { impatient } from './user-add/repository.ts';

/** Programs whose arguments are recorded by a shim in front of the real one; the stand-ins record their own. */
const SHIMMED = ['git', 'sh', 'bash', 'env', 'python3', 'curl', 'ps', 'cat', 'sed'];

/** Verbosities. DEBUG is what libraries listen to. */
const LOUD = { args: ['--debug'], env: { DEBUG: '*' } };

/**
 * Files that are meant to hold a secret: what the operator brought, what plays the servers, and the keys of the
 * certificate in the repository. Everything else that lies anywhere after a run must be clean.
 */
const MEANT: readonly RegExp[] = [
  /^kubeconfig$/,
  /^repo\/config$/,
  /^repo\/secrets\/privkey\.pem$/,
  /^age-key\.txt$/,
  /^sandbox\.json$/,
  /^faults\.json$/,
  // The state database of the Tier-1 stacks.
  /^pg\//,
  /^home\/\.vault-token$/,
];

let sandbox: Sandbox;
afterEach(() => sandbox.stop());

type Watched = { readonly secrets: Secrets; readonly detect: Detector; readonly head: string };

/** A sandbox in which temporary files, arguments and the programs' environment lie below its own folder. */
async function start(): Promise<Watched> {
  sandbox = await startSandbox({ authentik: true });
  await mkdir(join(sandbox.dir, 'tmp'), { mode: 0o700 });
  await mkdir(join(sandbox.dir, 'shims'));
  for (const name of SHIMMED) {
    const real = execFileSync('/bin/sh', ['-c', `command -v ${name} || true`], { encoding: 'utf8' }).trim();
    if (real === '') continue;
    const file = join(sandbox.dir, 'shims', name);
    await writeFile(
      file,
      `#!/bin/sh\nprintf '%s\\n' "${name} $*" >> '${sandbox.dir}/arguments.log'\nexec '${real}' "$@"\n`,
    );
    await chmod(file, 0o755);
  }
  const age = readFileSync(sandbox.ageKeyFile, 'utf8').split('\n')[1] ?? '';
  const secrets: Secrets = {
    ...CANARIES,
    ageIdentity: age,
    woodpeckerJwt: serviceAccountToken('woodpecker', 'default', 'ci'),
    dashboardTokenOfBob: serviceAccountToken('bob', 'dashboard-user', 'dashboard-user-token'),
  };
  return { secrets, detect: makeDetector(secrets), head: git('rev-parse', 'HEAD') };
}

const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-C', sandbox.repo, ...args], { encoding: 'utf8', maxBuffer: 1e8 }).trim();

/** An empty `VAULT_TOKEN` counts as none, for infra and for every program. */
const withoutToken: InfraOptions = { env: { VAULT_TOKEN: '' } };

/** Runs infra with everything that it may leave lying about below the sandbox's folder. */
function run(args: readonly string[], options: InfraOptions = {}): Promise<Ended> {
  const env = {
    TMPDIR: join(sandbox.dir, 'tmp'),
    PATH: `${join(sandbox.dir, 'bin')}:${join(sandbox.dir, 'shims')}:${process.env.PATH ?? ''}`,
    ...options.env,
  };
  return infra(sandbox, args, { ...options, env });
}

const addAlice = (more: readonly string[] = LOUD.args, options: InfraOptions = {}): Promise<Ended> =>
  run([...ADD_ALICE, '--yes', ...more], { ...options, env: { ...LOUD.env, ...options.env } });

/** Everything that a run said, left, committed or handed to a program, as far as it holds a secret. */
function leaks(watched: Watched, ended: Ended, meant: readonly RegExp[] = []): readonly string[] {
  const isMeant = (path: string): boolean => [...MEANT, ...meant].some((pattern) => pattern.test(path));
  return [
    ...watched.detect('stdout', ended.stdout),
    ...watched.detect('stderr', ended.stderr),
    ...watched.detect('commits', git('log', '-p', '--text', `${watched.head}..HEAD`)),
    ...hitsBelow(sandbox.dir, watched.detect, isMeant),
  ];
}

/** The arguments of the stand-ins and of the shimmed programs were recorded: their silence means something. */
function expectRecorded(): void {
  expect(sandbox.calls().map(({ tool }) => tool)).toContain('terragrunt');
  expect(readFileSync(join(sandbox.dir, 'arguments.log'), 'utf8')).toMatch(/^git /m);
}

describe('a run that succeeds leaves no secret anywhere', () => {
  test.each([
    ['by default', [], {}],
    ['with --quiet', ['--quiet'], {}],
    ['with --json', ['--json'], {}],
    ['with --debug, and DEBUG=* for libraries', ['--debug'], LOUD.env],
    ['with --debug --json', ['--debug', '--json'], LOUD.env],
  ])('%s', async (_title, flags, env) => {
    const watched = await start();
    const ended = await run([...ADD_ALICE, '--yes', ...flags], { env });
    expect(ended.status, ended.stderr).toBe(0);
    expect(leaks(watched, ended)).toEqual([]);
    expectRecorded();
    expect(existsSync(join(sandbox.repo, 'state/stacks/vault/terraform.tfstate'))).toBe(false);
  });

  test('the commands that read: list, show, verify, doctor, run, config', async () => {
    const watched = await start();
    for (const words of ['user list', 'user show bob', 'user verify --all', 'doctor', 'run list', 'config show']) {
      const ended = await run([...words.split(' '), '--debug'], { env: LOUD.env });
      expect(leaks(watched, ended), words).toEqual([]);
    }
  });

  test('with the token in ~/.vault-token, which is the only file that holds it', async () => {
    const watched = await start();
    await writeFile(join(sandbox.dir, 'home/.vault-token'), CANARIES.adminToken, { mode: 0o600 });
    const ended = await addAlice(LOUD.args, withoutToken);
    expect(ended.status, ended.stderr).toBe(0);
    expect(leaks(watched, ended)).toEqual([]);
  });
});

describe('a run that fails leaves no secret anywhere', () => {
  const failures: readonly (readonly [title: string, faults: Faults, status: number])[] = [
    ['an apply that fails after the vault stack', { rbac: { applyFailsAfter: 1 } }, 5],
    [
      'a plan that deletes',
      { rbac: { planDelete: ['module.rbac.kubernetes_cluster_role_binding.oidc_ns_owner_readonly["bob"]'] } },
      4,
    ],
    ['a lock that somebody holds', { rbac: { lockedBy: 'carol@laptop' } }, 75],
    ['a plan that fails', { rbac: { planFails: true } }, 2],
    [
      'a plan that fails and tells the connection string',
      {
        rbac: {
          planFails: `parse "postgres://terraform_state:${CANARIES.postgresPassword}@127.0.0.1:x/terraform_state": invalid port`,
        },
      },
      2,
    ],
  ];
  test.each(failures)('%s', async (_title, faults, status) => {
    const watched = await start();
    await sandbox.setFaults(faults);
    const ended = await addAlice(LOUD.args, { env: impatient(sandbox, '300ms') });
    expect(ended.status, ended.stderr).toBe(status);
    expect(leaks(watched, ended)).toEqual([]);
  });

  test('Vault sealed by the apply itself: the readable state is kept for its owner alone, and nothing else', async () => {
    const watched = await start();
    await sandbox.setFaults({ vault: { sealVaultDuringApply: true } });
    const ended = await addAlice();
    expect(ended.status, ended.stderr).toBe(5);
    const kept = 'repo/state/stacks/vault/terraform.tfstate';
    expect(modeOf(join(sandbox.dir, kept))).toBe('600');
    expect(leaks(watched, ended, [new RegExp(`^${kept}$`)])).toEqual([]);
  });

  test('killed in the middle of an apply, then run again', async () => {
    const watched = await start();
    const atLine = { event: 'note', step: 'stack vault', note: 'child-started', do: 'kill' } as const;
    const killed = await addAlice(LOUD.args, { atLine });
    expect(killed.signal, killed.stderr).toBe('SIGKILL');
    const again = await addAlice();
    expect(again.status, again.stderr).toBe(0);
    const ended = { ...again, stdout: killed.stdout + again.stdout, stderr: killed.stderr + again.stderr };
    expect(leaks(watched, ended)).toEqual([]);
  });

  test.each([
    ['Vault', CANARIES.adminToken],
    ['Vault, of which the token is in a file', CANARIES.adminToken],
  ])('an answer of %s that repeats the token', async (title, token) => {
    const watched = await start();
    const isFile = title.includes('file');
    if (isFile) await writeFile(join(sandbox.dir, 'home/.vault-token'), token, { mode: 0o600 });
    sandbox.vault.inject({
      path: '/v1/secret/data/platform',
      status: 400,
      body: { errors: [`header X-Vault-Token: ${token} is not welcome here`] },
    });
    const ended = await addAlice(LOUD.args, isFile ? withoutToken : {});
    expect(ended.status, ended.stderr).toBe(69);
    expect(leaks(watched, ended)).toEqual([]);
  });

  test('an answer of the cluster that repeats its token', async () => {
    const watched = await start();
    sandbox.kubernetes.inject({
      path: '/api/v1/namespaces',
      status: 500,
      body: { kind: 'Status', message: `no such session: ${CANARIES.kubernetesAdminToken}`, code: 500 },
    });
    expect(leaks(watched, await addAlice())).toEqual([]);
  });

  test('an answer of Authentik that repeats its token', async () => {
    const watched = await start();
    sandbox.authentik.inject({ path: '/api/v3/*', status: 500, body: { detail: `bad ${CANARIES.authentikToken}` } });
    expect(leaks(watched, await addAlice())).toEqual([]);
  });
});
