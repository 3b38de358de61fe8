import type { PayloadOf } from '../documents/envelope.ts';
import type { stackApply } from '../documents/stack-apply.ts';
import { applyText } from '../render/stack-apply.ts';
import type { Site } from '../site/site.ts';
import type { ApplyRequest, ApplyResult } from '../stacks/many/apply-request.ts';
import { applyStacks } from '../stacks/many/apply-stacks.ts';
import type { Outcome } from './report.ts';
import { errorPayload, plannedPayload } from './stack-plan-payload.ts';
import { type ManyRunner, manyContext } from './stack-plan-run.ts';

type Payload = PayloadOf<typeof stackApply>;

/** Runs `stack apply` and turns its result into the outcome of a command. */
export async function runApply(runner: ManyRunner, site: Site, request: ApplyRequest): Promise<Outcome<Payload>> {
  const { many, progress } = await manyContext(runner, site);
  // The question comes after every line that it is about.
  const settled = {
    ...many.clients.prompt,
    confirm: async (question: string) => {
      await progress.settle();
      return await many.clients.prompt.confirm(question);
    },
  };
  const context = { ...many, clients: { ...many.clients, prompt: settled } };
  const result = await runner.host.interruption
    .hold(() => applyStacks(context, request))
    .finally(() => progress.settle());
  return outcomeOf(result);
}

/** What a pipeline prints that has nothing to apply. Status ok: nothing is wrong. */
export function skippedOutcome(reason: string): Outcome<Payload> {
  return outcomeOf({
    verdict: 'skipped',
    how: 'affected',
    run: undefined,
    preflight: [],
    parallelism: 1,
    overview: undefined,
    byHand: [],
    applied: [],
    skipped: reason,
    status: 'ok',
    error: undefined,
    durationMs: 0,
  });
}

function outcomeOf(result: ApplyResult): Outcome<Payload> {
  const { overview, applied, byHand, error, run, skipped } = result;
  const open = applied.filter(({ state }) => state !== 'applied' && state !== 'unchanged').map(({ stack }) => stack);
  const payload: Payload = {
    chosen: result.how as Payload['chosen'],
    result: result.verdict,
    ...(run === undefined ? {} : { run }),
    ...(skipped === undefined ? {} : { skipped }),
    parallelism: result.parallelism,
    preflight: [...result.preflight],
    plans: (overview?.reports ?? []).map((report) => plannedPayload(report)),
    ...(overview === undefined ? {} : { blast: blastPayload(overview.blast) }),
    stacks: applied.map(({ error: failed, durationMs, blockedBy, ...report }) => ({
      ...report,
      blockedBy: [...blockedBy],
      durationMs: Math.round(durationMs),
      ...(failed === undefined ? {} : { error: errorPayload(failed) }),
    })),
    leftOut: [...byHand],
    notApplied: [...open, ...byHand.map(({ stack }) => stack)],
    unusedEntries: [...(overview?.unusedEntries ?? [])],
  };
  const text = (style: Parameters<typeof applyText>[0]): string => applyText(style, result);
  return error === undefined ? { status: result.status, payload, text } : { payload, text, error };
}

function blastPayload(blast: NonNullable<ApplyResult['overview']>['blast']): Payload['blast'] {
  const { namespaces, restarts, hosts, sessions, unknown } = blast;
  return {
    namespaces: [...namespaces],
    restarts: [...restarts],
    hosts: [...hosts],
    sessions: [...sessions],
    ...(unknown === undefined ? {} : { unknown }),
  };
}
