import { InfraError, type StatusName } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import { statusOfFindings } from '../../findings/finding.ts';
import type { OperationResult } from '../../operation/engine.ts';
import type { Journal } from '../../operation/journal.ts';
import { verifyUser } from '../verify/verify-user.ts';
import type { EarlierRun } from './earlier-run.ts';
import { entryFinding } from './entry-finding.ts';
import { byHand, choices, commandsLeft, sameCommand, withoutChoices } from './left-over.ts';
import type { Surroundings } from './preflight.ts';
import type { AddContext, AddOverview, AddRequest } from './request.ts';
import type { AddResult, AddVerdict } from './result.ts';

/** What is known so far; every way out builds its result from it. */
export type Progress = {
  readonly context: AddContext;
  readonly request: AddRequest;
  readonly startedMs: number;
  around?: Surroundings;
  preflight: readonly Finding[];
  overview?: AddOverview;
  earlier?: EarlierRun | undefined;
  journal?: Journal;
};

/** Turns what the steps did into the result: after a success everything is read back once more. */
export async function conclude(
  progress: Progress,
  operation: OperationResult,
  parts: Pick<Partial<AddResult>, 'steps' | 'version'>,
): Promise<AddResult> {
  const { request, context, around, earlier } = progress;
  if (request.dryRun) return finish(progress, 'planned', operation.status, { ...parts, error: operation.error });
  if (operation.error !== undefined) {
    const undone = operation.steps.some((step) => step.state === 'rolled-back');
    const open = operation.changed || operation.status === 'incomplete';
    const verdict: AddVerdict = open
      ? 'incomplete'
      : undone
        ? 'undone'
        : operation.status === 'refused'
          ? 'refused'
          : 'failed';
    const error = operation.changed ? incomplete(operation.error, operation.status, request) : operation.error;
    return finish(progress, verdict, operation.status, { ...parts, error });
  }
  if (request.noApply || around === undefined) return finish(progress, 'edited', operation.status, parts);
  const [entry, objects] = await Promise.all([
    entryFinding(context, request.user),
    verifyUser(context.clients, context.site, around.shape, request.user),
  ]);
  // Somebody else's run may have taken the entry back meanwhile: objects without an entry go with the next apply.
  const findings = [...(entry.verdict === 'PASS' ? [] : [entry]), ...withoutChoices(objects)];
  const proved = statusOfFindings(findings);
  if (proved === 'fail' || proved === 'unknown') {
    const error = notProved(findings, operation.changed, proved);
    return finish(progress, 'incomplete', error.status, { ...parts, findings, error });
  }
  const verdict: AddVerdict = earlier === undefined && around.edit.state === 'absent' ? 'added' : 'completed';
  return finish(progress, verdict, operation.status === 'ok' ? proved : operation.status, { ...parts, findings });
}

/** The same error with the status of the whole and the command that goes on. */
function incomplete(error: InfraError, status: StatusName, request: AddRequest): InfraError {
  return new InfraError(error.code, status, error.message, {
    hints: [
      ...error.hints,
      `To go on from here: ${sameCommand(request)}`,
      `The way back: while none of its objects exists (infra user verify ${request.user.name}), take the entry out of the users' secret; afterwards only with the stacks.`,
    ],
    violations: error.violations,
    cause: error,
  });
}

/** A result whose journal could not be ended: everything is as it says, but the next run will go on with it. */
export function unrecorded(progress: Progress, result: AddResult, error: InfraError): AddResult {
  return {
    ...result,
    verdict: 'incomplete',
    status: 'incomplete',
    error: incomplete(error, 'incomplete', progress.request),
  };
}

/** Ends that keep their status whatever stands. */
const KEPT: readonly StatusName[] = ['ok', 'incomplete', 'sigint', 'sigterm', 'deadline', 'bug'];

/**
 * True when an earlier run wrote the entry and left it unfinished: however this run ends, something has changed and
 * stands, which no other status than `incomplete` may hide.
 */
function standsUnfinished({ earlier, around, request }: Progress): boolean {
  return earlier !== undefined && around?.edit.state === 'same' && !request.dryRun;
}

/** With --no-apply: that an earlier run has begun what the commands left would do, and how it goes on. */
function unfinished({ earlier, request }: Progress): readonly string[] {
  if (earlier === undefined || !request.noApply) return [];
  const { id } = earlier.record.header;
  return [`run ${id} for ${request.user.name} is unfinished (infra run show ${id}): ${sameCommand(request)}`];
}

/** The error with what became of the edit and where the journal is. */
function toldWithJournal(error: InfraError, undone: boolean, run: string): InfraError {
  const { code, status, message, hints, docs, violations } = error;
  const kept = undone ? ['The entry was taken back: nothing is changed.'] : [];
  return new InfraError(code, status, message, {
    hints: [...hints, ...kept, `infra run show ${run}`],
    violations,
    cause: error,
    ...(docs === undefined ? {} : { docs }),
  });
}

function notProved(findings: readonly Finding[], changed: boolean, proved: StatusName): InfraError {
  const open = findings.filter((finding) => finding.verdict === 'FAIL' || finding.verdict === 'UNKNOWN');
  return new InfraError(
    'users.not-proved',
    changed ? 'incomplete' : proved,
    `${open.length} of ${findings.length} objects could not be proved: ${open.map((finding) => finding.title).join(', ')}.`,
    {
      hints: [...new Set(open.flatMap((finding) => (finding.command === undefined ? [] : [finding.command])))].slice(
        0,
        5,
      ),
    },
  );
}

/** A result from what is known so far; `parts` wins. */
export function finish(
  progress: Progress,
  verdict: AddVerdict,
  status: StatusName,
  parts: Partial<AddResult>,
): AddResult {
  if (parts.error !== undefined && !KEPT.includes(status) && standsUnfinished(progress)) {
    const error = incomplete(parts.error, 'incomplete', progress.request);
    return finish(progress, 'incomplete', 'incomplete', { ...parts, error });
  }
  const { context, request, around, preflight, overview, journal, startedMs } = progress;
  const findings = parts.findings ?? [];
  const open = verdict === 'added' || verdict === 'completed' || verdict === 'edited';
  return {
    user: request.user,
    verdict,
    status,
    run: journal?.header.id,
    shape: around?.shape,
    preflight,
    overview,
    version: undefined,
    steps: [],
    findings,
    byHand: open ? [...unfinished(progress), ...byHand(context.site, request, findings)] : choices(findings),
    commandsLeft: verdict === 'edited' && around !== undefined ? commandsLeft(context.site, request, around.order) : [],
    known: [...new Set([...(around?.document.users.keys() ?? []), ...(open ? [request.user.name] : [])])],
    durationMs: context.clients.clock.monotonic() - startedMs,
    ...parts,
    error:
      parts.error === undefined || journal === undefined
        ? parts.error
        : toldWithJournal(parts.error, verdict === 'undone', journal.header.id),
  };
}
