import type { Clients } from '../../clients/clients.ts';
import type { RunRecord } from '../../operation/journal.ts';
import type { Site } from '../../site/site.ts';
import type { Stack } from '../stack.ts';
import { statePaths } from '../tier0/state-file.ts';
import type { AppliedBefore } from './plan-guard.ts';

/**
 * What shows that a stack was applied before, so that an empty state means a lost one: its encrypted state is in git, or
 * a journal of this machine tells of an apply of it.
 */
export async function appliedBefore(
  clients: Pick<Clients, 'git'>,
  site: Site,
  stack: Stack,
  journals: readonly RunRecord[] = [],
): Promise<AppliedBefore> {
  const seen: string[] = [];
  if (stack.tier === 0) {
    const path = statePaths(site, stack.name).encryptedInGit;
    const found = await clients.git.objectIds(site.root.value, 'HEAD', [path]);
    if (found[path] !== undefined) seen.push(`${path} is in git`);
  }
  const run = journals.find(
    ({ header, lines }) =>
      header.site === site.root.value &&
      lines.some((line) => line.event === 'step-applied' && line.step === `stack ${stack.name}`),
  );
  if (run !== undefined) seen.push(`run ${run.header.id} applied it`);
  return { seen };
}
