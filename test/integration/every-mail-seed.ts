import { describe, expect, test } from 'vitest';
import { conclude } from '../../src/lib/diagnosis/conclude.ts';
import { type Diagnosis, statusOfDiagnosis } from '../../src/lib/diagnosis/diagnosis.ts';
import { mail } from '../../src/lib/runbooks/mail/runbook.ts';
import { type Expected, TABLE } from './diagnose-mail-table.ts';
import { askMailWorld } from './diagnose-mail-world.ts';

/** How many runs of a world are under way at once: they wait for each other’s servers, not for the processor. */
const AT_ONCE = 4;
/** Twenty seeds, or those in INFRA_SEEDS, such as `0-199` to look further. */
const [FIRST = 0, LAST = 19] = (process.env.INFRA_SEEDS ?? '').match(/\d+/g)?.map(Number) ?? [];

/** Tests that play the worlds chosen under every seed and compare with the table. */
export function everyMailSeed(isMine: (index: number) => boolean): void {
  describe.each(TABLE.filter((_, index) => isMine(index)))('$world', (expected) => {
    test(`under seeds ${FIRST} to ${LAST}: ${expected.cause ?? 'no cause'}, ${expected.status}`, async () => {
      const seeds = Array.from({ length: LAST - FIRST + 1 }, (_, index) => FIRST + index);
      const wrong: unknown[] = [];
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
            const found = await differences(expected, seed);
            if (found.length > 0) wrong.push({ seed, found });
          }
        }),
      );
      expect(wrong).toEqual([]);
    }, 180_000);
  });
}

/** What a diagnosis of the world says otherwise than it should. */
async function differences(expected: Expected, seed: number): Promise<readonly string[]> {
  const { recorded, defects } = await askMailWorld(expected.world, seed);
  const diagnosis = conclude(mail, recorded, (_, thrown) => {
    throw thrown;
  });
  const { rootCause, findings } = diagnosis;
  const should = (what: string, found: unknown, wanted: unknown): readonly string[] =>
    found === wanted ? [] : [`${what} is ${String(found)} instead of ${String(wanted)}; ${brief(diagnosis)}`];
  const unknown = findings.filter(({ verdict }) => verdict === 'UNKNOWN').map(({ id, reason }) => `${id} ${reason}`);
  const wanted = Object.entries(expected.unknown ?? {}).map(([id, reason]) => `${id} ${reason}`);
  return [
    ...defects.map((defect) => `defect: ${defect instanceof Error ? defect.stack : String(defect)}`),
    ...should('status', statusOfDiagnosis(diagnosis), expected.status),
    ...should('cause', rootCause?.code, expected.cause),
    ...should('confidence', rootCause?.confidence, expected.cause === undefined ? undefined : 'confirmed'),
    ...should('what is unknown', unknown.sort().join(', '), wanted.sort().join(', ')),
    ...nothingElse(expected, diagnosis),
    ...cleared(expected, diagnosis),
  ];
}

/** Whatever else is named, and failures that are blamed on nothing or on something else. */
function nothingElse({ cause }: Expected, { alsoFailing, findings }: Diagnosis): readonly string[] {
  const blamed = findings.flatMap(({ causedBy }) => causedBy ?? []);
  return [
    ...alsoFailing.map(({ code, summary }) => `${code ?? summary} is failing too`),
    ...blamed.filter((code) => code !== cause).map((code) => `something is blamed on ${code}`),
  ];
}

function cleared({ cleared: wanted = [], notCleared }: Expected, { exonerated }: Diagnosis): readonly string[] {
  const layers = exonerated.map(({ layer }) => layer);
  return [
    ...wanted.filter((layer) => !layers.includes(layer)).map((layer) => `${layer} is not cleared`),
    ...layers.filter((layer) => layer === notCleared).map((layer) => `${layer} is cleared`),
  ];
}

/** What stands out, for the message. */
function brief({ findings }: Diagnosis): string {
  const notable = findings.filter(({ verdict }) => verdict !== 'PASS' && verdict !== 'SKIP');
  return notable.map(({ detail, id, verdict }) => `${verdict} ${id}: ${detail.slice(0, 160)}`).join(' | ');
}
