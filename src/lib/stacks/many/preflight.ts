import { InfraError, isInfraError, worstStatus } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { StackDeps } from '../deps.ts';
import type { PreflightAnswer } from '../preflight/answer.ts';
import { passed, stopped } from '../preflight/answer.ts';
import { preflightStacks } from '../preflight/preflight.ts';
import { proveSameCluster, proveSameVault } from '../preflight/same-target.ts';
import type { Stack } from '../stack.ts';
import type { ManyContext } from './context.ts';

/**
 * What can stop the whole run and is known without planning: checkout, tools; before an apply also the place for Tier-0
 * state, and the proof that infra talks to what the stacks talk to. Each answer is reported; the guards of the
 * repository run with each plan. Errors: those of the answers, as one.
 */
export async function preflightMany(
  context: ManyContext,
  deps: StackDeps,
  stacks: readonly Stack[],
  isApply: boolean,
): Promise<readonly Finding[]> {
  const asked = await Promise.all([
    preflightStacks(deps, stacks, context.interrupt, { tier0: isApply, guards: false }),
    ...(isApply ? [sameTarget(context)] : []),
  ]);
  const answers = asked.flat();
  for (const { finding } of answers) context.onEvent({ type: 'check', finding });
  const errors = answers.flatMap(({ error }) => (error === undefined ? [] : [error]));
  const [first] = errors;
  if (first !== undefined) throw errors.length === 1 ? first : asOne(errors, first);
  return answers.map(({ finding }) => finding);
}

async function sameTarget(context: ManyContext): Promise<readonly PreflightAnswer[]> {
  const deps = { clients: context.clients, site: context.site, ...context.elsewhere };
  try {
    const told = await Promise.all([proveSameVault(deps), proveSameCluster(deps)]);
    return [passed('stack.same-target', 'same platform', told.join('; '))];
  } catch (error) {
    if (!isInfraError(error)) throw error;
    return [stopped('stack.same-target', 'same platform', error)];
  }
}

function asOne(errors: readonly InfraError[], first: InfraError): InfraError {
  const status = worstStatus(errors.map((error) => error.status));
  const message = `${errors.length} checks failed before anything was planned: ${errors.map((error) => error.message).join(' ')}`;
  return new InfraError(first.code, status, message, {
    hints: [...new Set(errors.flatMap((error) => error.hints))],
    violations: errors.map(({ code, message: text }) => ({ code, message: text })),
    cause: first,
    nothingChanged: true,
  });
}
