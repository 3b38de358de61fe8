import { describe, expect, test } from 'vitest';
import { CAUSES } from '../../../src/lib/runbooks/authentik/causes/causes.ts';
import { WORLDS } from '../../../src/sandbox/worlds/catalogue.ts';

const NOW = Date.parse('2026-09-12T10:00:00Z');

/** A world as text; what is worked out when it is asked for is left out. */
async function textOf(name: string, seed: number): Promise<string> {
  const world = await WORLDS.find((each) => each.name === name)?.load({ seed, now: NOW });
  return JSON.stringify(world);
}

describe.each(WORLDS.map(({ name }) => name))('%s', (name) => {
  test('is the same for the same seed, and another one for another', async () => {
    const [first, again, other] = await Promise.all([textOf(name, 7), textOf(name, 7), textOf(name, 8)]);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test('holds no verdict: no cause, no finding, no remedy is named in it', async () => {
    const text = await textOf(name, 0);
    expect(CAUSES.map(({ code }) => code).filter((code) => text.includes(code))).toEqual([]);
    expect(text).not.toMatch(/rootCause|"verdict"|"FAIL"/);
  });
});

test('the list tells what one would notice and never names a part that is broken', () => {
  const broken = WORLDS.filter(({ symptom }) => !symptom.startsWith('nothing is wrong'));
  for (const { symptom } of broken) {
    expect(symptom).not.toMatch(/pgbouncer|auth-proxy|Worker|selector|\block\b|tunnel|endpoint|memory|OOM|session/i);
  }
});
