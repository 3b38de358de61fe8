import type { Clock } from '../clients/clock/client.ts';
import { type InfraError, isInfraError } from '../errors.ts';
import type { Site } from '../site/site.ts';
import { type Access, makeAccess } from './access.ts';
import type { Collected } from './collected.ts';
import { countingClient } from './counting.ts';
import type { Json } from './json.ts';
import { NOT_CONFIGURED, reasonOf } from './no-answer.ts';
import type { Ask, EvidenceState, Probe, SubjectOptions } from './probe.ts';
import type { Runbook } from './runbook.ts';
import { wantedOf } from './wanted.ts';

const TIMEOUT_MS = 10_000;

/** How a runbook is asked. */
export type CollectOptions = {
  readonly client: Ask['client'];
  readonly clock: Clock;
  readonly site: Site;
  readonly options: SubjectOptions;
  readonly remembered?: SubjectOptions;
  /** Ids of the probes that are wanted; what they depend on is asked too. */
  readonly selected: ReadonlySet<string>;
  /** Ids that are not asked, whoever wants their answer. */
  readonly skipped?: readonly string[];
  /** Skip probes that run a program in a container. */
  readonly noExec: boolean;
  /** Time of each probe, instead of its own. */
  readonly timeoutMs?: number;
  /** Aborted by the deadline (`deadlineReached`) or by a signal. */
  readonly signal: AbortSignal;
  /** Removes secrets; the judgement sees what it leaves. */
  readonly seal: (evidence: Json) => Json;
  /** Handed to the probes. */
  readonly stateFolder?: string;
  /** `Ask.say`. */
  readonly say?: (line: string) => void;
  /** Called as each probe ends, in any order. */
  readonly onCollected?: (collected: Collected) => void;
  /** Called with what a probe threw that is no InfraError. */
  readonly onDefect?: (id: string, thrown: unknown) => void;
};

/** The reason with which the signal is aborted when the deadline has passed. */
export const DEADLINE_REACHED = 'deadline';

/**
 * Asks every wanted probe, and what it depends on, at the same time as far as dependencies allow; the first one starts
 * first. `reviews` counts the questions about what is allowed. It never throws for what a probe does: each one ends with evidence or with a reason, within its time.
 */
export async function collectAll(
  runbook: Runbook,
  options: CollectOptions,
): Promise<{ readonly collected: readonly Collected[]; readonly reviews: number }> {
  const { clock, site, signal } = options;
  const access = makeAccess(() => options.client('kubernetes'), clock);
  const byId = new Map(runbook.probes.map((probe) => [probe.id, probe]));
  const wanted = wantedOf(runbook, options);
  const running = new Map<string, Promise<Collected>>();
  const start = (probe: Probe): Promise<Collected> => {
    const known = running.get(probe.id);
    if (known !== undefined) return known;
    const collected = (async (): Promise<Collected> => {
      const began = clock.monotonic();
      const answer = await collectOne(probe);
      const durationMs = Math.round(clock.monotonic() - began);
      const done: Collected = { ...answer, durationMs, byHand: byHandOf(probe, site, options.onDefect) };
      options.onCollected?.(done);
      return done;
    })();
    running.set(probe.id, collected);
    return collected;
  };

  async function collectOne(probe: Probe): Promise<Omit<Collected, 'durationMs' | 'byHand'>> {
    const unasked = { id: probe.id, at: clock.now().toISOString(), requests: {} };
    const skipped = (reason: string, message: string): typeof unasked & Pick<Collected, 'evidence' | 'isSkipped'> => ({
      ...unasked,
      evidence: { state: 'no-answer', reason, message },
      isSkipped: true,
    });
    const missed = wanted.skippedFor(probe.id);
    if (missed !== undefined && missed !== probe.id) {
      const message = `not asked: it needs ${byId.get(missed)?.title ?? missed}, which is left out`;
      return { ...skipped('not-selected', message), blockedBy: missed };
    }
    if (!wanted.ids.has(probe.id)) return skipped('not-selected', 'not asked: not selected');
    if (options.noExec && probe.kind === 'exec') return skipped('no-exec', 'not asked: --no-exec');
    const needed = await Promise.all(
      (probe.dependsOn ?? []).flatMap((id) => {
        const other = byId.get(id);
        return other === undefined ? [] : [start(other)];
      }),
    );
    if (signal.aborted) return { ...unasked, evidence: abandoned(signal) };
    const missing = needed.find(({ evidence }) => evidence.state === 'no-answer');
    if (missing?.evidence.state === 'no-answer') {
      const { reason, message } = missing.evidence;
      const blockedBy = missing.blockedBy ?? missing.id;
      if (missing.isSkipped === true) return { ...skipped(reason, message), blockedBy };
      const title = byId.get(blockedBy)?.title ?? blockedBy;
      return {
        ...unasked,
        evidence: { state: 'no-answer', reason: 'blocked', message: `not asked: ${title} had no answer` },
        blockedBy,
      };
    }
    const requests = new Map<string, number>();
    const now = clock.now();
    const answered = await bounded(probe, options, access, {
      client: countingClient(options.client, requests),
      site,
      options: options.options,
      ...(options.remembered === undefined ? {} : { remembered: options.remembered }),
      given: givenOf(needed),
      now,
      ...(options.stateFolder === undefined ? {} : { stateFolder: options.stateFolder }),
      ...(options.say === undefined ? {} : { say: options.say }),
    });
    const asked = goOn(probe, answered, options);
    return { id: probe.id, at: now.toISOString(), requests: Object.fromEntries([...requests].sort()), ...asked };
  }

  const collected = await Promise.all(runbook.probes.map(start));
  return { collected, reviews: access.asked };
}

