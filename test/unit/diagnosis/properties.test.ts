import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { conclude } from '../../../src/lib/diagnosis/conclude.ts';
import { type Diagnosis, statusOfDiagnosis } from '../../../src/lib/diagnosis/diagnosis.ts';
import { runProbes } from '../../../src/lib/diagnosis/engine.ts';
import { diagnosisPayload } from '../../../src/lib/documents/diagnosis.ts';
import { clientOf, type Platform, platforms, WAYS, type Withheld } from './faulty-platform.ts';
import { heldClock } from './held-clock.ts';
import { clientsOf, diagnoseTiny, settle, tinyRun } from './run-tiny.ts';

const withholdings = (platform: Platform): fc.Arbitrary<ReadonlyMap<string, Withheld>> =>
  fc
    .subarray(
      platform.runbook.probes.map(({ id }) => id),
      { minLength: 1 },
    )
    .chain((ids) => fc.tuple(...ids.map((id) => fc.constantFrom(...WAYS).map((way) => [id, way] as const))))
    .map((pairs) => new Map(pairs));
const drawn = platforms.chain((platform) => fc.tuple(fc.constant(platform), withholdings(platform)));

async function diagnosed(platform: Platform, withheld: ReadonlyMap<string, Withheld> = new Map()): Promise<Diagnosis> {
  const clock = heldClock();
  const running = diagnoseTiny(platform.runbook, { clock, client: clientsOf(clientOf(platform, withheld)) });
  if (![...withheld.values()].includes('hang')) return (await running).diagnosis;
  await settle();
  clock.pass(60_000);
  return (await running).diagnosis;
}

test('with every answer the root cause is a root, and the others are named beside it', async () => {
  await fc.assert(
    fc.asyncProperty(platforms, async (platform) => {
      const { rootCause, alsoFailing, findings } = await diagnosed(platform);
      expect(rootCause === undefined).toBe(platform.roots.size === 0);
      const named = [rootCause?.code, ...alsoFailing.map(({ code }) => code)].filter((code) => code !== undefined);
      expect(new Set(named)).toEqual(platform.roots);
      if (rootCause !== undefined) expect(rootCause.confidence).toBe('confirmed');
      for (const { causedBy } of findings) if (causedBy !== undefined) expect(platform.roots).toContain(causedBy);
    }),
    { numRuns: 300 },
  );
});

test('what is withheld never ends in health, and never makes another culprit', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, async ([platform, withheld]) => {
      const diagnosis = await diagnosed(platform, withheld);
      expect(statusOfDiagnosis(diagnosis)).toMatch(/^(fail|unknown)$/);
      expect(statusOfDiagnosis(diagnosis, 'fail')).not.toBe('ok');
      const { rootCause } = diagnosis;
      if (rootCause?.code !== undefined) expect(platform.roots).toContain(rootCause.code);
      for (const id of withheld.keys())
        expect(diagnosis.findings.find((one) => one.id === id)?.verdict).toBe('UNKNOWN');
    }),
    { numRuns: 300 },
  );
});

test('the order of answers changes nothing', async () => {
  const orders = drawn.chain(([platform, withheld]) => {
    const ids = platform.runbook.probes.map(({ id }) => id);
    return fc.tuple(fc.constant(platform), fc.constant(withheld), fc.shuffledSubarray(ids, { minLength: ids.length }));
  });
  await fc.assert(
    fc.asyncProperty(orders, async ([platform, withheld, order]) => {
      const waiting = new Map<string, () => void>();
      const turn = (id: string): Promise<void> => new Promise((resolve) => waiting.set(id, resolve));
      const clock = heldClock();
      const { runbook } = platform;
      const running = runProbes(
        runbook,
        tinyRun(runbook, { clock, client: clientsOf(clientOf(platform, withheld, turn)) }),
      );
      await settle();
      for (const id of order) {
        waiting.get(id)?.();
        await settle();
      }
      clock.pass(60_000);
      expect(strip(conclude(runbook, await running))).toEqual(strip(await diagnosed(platform, withheld)));
    }),
    { numRuns: 30 },
  );
});

test('whatever a probe throws or never answers, the document is valid', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, fc.nat(), async ([platform, withheld], pick) => {
      const { runbook } = platform;
      const broken = runbook.probes[pick % runbook.probes.length]?.id;
      const probes = runbook.probes.map((probe) =>
        probe.id === broken ? { ...probe, collect: () => Promise.reject(new RangeError('boom')) } : probe,
      );
      const diagnosis = await diagnosed({ ...platform, runbook: { ...runbook, probes } }, withheld);
      expect(diagnosisPayload.safeParse(diagnosis).error).toBeUndefined();
      expect(diagnosis.findings).toHaveLength(probes.length);
      expect(statusOfDiagnosis(diagnosis)).toMatch(/^(fail|unknown)$/);
    }),
    { numRuns: 100 },
  );
});

/** Times are the only thing in which two runs may differ. */
function strip(diagnosis: Diagnosis): unknown {
  const { tookMs: _, findings, ...rest } = diagnosis;
  return { ...rest, findings: findings.map(({ durationMs: __, ...finding }) => finding) };
}
