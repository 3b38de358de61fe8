import { liveRisks } from '../guards/live.ts';
import { guardedChanges } from '../guards/run-guard.ts';
import type { ManyContext } from './context.ts';
import type { Planned } from './report.ts';

/** The plans with what the cluster knows about them: see `liveRisks`. Errors: those of `Kubernetes`. */
export async function withLiveGuards(
  context: Pick<ManyContext, 'clients'>,
  plans: readonly Planned[],
): Promise<readonly Planned[]> {
  return await Promise.all(
    plans.map(async (planned): Promise<Planned> => {
      const { report } = planned;
      const changes = report.summary?.changes ?? [];
      const live = await liveRisks(context.clients, changes);
      if (live.size === 0) return planned;
      return { ...planned, report: { ...report, guarded: guardedChanges(report.stack.name, changes, live) } };
    }),
  );
}