function givenOf(needed: readonly Collected[]): Ask['given'] {
  const evidence = <T extends Json>(id: string): EvidenceState<T> => {
    const found = needed.find((one) => one.id === id);
    if (found === undefined) throw new Error(`${id} is not in dependsOn`);
    return found.evidence as EvidenceState<T>;
  };
  return {
    evidence,
    answer: <T extends Json>(id: string): T => {
      const found = evidence<T>(id);
      if (found.state === 'no-answer') throw new Error(`${id} has no answer`);
      return found.value;
    },
  };
}

type Asked = Pick<Collected, 'evidence' | 'isSkipped'>;

/** Asks one probe under its time and the run's signal; what comes later is dropped. */
async function bounded(
  probe: Probe,
  options: CollectOptions,
  access: Access,
  ask: Omit<Ask, 'signal' | 'refused'>,
): Promise<Asked> {
  const limit = options.timeoutMs ?? probe.timeoutMs ?? TIMEOUT_MS;
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const late = options.clock.sleep(limit, signal).then(
    (): Asked => ({
      evidence: { state: 'no-answer', reason: 'timeout', message: `no answer within ${limit / 1000} s` },
    }),
    (): Asked => ({ evidence: abandoned(options.signal) }),
  );
  const work = async (): Promise<Asked> => {
    const refused = await access.refused(probe.needs?.(ask.site) ?? []);
    if (refused !== undefined) return { evidence: { state: 'no-answer', reason: 'forbidden', message: refused } };
    const value = await probe.collect({ ...ask, signal, refused: access.refused });
    return { evidence: { state: 'answered', value: sealed(value, options.seal) } };
  };
  try {
    return await Promise.race([work(), late]);
  } catch (thrown) {
    if (options.signal.aborted) return { evidence: abandoned(options.signal) };
    if (isInfraError(thrown)) return refusal(thrown, options.seal);
    options.onDefect?.(probe.id, thrown);
    return { evidence: defect(thrown) };
  } finally {
    over.abort();
  }
}

/** Where there was no answer, what the probe can go on with, if anything. */
function goOn(probe: Probe, asked: Asked, { signal, site, remembered, seal, onDefect }: CollectOptions): Asked {
  if (asked.evidence.state === 'answered' || asked.isSkipped === true || signal.aborted) return asked;
  const { reason, message } = asked.evidence;
  try {
    const ask = { site, ...(remembered === undefined ? {} : { remembered }) };
    const value = probe.fallback?.({ reason, message }, ask);
    return value === undefined ? asked : { evidence: { state: 'answered', value: sealed(value, seal) } };
  } catch (thrown) {
    onDefect?.(probe.id, thrown);
    return asked;
  }
}

/** Through text: what is judged now must be what a replay reads. */
const sealed = (value: Json, seal: CollectOptions['seal']): Json => seal(JSON.parse(JSON.stringify(value)) as Json);

function refusal(error: InfraError, seal: CollectOptions['seal']): Asked {
  const message = String(seal(error.message));
  if (error.code === NOT_CONFIGURED)
    return { evidence: { state: 'no-answer', reason: 'not-configured', message }, isSkipped: true };
  return { evidence: { state: 'no-answer', reason: reasonOf(error), message } };
}

function abandoned(signal: AbortSignal): EvidenceState {
  return signal.reason === DEADLINE_REACHED
    ? { state: 'no-answer', reason: 'deadline', message: 'no answer before the deadline' }
    : { state: 'no-answer', reason: 'interrupted', message: 'no answer before the interruption' };
}

/** The thrown text may hold anything; its kind is enough, the details go to the crash report. */
function defect(thrown: unknown): EvidenceState {
  const kind = thrown instanceof Error ? thrown.name : typeof thrown;
  return { state: 'no-answer', reason: 'defect', message: `the probe itself failed (${kind})` };
}

function byHandOf(probe: Probe, site: Site, onDefect: CollectOptions['onDefect']): string {
  try {
    return probe.byHand(site);
  } catch (thrown) {
    onDefect?.(probe.id, thrown);
    return '';
  }
}
