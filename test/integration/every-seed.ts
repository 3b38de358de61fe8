import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Diagnosis } from '../../src/lib/diagnosis/diagnosis.ts';
import { loadWorld } from '../../src/sandbox/worlds/catalogue.ts';
import { type Expected, TABLE } from './diagnose-authentik-table.ts';
import { diagnoseWorld } from './diagnose-world.ts';
import { type Stage, setStage } from './stage.ts';

/** How many runs of a world are under way at once: they wait for each other’s servers, not for the processor. */
const AT_ONCE = 4;
/** Twenty seeds, or those in INFRA_SEEDS, such as `0-199` to look further. */
const [FIRST = 0, LAST = 19] = (process.env.INFRA_SEEDS ?? '').match(/\d+/g)?.map(Number) ?? [];

/** Tests that play the worlds chosen under every seed and compare with the table. */
export function everySeed(isMine: (index: number) => boolean): void {
  const stages: Stage[] = [];
  beforeAll(async () => {
    stages.push(...(await Promise.all(Array.from({ length: AT_ONCE }, setStage))));
  });
  afterAll(async () => {
    await Promise.all(stages.map((stage) => stage.close()));
  });
  describe.each(TABLE.filter((_, index) => isMine(index)))('$world', (expected) => {
    test(`under seeds ${FIRST} to ${LAST}: ${expected.cause ?? 'no cause'}, ${expected.status}`, async () => {
      const seeds = Array.from({ length: LAST - FIRST + 1 }, (_, index) => FIRST + index);
      const wrong: unknown[] = [];
      await Promise.all(
        stages.map(async (stage) => {
          for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
            const found = await differences(stage, expected, seed);
            if (found.length > 0) wrong.push({ seed, found });
          }
        }),
      );
      expect(wrong).toEqual([]);
    });
  });
}

/** What a diagnosis of the world says otherwise than it should. */
async function differences(stage: Stage, expected: Expected, seed: number): Promise<readonly string[]> {
  const { timeoutMs, user, world: name } = expected;
  const world = await loadWorld(name, { seed });
  const options = user === undefined ? {} : { user };
  const { defects, diagnosis, status } = await diagnoseWorld(stage, world, options, timeoutMs);
  const scope = diagnosis.rootCause?.scope;
  const should = (what: string, found: unknown, wanted: unknown): readonly string[] =>
    found === wanted ? [] : [`${what} is ${String(found)} instead of ${String(wanted)}; ${brief(diagnosis)}`];
  return [
    ...defects.map((defect) => `defect: ${defect instanceof Error ? defect.stack : String(defect)}`),
    ...should('verdict', diagnosis.verdict, expected.verdict),
    ...should('status', status, expected.status),
    ...should('cause', diagnosis.rootCause?.code, expected.cause),
    ...should('confidence', diagnosis.rootCause?.confidence, expected.cause === undefined ? undefined : 'confirmed'),
    ...(expected.scope === 'any' ? [] : should('scope', scope, expected.scope === 'none' ? undefined : expected.scope)),
    ...nothingElse(expected, diagnosis),
    ...cleared(expected, diagnosis),
    ...unanswered(expected, diagnosis),
  ];
}

/** Further causes that are named, and findings that are blamed on something else than a cause that is there. */
function nothingElse({ also = [], cause }: Expected, diagnosis: Diagnosis): readonly string[] {
  const named = diagnosis.alsoFailing.flatMap(({ code }) => code ?? []);
  const roots = [cause, ...also];
  const blamed = diagnosis.findings.flatMap(({ causedBy }) => causedBy ?? []);
  return [
    ...named.filter((code) => !also.includes(code)).map((code) => `${code} is named too`),
    ...also.filter((code) => !named.includes(code)).map((code) => `${code} is not named`),
    ...blamed.filter((code) => !roots.includes(code)).map((code) => `something is blamed on ${code}`),
  ];
}

function cleared({ cleared: wanted = [], notCleared }: Expected, diagnosis: Diagnosis): readonly string[] {
  const layers = diagnosis.exonerated.map(({ layer }) => layer);
  const wrongly = diagnosis.exonerated.filter(({ layer, what }) => layer === notCleared || mentions(what, notCleared));
  return [
    ...wanted.filter((layer) => !layers.includes(layer)).map((layer) => `${layer} is not cleared`),
    ...wrongly.map(({ what }) => `"${what}" is cleared`),
  ];
}

/** An exoneration of several parts names them. */
function mentions(what: string, layer: string | undefined): boolean {
  return layer !== undefined && what.toLowerCase().includes(layer.replace('-', ' '));
}

function unanswered({ unknown = {} }: Expected, { findings }: Diagnosis): readonly string[] {
  return Object.entries(unknown).flatMap(([id, pattern]) => {
    const found = findings.find((each) => each.id === id);
    if (found?.verdict === 'UNKNOWN' && pattern.test(found.detail)) return [];
    return [`${id} is ${found?.verdict}: ${found?.detail}`];
  });
}

/** What stands out, for the message. */
function brief({ findings }: Diagnosis): string {
  const notable = findings.filter(({ verdict }) => verdict !== 'PASS' && verdict !== 'SKIP');
  return notable.map(({ detail, id, verdict }) => `${verdict} ${id}: ${detail.slice(0, 160)}`).join(' | ');
}
