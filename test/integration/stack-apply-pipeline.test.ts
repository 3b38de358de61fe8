import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { serviceAccountToken } from '../../src/sandbox/kubernetes/admission.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts';
import { CANARIES } from '../../src/sandbox/worlds/canaries.ts';
import { documentOf, type PrintedDocument } from '../document.ts';
import { watched } from './user-add/infra.ts';
import { git, onRequest, spans } from './user-add/platform.ts';

const TEMPLATES = join(import.meta.dirname, '../../templates/woodpecker');

type Step = {
  readonly name: string;
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly commands?: readonly string[];
  readonly when?: readonly { readonly event: string; readonly branch?: readonly string[] }[];
};
type Workflow = {
  readonly steps: readonly Step[];
  readonly clone?: { readonly git: { readonly settings: { readonly depth: number } } };
  readonly when?: Step['when'];
};

const textOf = (name: 'infra' | 'application'): string =>
  readFileSync(join(TEMPLATES, name, '.woodpecker.yml'), 'utf8');
const workflow = (name: 'infra' | 'application'): Workflow => parse(textOf(name), { merge: true }) as Workflow;

/** The commands of steps as Woodpecker runs them: one script, `sh -e`. */
function scriptOf(
  name: 'infra' | 'application',
  steps: readonly string[],
): { readonly script: string; readonly environment: Readonly<Record<string, string>> } {
  const found = workflow(name).steps.filter((step) => steps.includes(step.name));
  expect(found.map((step) => step.name)).toEqual(steps);
  return {
    script: found.flatMap(({ commands }) => commands ?? []).join('\n'),
    environment: Object.assign({}, ...found.map(({ environment }) => environment ?? {})),
  };
}

let sandbox: Sandbox;
let workspace: string;
beforeEach(async () => {
  sandbox = await startSandbox();
  workspace = join(sandbox.dir, 'workspace');
});
afterEach(() => sandbox.stop());

/** The token that the step's service account gets from Vault. */
async function ciToken(): Promise<string> {
  const jwt = serviceAccountToken('woodpecker', 'default', 'ci');
  const reply = await fetch(`${sandbox.vault.url}/v1/auth/kubernetes/login`, {
    method: 'POST',
    body: JSON.stringify({ role: 'ci', jwt }),
  });
  return ((await reply.json()) as { readonly auth: { readonly client_token: string } }).auth.client_token;
}

/** A commit on the remote's branch; returns the one before and itself. */
function pushed(
  files: Readonly<Record<string, string>>,
  message = 'A change',
): { readonly before: string; readonly commit: string } {
  const before = git(sandbox, ['rev-parse', 'HEAD']);
  for (const [path, text] of Object.entries(files)) appendFileSync(join(sandbox.repo, path), text);
  git(sandbox, ['commit', '-q', '-a', '-m', message]);
  git(sandbox, ['push', '-q', 'origin', 'master']);
  return { before, commit: git(sandbox, ['rev-parse', 'HEAD']) };
}

/** Woodpecker's clone: depth 50, the commit checked out, no branch. */
function cloned(commit: string): void {
  mkdirSync(workspace);
  const run = (...args: readonly string[]) => git({ ...sandbox, repo: workspace }, args);
  run('init', '-q', '-b', 'master');
  run('remote', 'add', 'origin', sandbox.origin);
  run('fetch', '-q', '--depth', '50', `file://${sandbox.origin}`, '+refs/heads/*:refs/remotes/origin/*');
  run('-c', 'advice.detachedHead=false', 'checkout', '-q', commit);
  expect(run('branch', '--show-current')).toBe('');
}

type StepRun = { readonly status: number | null; readonly stderr: string; readonly document: PrintedDocument };

