import { fieldsOf } from '../../plan/nested.ts';
import type { ResourceChange } from '../../plan/plan-document.ts';
import type { Risk } from '../../stack.ts';

/**
 * A Job that is created runs: a one-shot import that had been cleaned up was made again by an apply weeks later, read
 * everything once more and took the storage down with it. CronJobs only run by their schedule.
 */
export function jobRisk({ type, change }: ResourceChange): Risk | undefined {
  const manifest = fieldsOf(fieldsOf(change.after).manifest);
  const isJob = /^kubernetes_job(_v1)?$/.test(type) || (type === 'kubernetes_manifest' && manifest.kind === 'Job');
  if (!isJob || !change.actions.includes('create') || change.actions.includes('delete')) return undefined;
  return { code: 'stack.job-create', because: 'a Job runs when it is created, also one that ran before' };
}
