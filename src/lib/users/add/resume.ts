import * as z from 'zod';
import { InfraError } from '../../errors.ts';
import type { RunRecord } from '../../operation/journal.ts';
import { isUnfinished } from '../../operation/run-state.ts';
import { ROLES } from '../entry.ts';
import { ADD_OPERATION } from './earlier-run.ts';
import type { AddRequest } from './request.ts';

/** What a journal's header keeps of a request: everything that decides what is done, nothing that answers a question. */
const inputs = z.object({
  user: z.object({
    name: z.string(),
    entry: z.object({
      role: z.enum(ROLES),
      email: z.string(),
      namespaces: z.array(z.string()),
      domains: z.array(z.string()),
      quota: z.object({
        cpu_requests: z.string().optional(),
        memory_requests: z.string().optional(),
        memory_limits: z.string().optional(),
        pods: z.string().optional(),
      }),
    }),
  }),
  noApply: z.boolean(),
  restartPortal: z.boolean(),
});

/** The switches of a resume that a person gives anew: guards and questions are never answered by a journal. */
export type ResumeFlags = Pick<AddRequest, 'yes' | 'allowUnrelated' | 'confirmEmail'>;

/**
 * The request that goes on from a journal. Errors: `run.not-resumable` (64) for another operation or another repository,
 * `run.finished` (64) when nothing is left to do, `run.damaged` (65) when the header cannot be read.
 */
export function resumeRequest(record: RunRecord, site: string, flags: ResumeFlags): AddRequest {
  const { id, operation, target } = record.header;
  if (operation !== ADD_OPERATION) {
    throw new InfraError(
      'run.not-resumable',
      'usage',
      `Run ${id} is "${operation} ${target}", which cannot be resumed.`,
    );
  }
  if (record.header.site !== site) {
    throw new InfraError('run.not-resumable', 'usage', `Run ${id} belongs to the repository ${record.header.site}.`, {
      hints: [`infra run resume ${id} --repo ${record.header.site}`],
    });
  }
  if (!isUnfinished(record)) {
    throw new InfraError('run.finished', 'usage', `Run ${id} (${operation} ${target}) left nothing to go on with.`, {
      hints: [`infra run show ${id}`, `infra user verify ${target}`],
    });
  }
  const parsed = inputs.safeParse(record.header.inputs);
  if (!parsed.success) {
    throw new InfraError('run.damaged', 'data', `The journal of run ${id} does not hold what a resume needs.`, {
      hints: [`Repeat the command: infra user add ${target} …`],
    });
  }
  const { user, noApply, restartPortal } = parsed.data;
  const quota = Object.fromEntries(Object.entries(user.entry.quota).filter(([, value]) => value !== undefined));
  return {
    user: { ...user, entry: { ...user.entry, quota } },
    noApply,
    restartPortal,
    dryRun: false,
    noBaseline: false,
    ...flags,
  };
}
