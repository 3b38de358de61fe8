import type { RunRecord } from '../../operation/journal.ts';
import { listRuns } from '../../operation/journal.ts';
import type { AppliedBefore } from '../../stacks/guards/plan-guard.ts';
import type { Stack } from '../../stacks/stack.ts';
import type { ExpectedObject } from '../expected-object.ts';
import type { AddContext } from './request.ts';

/** What is known about earlier applies of a stack: an encrypted state in git, or one of `runs`, the journals of this machine. */
export async function appliedBefore(
  context: AddContext,
  stack: Stack,
  runs: readonly RunRecord[],
): Promise<AppliedBefore> {
  const { clients, site } = context;
  const root = site.root.value;
  const seen: string[] = [];
  if (stack.tier === 0) {
    const path = `${site.stacks.tier0.stateFolder.value}/${stack.name}/terraform.tfstate.enc`;
    const head = await clients.git.head(root);
    const known = head === undefined ? {} : await clients.git.objectIds(root, head, [path]);
    if (path in known) seen.push('its encrypted state is in git');
  }
  const run = runs.find(
    (record) =>
      record.header.site === root &&
      record.lines.some((line) => line.event === 'step-applied' && line.step === `stack ${stack.name}`),
  );
  if (run !== undefined) seen.push(`run ${run.header.id} applied it`);
  return { seen };
}

/** Whether a run of this machine has begun to apply a stack of this repository since `since` (ISO time), apart from `runId`. */
export async function appliedSince(context: AddContext, since: string): Promise<string | undefined> {
  const records = await listRuns(context.clients, context.stateFolder);
  const other = records.find(
    (record) =>
      record.header.id !== context.runId &&
      record.header.site === context.site.root.value &&
      record.lines.some(
        (line) => line.event === 'step-applying' && line.step?.startsWith('stack ') && line.at >= since,
      ),
  );
  return other?.header.id;
}

/** The objects whose absence proves that no stack has seen the entry: everything that stacks make for it. */
export function stackMade(objects: readonly ExpectedObject[]): readonly ExpectedObject[] {
  return objects.filter((object) => object.stack !== undefined);
}