/** Runs a step: `sh -e` in the workspace, HOME empty, no terminal, Woodpecker's environment and nothing else. */
async function step(
  given: { readonly script: string; readonly environment: Readonly<Record<string, string>> },
  env: Readonly<Record<string, string>>,
  onStart?: (child: ReturnType<typeof spawn>) => void,
): Promise<StepRun> {
  const home = join(sandbox.dir, 'empty-home');
  mkdirSync(home, { recursive: true });
  const { VAULT_ADDR, KUBECONFIG, INFRA_SANDBOX_DIR, PATH } = sandbox.env;
  const child = spawn('/bin/sh', ['-e', '-c', given.script], {
    cwd: workspace,
    env: {
      ...{ VAULT_ADDR, KUBECONFIG, INFRA_SANDBOX_DIR, PATH, INFRA_LOOPBACK_ONLY: '1', TZ: 'UTC' },
      ...watched(sandbox),
      VAULT_TOKEN: await ciToken(),
      CI: 'woodpecker',
      CI_PIPELINE_EVENT: 'push',
      CI_FORGE_URL: 'https://forgejo.example.com',
      ...given.environment,
      HOME: home,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onStart?.(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (stdout === '') throw new Error(`no document, status ${status}: ${stderr}`);
  return { status, stderr, document: documentOf(stdout) };
}

describe('templates/woodpecker', () => {
  it.each(['infra', 'application'] as const)(
    '%s: parses, has no braced variable, and clones no further than 50 commits',
    (name) => {
      const { steps, clone } = workflow(name);
      expect(steps.length).toBeGreaterThan(1);
      for (const { name: title, image, commands } of steps) {
        expect([title, image].every((text) => typeof text === 'string')).toBe(true);
        expect((commands ?? []).join('\n')).not.toMatch(/\$\{/);
      }
      expect(name === 'infra' ? clone?.git.settings.depth : textOf(name).includes('--depth 50')).toBeTruthy();
    },
  );

  it('plans pull requests only, and applies pushes to the default branch only', () => {
    const of = (name: string) => workflow('infra').steps.find((each) => each.name === name)?.when;
    expect(of('plan')).toEqual([{ event: 'pull_request' }]);
    expect(of('apply')).toEqual([{ event: 'push', branch: ['master', 'main'] }]);
    expect(workflow('application').when).toEqual([{ event: 'push', branch: ['master', 'main'] }]);
  });
});

describe('a step of the infra repository', () => {
  it('applies what the push touches: detached, shallow, no terminal, empty HOME; a second run has nothing to do', async () => {
    const { before, commit } = pushed({ 'stacks/rbac/main.tf': '\n# changed\n' });
    cloned(commit);
    await sandbox.setFaults({ rbac: { drift: true } });
    const run = await step(scriptOf('infra', ['prepare', 'apply']), {
      CI_PREV_COMMIT_SHA: before,
      CI_COMMIT_SHA: commit,
    });
    expect(run.document).toMatchObject({ status: 'ok', result: 'applied', chosen: 'affected', notApplied: [] });
    expect(run.document.stacks).toMatchObject([{ stack: 'rbac', state: 'applied' }]);
    expect(run.stderr).not.toContain('\u001b');
    await sandbox.setFaults({});
    const again = await step(scriptOf('infra', ['prepare', 'apply']), { CI_PREV_COMMIT_SHA: before });
    expect(again.document).toMatchObject({ status: 'ok', result: 'nothing-to-change' });
  });

  it('leaves a stack that administers Vault to a person, names it, and ends with 1', async () => {
    const { before, commit } = pushed({
      'stacks/rbac/main.tf': '\n# changed\n',
      'stacks/vault/main.tf': '\n# changed\n',
    });
    cloned(commit);
    await sandbox.setFaults({ rbac: { drift: true }, vault: { drift: true } });
    const run = await step(scriptOf('infra', ['prepare', 'apply']), { CI_PREV_COMMIT_SHA: before });
    expect([run.status, run.document.status]).toEqual([1, 'warn']);
    expect(run.document).toMatchObject({ result: 'applied', notApplied: ['vault'] });
    expect(run.document.leftOut).toMatchObject([
      { stack: 'vault', reason: expect.stringContaining('a person applies it') },
    ]);
    expect(spans(sandbox).filter(({ stack }) => stack === 'vault')).toEqual([]);
  });

  it.each([
    ['[ci skip] in the commit', { CI_COMMIT_MESSAGE: 'Only words [CI SKIP]' }, 'the commit says [ci skip]'],
    ['a pipeline of the mirror', { CI_FORGE_URL: 'https://github.com' }, 'this pipeline belongs to github.com'],
  ])('applies nothing for %s, says so, and is fine', async (_what, env, reason) => {
    const { before, commit } = pushed({ 'stacks/rbac/main.tf': '\n# changed\n' });
    cloned(commit);
    const run = await step(scriptOf('infra', ['prepare', 'apply']), { CI_PREV_COMMIT_SHA: before, ...env });
    expect([run.status, run.document.result]).toEqual([0, 'skipped']);
    expect(run.document.skipped).toContain(reason);
    expect(spans(sandbox)).toEqual([]);
  });

  it('pushes the state that an apply changed, and the pipeline of that commit finds nothing to apply: no loop', async () => {
    const push = '\nstacks:\n  tier0: { push: true, remote: origin, branch: master }\n';
    const { before, commit } = pushed({ 'stacks/infra/main.tf': '\n# changed\n', 'infra.yaml': push });
    cloned(commit);
    await sandbox.setFaults({ infra: { drift: true } });
    // The sandbox's pipeline may not use the keys of states; this one may.
    const VAULT_TOKEN = CANARIES.adminToken;
    const run = await step(scriptOf('infra', ['prepare', 'apply']), { CI_PREV_COMMIT_SHA: before, VAULT_TOKEN });
    expect(run.document).toMatchObject({ exitStatus: 0, stacks: [{ stack: 'infra', state: 'applied' }] });
    const head = git(sandbox, ['rev-parse', 'refs/heads/master'], true);
    const message = git(sandbox, ['log', '-1', '--format=%B', head], true);
    expect(message).toMatch(/^state\(infra\): update encrypted state\n\ninfra run [0-9a-f]+$/);
    expect(git(sandbox, ['diff', '--name-only', commit, head], true)).toBe('state/stacks/infra/terraform.tfstate.enc');

    rmSync(workspace, { recursive: true });
    cloned(head);
    const env = { CI_PREV_COMMIT_SHA: commit, CI_COMMIT_SHA: head, CI_COMMIT_MESSAGE: message, VAULT_TOKEN };
    const next = await step(scriptOf('infra', ['prepare', 'apply']), env);
    expect(next.document).toMatchObject({ status: 'ok', result: 'nothing-to-change', stacks: [], plans: [] });
    expect(git(sandbox, ['rev-parse', 'refs/heads/master'], true)).toBe(head);
  });

  it('plans a pull request and writes nothing', async () => {
    const { before, commit } = pushed({ 'stacks/rbac/main.tf': '\n# changed\n' });
    cloned(commit);
    await sandbox.setFaults({ rbac: { drift: true } });
    const run = await step(scriptOf('infra', ['prepare', 'plan']), { CI_PREV_COMMIT_SHA: before });
    expect(run.document).toMatchObject({ command: 'stack plan', status: 'ok', planned: { changes: 1 } });
    expect(git({ ...sandbox, repo: workspace }, ['status', '--porcelain'])).toBe('');
  });

  it('ends in order when Woodpecker stops it: terraform finishes, the document is whole, 143', async () => {
    const { before, commit } = pushed({ 'stacks/rbac/main.tf': '\n# changed\n' });
    cloned(commit);
    await sandbox.setFaults({ rbac: { drift: true, slowApplyMs: 300 } });
    const { script, environment } = scriptOf('infra', ['prepare', 'apply']);
    // Woodpecker signals the step's first process; `exec` makes that infra, as an image's entrypoint would.
    const run = await step(
      { script: script.replace(/^infra /m, 'exec infra '), environment },
      { CI_PREV_COMMIT_SHA: before },
      (child) => {
        onRequest(sandbox.kubernetes, 'PUT /apis/rbac.authorization.k8s.io', () => child.kill('SIGTERM'));
      },
    );
    expect([run.status, run.document.status]).toEqual([143, 'sigterm']);
    const [applied] = spans(sandbox).filter(({ stack, argv }) => stack === 'rbac' && argv.includes('apply'));
    expect(applied?.end).toEqual(expect.any(Number));
    expect(existsSync(join(sandbox.dir, 'pg/rbac.lock'))).toBe(false);
  });
});

describe('a step of an application repository', () => {
  it('applies the stack of its own name from a clone of the infra repository', async () => {
    mkdirSync(workspace);
    writeFileSync(join(workspace, 'Dockerfile'), 'FROM scratch\n');
    await sandbox.setFaults({ woodpecker: { drift: true } });
    const { script, environment } = scriptOf('application', ['apply']);
    const run = await step(
      { script, environment: { ...environment, INFRA_CLONE: `file://${sandbox.origin}` } },
      { CI_REPO_NAME: 'woodpecker' },
    );
    expect(run.document).toMatchObject({ status: 'ok', result: 'applied', chosen: 'named' });
    expect(run.document.stacks).toMatchObject([{ stack: 'woodpecker', state: 'applied' }]);
  });
});
