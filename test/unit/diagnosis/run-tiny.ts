import type { Recorded } from '../../../src/lib/diagnosis/collected.ts';
import { conclude } from '../../../src/lib/diagnosis/conclude.ts';
import type { Diagnosis } from '../../../src/lib/diagnosis/diagnosis.ts';
import { type RunOptions, runProbes } from '../../../src/lib/diagnosis/engine.ts';
import type { Ask, DiagnosisClients, Probe } from '../../../src/lib/diagnosis/probe.ts';
import type { Runbook } from '../../../src/lib/diagnosis/runbook.ts';
import { fakeSite } from '../../fakes/site.ts';
import { heldClock } from './held-clock.ts';

/** A runbook of these probes. */
export function tinyRunbook(probes: readonly Probe[], more: Partial<Runbook> = {}): Runbook {
  const layers = [...new Set(probes.map(({ layer }) => layer))];
  return {
    subject: 'tiny',
    title: 'Tiny',
    introduction: 'A runbook for tests.',
    layers: layers.map((id) => ({ id, title: id })),
    probes,
    causes: [],
    ...more,
  };
}

/** Clients by name; any other makes the test fail. */
export function clientsOf(made: Partial<DiagnosisClients>): Ask['client'] {
  return async (name) => {
    const client = made[name];
    if (client === undefined) throw new Error(`nobody may ask for ${name}`);
    return client as DiagnosisClients[typeof name];
  };
}

/** Options that ask every probe of a runbook and touch nothing. */
export function tinyRun(runbook: Runbook, more: Partial<RunOptions> = {}): RunOptions {
  return {
    client: clientsOf({}),
    clock: heldClock(),
    site: fakeSite(),
    options: {},
    ignore: [],
    selected: runbook.probes.map(({ id }) => id),
    noExec: false,
    isKept: false,
    signal: new AbortController().signal,
    seal: (evidence) => evidence,
    ...more,
  };
}

/** Asks and concludes. */
export async function diagnoseTiny(
  runbook: Runbook,
  more: Partial<RunOptions> = {},
): Promise<{ readonly recorded: Recorded; readonly diagnosis: Diagnosis }> {
  const recorded = await runProbes(runbook, tinyRun(runbook, more));
  return { recorded, diagnosis: conclude(runbook, recorded) };
}

/** Lets every promise that can settle do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
