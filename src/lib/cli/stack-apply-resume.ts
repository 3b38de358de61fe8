import { InfraError } from '../errors.ts';
import type { RunRecord } from '../operation/journal.ts';
import { listRuns } from '../operation/journal.ts';
import type { Site } from '../site/site.ts';
import { discoverStacks } from '../stacks/discover.ts';
import type { ApplyRequest } from '../stacks/many/apply-request.ts';
import type { Chosen } from '../stacks/many/context.ts';
import { newestOpen, stacksToResume } from '../stacks/many/earlier-apply.ts';
import type { Context } from './context.ts';

/** The answers of a resume, given anew. */
export type ResumeAnswers = Pick<ApplyRequest, 'allowed' | 'yes' | 'acceptReplans'>;

/** The request that goes on with a run. Errors: those of `stacksToResume`; `run.stack-gone` (64). */
export async function resumeApply(
  context: Context,
  site: Site,
  record: RunRecord,
  answers: ResumeAnswers,
): Promise<ApplyRequest> {
  const names = stacksToResume(record, site.root.value);
  const chosen = await chosenAgain(context, site, names);
  return { chosen, parallelism: undefined, dryRun: false, ...answers };
}

/** The newest run of `stack apply` that left something open. Errors: `run.nothing-to-resume` (64). */
export async function lastOpenApply(context: Context, site: Site): Promise<RunRecord> {
  const runs = await listRuns(await context.clients('files'), context.stateFolder);
  return newestOpen(runs, site.root.value);
}

async function chosenAgain(context: Context, site: Site, names: readonly string[]): Promise<Chosen> {
  const known = await discoverStacks(await context.clients('files'), site);
  const byName = new Map(known.map((stack) => [stack.name, stack]));
  const gone = names.filter((name) => !byName.has(name));
  if (gone.length > 0) {
    throw new InfraError(
      'run.stack-gone',
      'usage',
      `The run was about ${gone.join(', ')}, which is no stack any more.`,
      {
        hints: ['Name the stacks that are left: infra stack apply STACK…'],
      },
    );
  }
  return { how: 'resumed', stacks: names.flatMap((name) => byName.get(name) ?? []), known };
}
