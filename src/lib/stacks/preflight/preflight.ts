import { resolve } from 'node:path';
import { InfraError, isInfraError } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { StackDeps } from '../deps.ts';
import type { Stack } from '../stack.ts';
import type { PreflightAnswer } from './answer.ts';
import { passed, stopped } from './answer.ts';
import { assertKubeconfig, assertUnlocked } from './checkout.ts';
import { runGuardScripts } from './guard-scripts.ts';
import { assertSourcesResolve } from './terragrunt-source.ts';
import { assertTier0Ready } from './tier0.ts';

/** What is asked. Commands over many stacks run the guards with each plan, and what only plans needs no place for states. */
export type PreflightScope = { readonly tier0: boolean; readonly guards: boolean };

/**
 * Everything that can stop these stacks and is known without planning them, asked in parallel; every answer is shown.
 * Failing to ask is an answer that stops. Never throws an InfraError.
 */
export async function preflightStacks(
  deps: StackDeps,
  stacks: readonly Stack[],
  signal?: AbortSignal,
  scope: PreflightScope = { tier0: true, guards: true },
): Promise<readonly PreflightAnswer[]> {
  const { clients, site } = deps;
  const native = site.stacks.run.value === 'native';
  const tier0 = scope.tier0 ? stacks.filter((stack) => stack.tier === 0) : [];
  const first = stacks[0];
  return Promise.all([
    ask('stack.checkout', 'checkout', async () => {
      await assertUnlocked(clients, site);
      await assertKubeconfig(clients, site);
      return 'readable (no git-crypt ciphertext), kubeconfig in place';
    }),
    ask('stack.tools', 'tools', async () => {
      if (!native) return assertWrapper(deps);
      if (first === undefined) return 'no stack to run';
      const versions = await clients.terragrunt.versions(first.folder);
      await assertSourcesResolve(clients, site, stacks, versions);
      return `terragrunt ${versions.terragrunt}, ${versions.tool} ${versions.toolVersion}`;
    }),
    ...(tier0.length === 0
      ? []
      : [
          ask('stack.tier0', 'Tier-0 state', async () => {
            const warning = await assertTier0Ready(deps, tier0, signal);
            return (
              warning ??
              `${tier0.map((stack) => stack.name).join(', ')}: not behind upstream${native ? ', sops is there' : ''}`
            );
          }),
        ]),
    ...(scope.guards && native && site.stacks.guards.value.length > 0
      ? stacks.map((stack) =>
          ask(
            'stack.guards',
            `guards of ${stack.name}`,
            async () => `${(await runGuardScripts(deps, stack)).length} scripts passed`,
          ),
        )
      : []),
  ]);
}

async function assertWrapper(deps: StackDeps): Promise<string> {
  const { wrapper } = deps.site.stacks;
  const path = resolve(deps.site.root.value, wrapper.value);
  const info = await deps.clients.files.info(path);
  if (info !== undefined && (info.kind === 'link' || (info.mode & 0o111) !== 0)) return `runs by ${wrapper.value}`;
  throw new InfraError(
    'stack.no-wrapper',
    'config',
    `stacks.run is wrapper (${deps.site.stacks.run.source}), but ${path} ${info === undefined ? 'does not exist' : 'may not be executed'}.`,
    {
      hints: ['infra.yaml: stacks: { run: native }'],
    },
  );
}

async function ask(id: string, title: string, question: () => Promise<string | Finding>): Promise<PreflightAnswer> {
  try {
    const answer = await question();
    return typeof answer === 'string' ? passed(id, title, answer) : { finding: answer };
  } catch (error) {
    if (!isInfraError(error)) throw error;
    return stopped(id, title, error);
  }
}
