import { statSync } from 'node:fs';
import { type CommandLine, durationMs } from './arguments.ts';
import { Diagnosed } from './failure.ts';
import { readFaults } from './faults.ts';
import { takeLock } from './lock.ts';
import { readPlan } from './plan-file.ts';
import { addressOf } from './resource.ts';
import { applyVerb } from './run-apply.ts';
import { absolute, connect, currentState, type Env, planVerb } from './run-plan.ts';
import { showPlan, showState } from './show.ts';
import { formatState, readState, TOFU_VERSION, writeState } from './state.ts';
import type { Output, View } from './view.ts';
import { checkBackend, openWorkspace, type Workspace } from './workspace.ts';

/** What a verb runs with. `interrupt.count` grows with every SIGINT or SIGTERM. */
export type Run = {
  readonly line: CommandLine;
  readonly folder: string;
  readonly env: Env;
  readonly view: View;
  readonly output: Output;
  readonly interrupt: { readonly count: number };
};

/** Runs one verb of tofu in a unit and returns its exit status. Errors: Diagnosed. */
export async function runVerb(run: Run): Promise<number> {
  const { line, output } = run;
  switch (line.verb) {
    case 'version':
      output.out(versionText(line.flags.has('json')));
      return 0;
    case 'init':
      return init(run);
    case 'plan':
    case 'apply':
      return locked(run);
    case 'show':
      return show(run);
    case 'validate':
      output.out(line.flags.has('json') ? VALID : 'Success! The configuration is valid.\n');
      return 0;
    case 'force-unlock':
      return forceUnlock(run);
    default:
      return stateVerb(run);
  }
}

/** What `tofu version` prints. */
export function versionText(json: boolean): string {
  if (!json) return `OpenTofu v${TOFU_VERSION}\non linux_amd64\n`;
  return `${JSON.stringify({ terraform_version: TOFU_VERSION, platform: 'linux_amd64', provider_selections: {} }, undefined, 2)}\n`;
}

/** What `tofu validate -json` prints of a configuration without faults. */
const VALID = `${JSON.stringify({ format_version: '1.0', valid: true, error_count: 0, warning_count: 0, diagnostics: [] }, undefined, 2)}\n`;

function init({ line, folder, env, output }: Run): number {
  if (line.flags.get('backend') !== 'false') checkBackend(openWorkspace(folder, env), env);
  output.out(
    '\nInitializing the backend...\n\nInitializing provider plugins...\n\nOpenTofu has been successfully initialized!\n',
  );
  return 0;
}

async function locked(run: Run): Promise<number> {
  const { line, env, view, interrupt } = run;
  const workspace = openWorkspace(run.folder, env);
  checkBackend(workspace, env);
  checkKubeconfig(workspace);
  const outside = connect(workspace, env);
  const release =
    line.flags.get('lock') === 'false'
      ? () => undefined
      : await takeLock(workspace, {
          operation: line.verb === 'plan' ? 'OperationTypePlan' : 'OperationTypeApply',
          timeoutMs: durationMs(line.flags.get('lock-timeout') ?? timeoutFromEnv(env, line.verb)),
          applicationName: env.PGAPPNAME ?? '',
          faults: () => readFaults(workspace.sandboxDir, workspace.stack),
          onWait: view.lockWait,
        });
  try {
    if (line.verb === 'plan') return await planVerb(workspace, line, outside, view);
    return await applyVerb(workspace, line, outside, view, () => interrupt.count > 0);
  } finally {
    release();
  }
}

/** terragrunt always hands the kubeconfig of the repository to the provider. Errors: Diagnosed when it is not there. */
function checkKubeconfig(workspace: Workspace): void {
  try {
    statSync(`${workspace.repo}/config`);
  } catch {
    // The provider's words for a config_path that does not exist.
    throw new Diagnosed(
      `'config_path' refers to an invalid path: "${workspace.repo}/config": stat ${workspace.repo}/config: no such file or directory`,
    );
  }
}

function timeoutFromEnv(env: Env, verb: string): string | undefined {
  return /-lock-timeout=(\S+)/.exec(`${env.TF_CLI_ARGS ?? ''} ${env[`TF_CLI_ARGS_${verb}`] ?? ''}`)?.[1];
}

function show({ line, folder, env, output }: Run): number {
  const workspace = openWorkspace(folder, env);
  const file = line.positional[0];
  if (file === undefined) checkBackend(workspace, env);
  const shown = file === undefined ? showState(currentState(workspace)) : showPlan(readPlan(absolute(workspace, file)));
  output.out(`${JSON.stringify(shown, undefined, line.flags.has('json') ? undefined : 2)}\n`);
  return 0;
}

function forceUnlock({ line, folder, env, output }: Run): number {
  const workspace = openWorkspace(folder, env);
  if (workspace.tier === 0) throw new Diagnosed('Failed to unlock state: LocalState not locked');
  output.out(
    `OpenTofu state has been successfully unlocked!\n\nThe state has been unlocked, and OpenTofu commands should now be able to\nobtain a new lock on the remote state.\n`,
  );
  return line.positional.length === 1 ? 0 : 1;
}

function stateVerb({ line, folder, env, output }: Run): number {
  const workspace = openWorkspace(folder, env);
  checkBackend(workspace, env);
  const lost = readFaults(workspace.sandboxDir, workspace.stack).stateLost === true;
  const state = lost ? undefined : readState(workspace.stateFile);
  switch (line.verb) {
    case 'state pull':
      if (state !== undefined) output.out(formatState(state, 0));
      return 0;
    case 'state list':
      if (state === undefined) throw new Diagnosed('No state file was found!');
      output.out([...state.resources.values()].map((resource) => `${addressOf(resource)}\n`).join(''));
      return 0;
    case 'state rm': {
      if (state === undefined) throw new Diagnosed('No state file was found!');
      const left = new Map([...state.resources].filter(([address]) => !line.positional.includes(address)));
      writeState(workspace.stateFile, { ...state, serial: state.serial + 1, resources: left });
      output.out(`Successfully removed ${state.resources.size - left.size} resource instance(s).\n`);
      return 0;
    }
    case 'output':
      output.out(line.flags.has('json') ? `${JSON.stringify(state?.outputs ?? {}, undefined, 2)}\n` : '');
      return 0;
    default:
      throw new Diagnosed(`OpenTofu has no command named "${line.verb}".`);
  }
}
