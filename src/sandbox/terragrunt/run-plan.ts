import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { sendOver } from '../http/client.ts';
import type { Send } from '../http/exchange.ts';
import type { CommandLine } from './arguments.ts';
import type { Outside } from './drivers.ts';
import { Diagnosed } from './failure.ts';
import { readFaults } from './faults.ts';
import { MODELS } from './models/catalogue.ts';
import type { Evaluated, Evaluation } from './models/model.ts';
import { decodeUsers } from './models/users.ts';
import { computePlan, hasChanges, type Plan } from './plan.ts';
import { writePlan } from './plan-file.ts';
import { vaultRequest } from './providers/vault.ts';
import type { StateResource } from './resource.ts';
import { newState, readState, type State } from './state.ts';
import type { View } from './view.ts';
import type { Workspace } from './workspace.ts';

/** The environment of a process. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The providers' connections: Vault with the caller's token, the cluster with the repository's kubeconfig. Errors: Diagnosed. */
export function connect(workspace: Workspace, env: Env): Outside {
  const { kubernetes, cloudflare } = workspace.sandbox;
  return {
    vault: sendOver(env.VAULT_ADDR ?? workspace.sandbox.vault.url, { 'x-vault-token': vaultToken(env) }),
    kubernetes: sendOver(kubernetes.url, { authorization: `Bearer ${kubernetes.token}` }),
    cloudflare: sendOver(cloudflare.url, { authorization: `Bearer ${cloudflare.token}` }),
  };
}

/** Plans a stack against the world as it is. Errors: Diagnosed. */
export async function planStack(workspace: Workspace, outside: Outside, view: View, state: State): Promise<Plan> {
  const faults = readFaults(workspace.sandboxDir, workspace.stack);
  if (faults.planFails !== undefined && faults.planFails !== false) {
    const summary = typeof faults.planFails === 'string' ? faults.planFails : 'Unsupported argument';
    throw new Diagnosed(summary, 'An argument named "sandbox" is not expected here.');
  }
  const wanted = await evaluate(workspace, outside);
  return computePlan(wanted, state, outside, faults, view.refreshed);
}

/** The state of a stack; an empty one when it was never applied, or is lost. */
export function currentState(workspace: Workspace): State {
  const lost = readFaults(workspace.sandboxDir, workspace.stack).stateLost === true;
  return (lost ? undefined : readState(workspace.stateFile)) ?? newState();
}

/** The `plan` verb: plans, tells, saves. Returns the exit status. Errors: Diagnosed. */
export async function planVerb(workspace: Workspace, line: CommandLine, outside: Outside, view: View): Promise<number> {
  const state = currentState(workspace);
  const out = line.flags.get('out');
  const plan = onlyTargets(await planStack(workspace, outside, view, state), line);
  view.planned(plan.changes);
  const file = typeof out === 'string' ? out : undefined;
  view.planSummary(plan.changes, file);
  if (file !== undefined) {
    writePlan(absolute(workspace, file), {
      stack: workspace.stack,
      plan,
      prior: state,
      errored: false,
      createdAt: new Date().toISOString(),
    });
  }
  return line.flags.has('detailed-exitcode') && hasChanges(plan) ? 2 : 0;
}

/** A path as given, or below the unit's folder. */
export function absolute(workspace: Workspace, file: string): string {
  return file.startsWith('/') ? file : join(workspace.folder, file);
}

/** Evaluates the configuration of a stack; Vault must answer and the token must be good, whatever the stack. */
export async function evaluate(
  workspace: Pick<Workspace, 'stack' | 'repo' | 'sandbox'>,
  outside: Outside,
): Promise<Evaluated> {
  const self = await vaultRequest(outside.vault, 'GET', 'failed to lookup token, err', 'auth/token/lookup-self');
  if (self === undefined) throw new Diagnosed('failed to lookup token, err=not found');
  const secret = await vaultRequest(outside.vault, 'GET', 'error reading from Vault', 'secret/data/platform');
  const platform = secret?.data as Readonly<Record<string, unknown>> | null | undefined;
  if (platform === undefined || platform === null) throw new Diagnosed('no secret found at "secret/data/platform"');
  const model = MODELS[workspace.stack] ?? (async () => ({ resources: [], data: [] }));
  const evaluation: Evaluation = {
    users: () => decodeUsers(platform.k8s_users),
    outside,
    certificate: readCertificate(workspace.repo),
    shape: workspace.sandbox.shape,
    platformKey: (key) => String(platform[key] ?? ''),
  };
  const evaluated = await model(evaluation);
  const read: StateResource = {
    mode: 'data',
    type: 'vault_kv_secret_v2',
    name: 'cf_platform',
    attributes: { data: platform, id: 'secret/data/platform', mount: 'secret', name: 'platform' },
    sensitive: ['data'],
  };
  return { resources: evaluated.resources, data: [read, ...evaluated.data] };
}

function readCertificate(repo: string): Evaluation['certificate'] {
  const read = (name: string) => readFileSync(join(repo, 'secrets', name), 'utf8');
  return { certificate: read('fullchain.pem'), key: read('privkey.pem') };
}

function vaultToken(env: Env): string {
  const given = env.VAULT_TOKEN ?? '';
  if (given !== '') return given;
  try {
    return readFileSync(join(env.HOME ?? homedir(), '.vault-token'), 'utf8').trim();
  } catch {
    // The provider's own words for a missing file and a missing variable.
    throw new Diagnosed('no vault token set on Client');
  }
}

function onlyTargets(plan: Plan, line: CommandLine): Plan {
  const target = line.flags.get('target');
  if (typeof target !== 'string') return plan;
  return { ...plan, changes: plan.changes.filter((change) => change.address.startsWith(target)) };
}

/** Seals Vault as an operator would, in the middle of an apply. */
export function sealer(workspace: Workspace): () => Promise<void> {
  const root: Send = sendOver(workspace.sandbox.vault.url, { 'x-vault-token': workspace.sandbox.vault.rootToken });
  return async () => {
    await root('PUT', '/v1/sys/seal');
  };
}
