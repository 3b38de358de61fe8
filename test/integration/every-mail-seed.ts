import { describe, expect, test } from 'vitest';
import { conclude } from '../../src/lib/diagnosis/conclude.ts';
import { type Diagnosis, statusOfDiagnosis } from '../../src/lib/diagnosis/diagnosis.ts';
import { mail } from '../../src/lib/runbooks/mail/runbook.ts';
import { type Expected, TABLE } from './diagnose-mail-table.ts';
import { askMailWorld } from './diagnose-mail-world.ts';
import { AT_ONCE, brief, FIRST, LAST, wrongSeeds } from './seeds.ts';

/** Tests that play the worlds chosen under every seed and compare with the table. */
export function everyMailSeed(isMine: (index: number) => boolean): void {
  describe.each(TABLE.filter((_, index) => isMine(index)))('$world', (expected) => {
    test(`under seeds ${FIRST} to ${LAST}: ${expected.cause ?? 'no cause'}, ${expected.status}`, async () => {
      const workers = Array.from({ length: AT_ONCE }, () => undefined);
      expect(await wrongSeeds(workers, (_, seed) => differences(expected, seed))).toEqual([]);
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
