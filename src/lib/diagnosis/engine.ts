import type { Clock } from '../clients/clock/client.ts';
import type { Site } from '../site/site.ts';
import { collectAll, DEADLINE_REACHED } from './collect.ts';
import type { Collected, Ignore, Recorded } from './collected.ts';
import type { Json } from './json.ts';
import { judgeOne, type OnDefect } from './judge.ts';
import type { Ask, SubjectOptions } from './probe.ts';
import type { Judged, Runbook } from './runbook.ts';

/** How a runbook is run. */
export type RunOptions = {
  readonly client: Ask['client'];
  readonly clock: Clock;
  readonly site: Site;
  readonly options: SubjectOptions;
  /** What the last whole run left for this one. */
  readonly remembered?: SubjectOptions;
  readonly ignore: readonly Ignore[];
  /** Ids, as `selectProbes` gives them. */
  readonly selected: readonly string[];
  /** Ids of probes that are not asked, even where a selected one would like to look at their answer. */
  readonly skipped?: readonly string[];
  readonly noExec: boolean;
  /** Each probe's time instead of its own. */
  readonly timeoutMs?: number;
  readonly deadlineMs?: number;
  readonly isKept: boolean;
  readonly signal: AbortSignal;
  readonly stateFolder?: string;
  /** `Ask.say`. */
  readonly say?: (line: string) => void;
  readonly seal: (evidence: Json) => Json;
  /** Called once, as soon as the first wanted probe and what it considers have answered. */
  readonly onFirst?: (judged: Judged, collected: Collected) => void;
  /** Called as each probe ends, in any order. */
  readonly onCollected?: (collected: Collected) => void;
  readonly onDefect?: OnDefect;
};

/**
 * Asks a runbook's probes and returns what came back; `conclude` says what follows. Probes and judges cannot make it
 * throw. When the deadline or a signal comes, what has not answered has no answer, and the rest counts.
 */
export async function runProbes(runbook: Runbook, run: RunOptions): Promise<Recorded> {
  const { clock, selected, options, ignore, isKept } = run;
  const at = clock.now().toISOString();
  const began = clock.monotonic();
  const deadline = new AbortController();
  const done = new AbortController();
  const timer =
    run.deadlineMs === undefined
      ? undefined
      : clock.sleep(run.deadlineMs, done.signal).then(
          () => deadline.abort(DEADLINE_REACHED),
          () => {},
        );
  const announce = announcer(runbook, run);
  try {
    const answers = await collectAll(runbook, {
      ...run,
      selected: new Set(selected),
      signal: AbortSignal.any([run.signal, deadline.signal]),
      onCollected: (one) => {
        announce(one);
        run.onCollected?.(one);
      },
    });
    const ended = run.signal.aborted ? 'interrupted' : deadline.signal.aborted ? 'deadline' : 'complete';
    const durationMs = Math.round(clock.monotonic() - began);
    return { subject: runbook.subject, at, durationMs, options, selected, ignore, ended, isKept, ...answers };
  } finally {
    done.abort();
    await timer;
  }
}

/** Calls `onFirst` as soon as everything that the first wanted probe's judgement looks at is there. */
function announcer(runbook: Runbook, { selected, options, onFirst, onDefect }: RunOptions): (one: Collected) => void {
  const first = runbook.probes.find(({ id }) => selected.includes(id));
  const collected = new Map<string, Collected>();
  const state = { told: first === undefined || onFirst === undefined };
  return (one) => {
    collected.set(one.id, one);
    if (state.told || first === undefined) return;
    const needed = [first.id, ...(first.dependsOn ?? []), ...(first.considers ?? [])];
    if (!needed.every((id) => collected.has(id))) return;
    state.told = true;
    onFirst?.(judgeOne(first, collected, { options, selected }, onDefect), one);
  };
}
