import { InfraError } from '../../errors.ts';
import type { RunRecord } from '../../operation/journal.ts';
import type { StackDeps } from '../deps.ts';
import type { PlanSummary, Stack } from '../stack.ts';

/** What says that a stack was applied before: its encrypted state in git, or one of `runs`, the journals of this machine. */
export async function appliedBefore(
  deps: Pick<StackDeps, 'clients' | 'site'>,
  stack: Stack,
  runs: readonly RunRecord[],
): Promise<readonly string[]> {
  const { clients, site } = deps;
  const root = site.root.value;
  const seen: string[] = [];
  if (stack.tier === 0) {
    const path = `${site.stacks.tier0.stateFolder.value}/${stack.name}/terraform.tfstate.enc`;
    const head = await clients.git.head(root);
    const known = head === undefined ? {} : await clients.git.objectIds(root, head, [path]);
    if (path in known) seen.push('its encrypted state is in git');
  }
  const run = runs.find(
    ({ header, lines }) =>
      header.site === root &&
      lines.some((line) => line.event === 'step-applied' && line.step === `stack ${stack.name}`),
  );
  if (run !== undefined) seen.push(`run ${run.header.id} applied it`);
  return seen;
}

/**
 * The refusal of a plan that would build everything a second time: its state is empty although `seen` says that the
 * stack was applied. No flag lifts it. A stack of which nothing is known is applied for the first time.
 */
export function stateLost(stack: string, summary: PlanSummary, seen: readonly string[]): InfraError | undefined {
  const creates = summary.changes.some((change) => change.class === 'create');
  if (seen.length === 0 || summary.priorResources > 0 || !creates) return undefined;
  return new InfraError(
    'stack.state-lost',
    'refused',
    `Planned ${stack}: its state holds no resource, although it was applied before (${seen.join('; ')}). Its state seems lost; applying would build everything a second time.`,
    {
      hints: [
        `Compare with the last good state: git log -- state/stacks/${stack} (Tier 0) or the database's backup (Tier 1).`,
        'If its objects are gone on purpose: terragrunt apply by hand, once.',
      ],
      nothingChanged: true,
    },
  );
}
