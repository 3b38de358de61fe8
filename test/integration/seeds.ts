import type { Diagnosis } from '../../src/lib/diagnosis/diagnosis.ts';

/** How many runs of a world are under way at once: they wait for each other’s servers, not for the processor. */
export const AT_ONCE = 4;
/** Twenty seeds, or those in INFRA_SEEDS, such as `0-199` to look further. */
export const [FIRST = 0, LAST = 19] = (process.env.INFRA_SEEDS ?? '').match(/\d+/g)?.map(Number) ?? [];

/** Gives each seed to the next worker that is free; what they found, of seeds that something was found in. */
export async function wrongSeeds<Worker>(
  workers: readonly Worker[],
  differences: (worker: Worker, seed: number) => Promise<readonly string[]>,
): Promise<readonly { seed: number; found: readonly string[] }[]> {
  const seeds = Array.from({ length: LAST - FIRST + 1 }, (_, index) => FIRST + index);
  const wrong: { seed: number; found: readonly string[] }[] = [];
  await Promise.all(
    workers.map(async (worker) => {
      for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
        const found = await differences(worker, seed);
        if (found.length > 0) wrong.push({ seed, found });
      }
    }),
  );
  return wrong;
}

/** What stands out in a diagnosis, for the message. */
export function brief({ findings }: Diagnosis): string {
  const notable = findings.filter(({ verdict }) => verdict !== 'PASS' && verdict !== 'SKIP');
  return notable.map(({ detail, id, verdict }) => `${verdict} ${id}: ${detail.slice(0, 160)}`).join(' | ');
}
