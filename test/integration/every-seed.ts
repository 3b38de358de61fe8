import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Diagnosis } from '../../src/lib/diagnosis/diagnosis.ts';
import { loadWorld } from '../../src/sandbox/worlds/catalogue.ts';
import { type Expected, TABLE } from './diagnose-authentik-table.ts';
import { diagnoseWorld } from './diagnose-world.ts';
import { AT_ONCE, brief, FIRST, LAST, wrongSeeds } from './seeds.ts';
import { type Stage, setStage } from './stage.ts';

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
      expect(await wrongSeeds(stages, (stage, seed) => differences(stage, expected, seed))).toEqual([]);
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
