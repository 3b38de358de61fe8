import { createHash, randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { type Change, changesBetween, type LastRun, lastRunOf, parseLastRun } from '../diagnosis/changes.ts';
import type { Recorded } from '../diagnosis/collected.ts';
import { conclude } from '../diagnosis/conclude.ts';
import { type Diagnosis, statusOfDiagnosis } from '../diagnosis/diagnosis.ts';
import { type RunOptions, runProbes } from '../diagnosis/engine.ts';
import { firstOfJudged } from '../diagnosis/first.ts';
import type { Ask, SubjectOptions } from '../diagnosis/probe.ts';
import { requireEmpty, writeRecording } from '../diagnosis/recording/write.ts';
import { makeSeal } from '../diagnosis/redaction.ts';
import { skippedProbes } from '../diagnosis/select.ts';
import { unaskedRun } from '../diagnosis/unasked.ts';
import { askUntil } from '../diagnosis/wait.ts';
import { isInfraError } from '../errors.ts';
import { firstText } from '../render/diagnosis.ts';
import type { Site } from '../site/site.ts';
import type { Context } from './context.ts';
import type { Asked, DiagnoseParts, Said } from './diagnose-said.ts';
import type { Output } from './output.ts';

/** Clients of a diagnosis, each made once; the cluster with its second login. */
export function diagnosisClients(context: Context): Ask['client'] {
  const made = new Map<string, Promise<unknown>>();
  return (name) => {
    const make = async () => (name === 'kubernetes' ? context.diagnosedCluster() : (await context.clients(name))[name]);
    const found = made.get(name) ?? make();
    made.set(name, found);
    return found as ReturnType<typeof make> as never;
  };
}

/** Asks the platform, with `--wait` until it is healthy or the time is over. */
async function ask(
  { host, context, output, onDefect }: DiagnoseParts,
  { runbook, flags, selected }: Asked,
  site: Site,
  more: Pick<RunOptions, 'options' | 'onFirst' | 'remembered'>,
): Promise<Recorded> {
  const { clock } = await context.clients('clock');
  const { signal } = host.interruption;
  const client = diagnosisClients(context);
  const seal = makeSeal(randomBytes(32), host.redactor);
  const { wait, timeout, deadline } = flags;
  const began = clock.monotonic();
  const once = (): Promise<Recorded> =>
    runProbes(runbook, {
      ...{ client, clock, site, seal, selected, signal, onDefect, stateFolder: context.stateFolder, ...more },
      say: output.progress,
      ignore: site.ignore.value,
      skipped: skippedProbes(runbook, flags),
      noExec: flags['no-exec'],
      isKept: flags.record !== undefined,
      ...(timeout === undefined ? {} : { timeoutMs: timeout }),
      ...(deadline === undefined ? {} : { deadlineMs: Math.max(0, deadline - (clock.monotonic() - began)) }),
    });
  if (wait === undefined) return await once();
  return await askUntil(once, {
    ...{ clock, signal, waitMs: wait },
    isGood: (recorded) => statusOfDiagnosis(conclude(runbook, recorded), flags['fail-on']) === 'ok',
    onAgain: (recorded, pauseMs, leftMs) => {
      const { verdict } = conclude(runbook, recorded);
      const [pause, left] = [pauseMs, leftMs].map((ms) => Math.round(ms / 1000));
      output.progress(`${verdict}; asking again in ${pause} s, ${left} s left`);
    },
  });
}

/**
 * Diagnoses the platform as it is: keeps the evidence with `--record`, compares with the last run. Whatever dies on the
 * way, every probe has a result: what was asked, or that it was not.
 */
export async function diagnoseLive(parts: DiagnoseParts, asked: Asked, options: SubjectOptions): Promise<Said> {
  const { host, context, output, onDefect } = parts;
  const { runbook, flags, look, selected } = asked;
  const { files } = await context.clients('files');
  const folder = flags.record === undefined ? undefined : resolve(host.cwd, flags.record);
  if (folder !== undefined) await requireEmpty(files, folder);
  const streams = look === 'text' && flags.output === undefined && flags.wait === undefined && !flags.changes;
  const state: { isStreamed: boolean; recorded?: Recorded } = { isStreamed: false };
  const onFirst: NonNullable<RunOptions['onFirst']> = (judged, { durationMs }) => {
    if (!streams) return;
    state.isStreamed = true;
    output.answer(firstText(output.style, firstOfJudged(runbook, judged, durationMs)));
  };
  try {
    const site = await context.site('read');
    const before = await lastRun(parts, runbook.subject, site.root.value);
    const remembered = before?.run?.remembered;
    state.recorded = await ask(parts, asked, site, {
      ...{ options, onFirst },
      ...(remembered === undefined ? {} : { remembered }),
    });
    if (folder !== undefined) await writeRecording(files, folder, state.recorded, host.version);
    const diagnosis = conclude(runbook, state.recorded, onDefect);
    const isWhole = selected.length === runbook.probes.length && diagnosis.ended === 'complete';
    const changes = isWhole ? await compareWithLast(parts, diagnosis, before) : undefined;
    if (flags.changes && changes === undefined) output.note('There is no earlier whole run to compare with.');
    return { diagnosis, isStreamed: state.isStreamed, ...(flags.changes && changes !== undefined ? { changes } : {}) };
  } catch (error) {
    if (!isInfraError(error)) throw error;
    const recorded = state.recorded ?? unaskedRun(runbook, selected, options, host.now(), error);
    return { diagnosis: conclude(runbook, recorded), isStreamed: state.isStreamed, error };
  }
}

/** Where the last whole run of a subject is kept, and what it left. */
type Kept = { readonly path: string; readonly run: LastRun | undefined };

/** What the last whole run left in the state folder. A folder that cannot be read costs the comparison only. */
async function lastRun({ context, output }: DiagnoseParts, subject: string, root: string): Promise<Kept | undefined> {
  const { files } = await context.clients('files');
  const name = createHash('sha256').update(root).digest('hex').slice(0, 12);
  const path = join(context.stateFolder, 'diagnoses', `${subject}-${name}.json`);
  try {
    const text = await files.read(path);
    return { path, run: text === undefined ? undefined : parseLastRun(text) };
  } catch (error) {
    return noComparison(output, error);
  }
}

/** What differs from the last whole run; this one is kept in its place. */
async function compareWithLast(
  { context, output }: DiagnoseParts,
  diagnosis: Diagnosis,
  before: Kept | undefined,
): Promise<readonly Change[] | undefined> {
  if (before === undefined) return undefined;
  const { files } = await context.clients('files');
  const now = lastRunOf(diagnosis, before.run);
  try {
    await files.writeAtomic(before.path, `${JSON.stringify(now)}\n`, 0o600);
    return before.run === undefined ? undefined : changesBetween(before.run, now);
  } catch (error) {
    return noComparison(output, error);
  }
}

function noComparison(output: Output, error: unknown): undefined {
  output.note(`warning: no comparison with the last run: ${error instanceof Error ? error.message : 'unknown reason'}`);
}
