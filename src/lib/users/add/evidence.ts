import { listRuns } from '../../operation/journal.ts';
import type { ExpectedObject } from '../expected-object.ts';
import type { AddContext } from './request.ts';

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
