import { InfraError } from '../../errors.ts';
import type { Baseline } from './baseline.ts';
import { standingDrift } from './baseline.ts';
import type { Surroundings } from './preflight.ts';
import type { AddContext, AddOverview, AddRequest } from './request.ts';

/** What will be done, from what was read. Pure. */
export function overviewOf(
  context: AddContext,
  request: AddRequest,
  around: Surroundings,
  baseline: Baseline,
): AddOverview {
  const { users } = context.site.vault;
  const { order, edit, document } = around;
  const row = ({ stack, reason }: (typeof order.apply)[number]) => ({ stack: stack.name, reason, tier: stack.tier });
  return {
    diff: edit.diff,
    usersBefore: document.users.size,
    path: users.path.value,
    key: users.key.value,
    alreadyWritten: edit.state === 'same',
    order: request.noApply ? [] : order.apply.map(row),
    leftOut: request.noApply ? [] : order.leftOut.map(row),
    standingDrift: standingDrift(baseline),
    notes: [...order.warnings, ...notesFor(request)],
  };
}

function notesFor(request: AddRequest): readonly string[] {
  switch (request.user.entry.role) {
    case 'namespace-owner':
      return ['A namespace-owner becomes a Woodpecker admin, who can run pipelines as cluster admin.'];
    case 'admin':
      return ['An admin is bound to cluster-admin.'];
    case 'power-user':
      return [];
  }
}

/**
 * The one question, unless --yes answers it. Errors: `users.not-confirmed` (4) when the answer is no, or nobody can be asked.
 */
export async function confirmMain(context: AddContext, request: AddRequest): Promise<void> {
  if (request.yes) return;
  const { prompt } = context.clients;
  if (prompt.available && (await prompt.confirm('Go on?'))) return;
  const why = prompt.available ? 'You said no.' : 'There is no terminal to ask on, and --yes was not given.';
  throw new InfraError('users.not-confirmed', 'refused', `${why} Nothing was changed.`, {
    hints: prompt.available ? [] : ['Add --yes, or look first with --dry-run.'],
  });
}
