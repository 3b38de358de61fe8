import type { Judgement, Probe } from '../../../diagnosis/probe.ts';
import { readMemory } from '../../../stacks/drift/memory.ts';
import { momentWords, timeWords } from '../../words.ts';

/** What `infra stack drift` found when it last looked from this machine, ISO 8601; null: it never did. */
export type DriftEvidence = { readonly firstSeen?: string; readonly lastClean?: string } | null;

const STACK = 'authentik';
const BY_HAND = `infra stack drift ${STACK}`;
/** A clean look proves little about what was done by hand since. */
const FRESH_S = 24 * 3600;

/** Whether the platform is as the code says, as far as it was looked at already: a plan takes minutes and a lock. */
export const drift: Probe<DriftEvidence> = {
  id: 'authentik.context.drift',
  title: 'drift',
  layer: 'context',
  kind: 'passive',
  cost: 'nothing: what the last infra stack drift found on this machine',
  question: 'Did the last look find anything that differs from the code?',
  why: 'A fix by hand is taken back by the next apply. A plan takes minutes and a lock, so it is not run while something burns.',
  byHand: () => BY_HAND,
  healthy: 'No changes, within the last day.',
  failures: [{ code: 'context.drift', meaning: 'What runs differs from the code: somebody changed it by hand.' }],

  async collect({ client, site, stateFolder }) {
    if (stateFolder === undefined) return null;
    const memory = await readMemory({ clients: { files: await client('files') }, site, stateFolder });
    return memory[STACK] ?? null;
  },

  judge(evidence, { at }): Judgement {
    const { firstSeen, lastClean } = evidence ?? {};
    if (firstSeen !== undefined)
      return {
        verdict: 'WARN',
        detail: `differed from the code when it was last looked at, first on ${momentWords(firstSeen)}; ${BY_HAND}`,
        observations: [{ code: 'context.drift', subject: STACK }],
      };
    const ageS = lastClean === undefined ? Number.POSITIVE_INFINITY : (at.getTime() - Date.parse(lastClean)) / 1000;
    if (ageS <= FRESH_S) return { verdict: 'PASS', detail: `no changes ${timeWords(ageS)} ago` };
    return { verdict: 'SKIP', reason: 'takes-minutes', detail: `not asked: a plan takes minutes; ${BY_HAND}` };
  },
};
