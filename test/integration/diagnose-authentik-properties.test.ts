/** What holds for `diagnose authentik` whatever a platform withholds, and in whatever order it answers. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Diagnosis, statusOfDiagnosis } from '../../src/lib/diagnosis/diagnosis.ts';
import { type Remembered, remember, WAYS } from './remembered-platform.ts';

/** Enough for answers that are there; what hangs takes as long. */
const TIMEOUT_MS = 400;

/** Some questions that get no answer, each in its own way: a few, or most of one client's. */
function withheldOf({ questions }: Remembered): fc.Arbitrary<Readonly<Record<string, (typeof WAYS)[number]>>> {
  const few = fc.uniqueArray(fc.constantFrom(...questions), { minLength: 1, maxLength: 6 });
  const many = fc.subarray([...questions], { minLength: 1 });
  return fc
    .oneof(few, many)
    .chain((chosen) =>
      fc
        .array(fc.constantFrom(...WAYS), { minLength: chosen.length, maxLength: chosen.length })
        .map((ways) => Object.fromEntries(chosen.map((question, at) => [question, ways[at] ?? 'reset']))),
    );
}

const confirmed = ({ rootCause }: Diagnosis): string | undefined =>
  rootCause?.confidence === 'confirmed' ? rootCause.code : undefined;

describe.each(['outpost-shm-full', 'cloudflare-worker', 'database-connections', 'healthy'])('%s', (world) => {
  test('whatever is withheld, it never ends with 0 and never confirms another cause', async () => {
    const platform = await remember(world);
    const cause = confirmed(await platform.diagnose());
    expect(cause === undefined).toBe(world === 'healthy');
    await fc.assert(
      fc.asyncProperty(withheldOf(platform), async (withheld) => {
        const diagnosis = await platform.diagnose({ withheld, timeoutMs: TIMEOUT_MS });
        expect(statusOfDiagnosis(diagnosis)).not.toBe('ok');
        expect([undefined, cause]).toContain(confirmed(diagnosis));
      }),
      { numRuns: Number(process.env.INFRA_RUNS ?? 20), endOnFailure: true },
    );
  });
});

test.each([
  ['a name server that refuses one host convicts no Cloudflare', 'healthy', /^dns\.resolve/, 'forbidden'],
  ['a cluster without EndpointSlices convicts no selector', 'cloudflare-worker', /"endpointslices"/, 'empty'],
  ['a database without a primary is not asked', 'database-connections', /instanceRole=primary/, 'empty'],
] as const)('%s', async (_, world, pattern, way) => {
  const platform = await remember(world);
  const cause = confirmed(await platform.diagnose());
  const asked = platform.questions.filter((one) => !one.startsWith('kubernetes.allowed'));
  const question = asked.find((one) => pattern.test(one)) ?? expect.fail('nobody asks that');
  const diagnosis = await platform.diagnose({ withheld: { [question]: way }, timeoutMs: 30_000 });
  expect(statusOfDiagnosis(diagnosis)).not.toBe('ok');
  expect([undefined, cause]).toContain(confirmed(diagnosis));
});

test('of two faults the one that can still be proved is named, with the scope of what it breaks itself', async () => {
  const platform = await remember('two-faults');
  const evidence = platform.questions.filter((one) => /\/dev\/shm|^kubernetes\.logs.*"ak-outpost-/.test(one));
  expect(evidence.length).toBeGreaterThan(1);
  const withheld = Object.fromEntries(evidence.map((question) => [question, 'forbidden' as const]));
  const [whole, half] = [await platform.diagnose(), await platform.diagnose({ withheld, timeoutMs: 30_000 })];
  // The Worker breaks every host by the public way; of the outpost only a login would show whom it hits.
  expect(whole.rootCause).toMatchObject({ code: 'authentik.outpost.shm-full', confidence: 'confirmed' });
  expect(whole.rootCause).not.toHaveProperty('scope');
  expect(half.rootCause).toMatchObject({ code: 'edge.cloudflare', confidence: 'confirmed', scope: 'shared' });
});

test('in any order of answers the diagnosis is the same, word for word', async () => {
  const platform = await remember('two-faults');
  const first = JSON.stringify(await platform.diagnose());
  expect(first).toContain('"confidence":"confirmed"');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(12), { minLength: 20, maxLength: 80 }), async (delays) => {
      const again = await platform.diagnose({ delay: (nth) => delays[nth % delays.length] ?? 0 });
      expect(JSON.stringify(again)).toBe(first);
    }),
    { numRuns: 25 },
  );
});
