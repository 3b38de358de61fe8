/** What holds for `diagnose mail` whatever a platform withholds. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Collected, Recorded } from '../../src/lib/diagnosis/collected.ts';
import { conclude } from '../../src/lib/diagnosis/conclude.ts';
import { type Diagnosis, statusOfDiagnosis } from '../../src/lib/diagnosis/diagnosis.ts';
import type { Json } from '../../src/lib/diagnosis/json.ts';
import { mail } from '../../src/lib/runbooks/mail/runbook.ts';
import { askMailWorld } from './diagnose-mail-world.ts';

const REASONS = ['forbidden', 'timeout', 'unreachable', 'malformed', 'empty'] as const;
const RUNS = Number(process.env.INFRA_RUNS ?? 150);

/** What is taken out: whole answers by probe, and connections whose vantage had no way there. */
type Withheld = { readonly probes: Readonly<Record<string, string>>; readonly connections: readonly number[] };

/** The same run, had these questions had no answer; what stands on them is blocked. */
function without(recorded: Recorded, { probes, connections }: Withheld): Recorded {
  const needs = new Map(mail.probes.map(({ id, dependsOn = [] }) => [id, dependsOn]));
  const blocker = (id: string): string | undefined => {
    for (const other of needs.get(id) ?? []) {
      if (other in probes) return other;
      const deeper = blocker(other);
      if (deeper !== undefined) return deeper;
    }
    return undefined;
  };
  const state = { nth: 0 };
  const collected = recorded.collected.map((one): Collected => {
    const reason = probes[one.id];
    if (reason !== undefined) return { ...one, evidence: { state: 'no-answer', reason, message: `${reason}.` } };
    const blockedBy = blocker(one.id);
    if (blockedBy !== undefined)
      return { ...one, blockedBy, evidence: { state: 'no-answer', reason: 'blocked', message: 'not asked' } };
    return one.evidence.state === 'no-answer'
      ? one
      : {
          ...one,
          evidence: { state: 'answered', value: cut(one.evidence.value, () => connections.includes(state.nth++)) },
        };
  });
  return { ...recorded, collected };
}

/** A connection that this vantage could not even begin. */
function cut(value: Json, isCut: () => boolean): Json {
  if (typeof value !== 'object' || value === null || !('asked' in value) || !Array.isArray(value.asked)) return value;
  const asked = value.asked.map((one) => {
    const { cell, report } = one as { readonly cell?: Json; readonly report?: { readonly phases: Json } };
    if (report === undefined || cell === undefined || !('hop' in (cell as object)) || !isCut()) return one;
    const problems = [{ phase: 'connect', reason: 'vantage', detail: 'no way there' }];
    return {
      cell,
      report: {
        problems,
        phases: report.phases,
        transcript: [],
        connected: false,
        sentBytes: 0,
        receivedBytes: 0,
        ms: 1,
      },
    };
  });
  return { ...value, asked } as Json;
}

const confirmed = ({ rootCause }: Diagnosis): string | undefined =>
  rootCause?.confidence === 'confirmed' ? rootCause.code : undefined;

const someIds = fc.uniqueArray(fc.constantFrom(...mail.probes.map(({ id }) => id)), { minLength: 0, maxLength: 8 });
const withheld: fc.Arbitrary<Withheld> = fc
  .tuple(someIds, fc.array(fc.constantFrom(...REASONS), { minLength: 8, maxLength: 8 }), fc.uniqueArray(fc.nat(24)))
  .map(([ids, reasons, connections]) => ({
    probes: Object.fromEntries(ids.map((id, at) => [id, reasons[at] ?? 'timeout'])),
    connections,
  }))
  .filter(({ probes }) => Object.keys(probes).length > 0);

describe.each([
  'healthy',
  'mail-smtp-gone',
  'mail-outside-only',
  'mail-submission-odd',
  'mail-submission-closed',
  'mail-smtps-refused',
  'mail-pool-forgotten',
  'mail-nat-old-target',
  'mail-provider-blocks',
  'mail-half-of-them',
  'mail-come-back-later',
  'mail-dns-forged',
  'mail-queue-relay',
  'mail-relay-banned',
])('%s', (world) => {
  test('whatever is withheld, it never ends with 0 and never confirms another cause', async () => {
    const { recorded } = await askMailWorld(world);
    const whole = conclude(mail, recorded);
    const cause = confirmed(whole);
    expect(cause === undefined).toBe(world === 'healthy');
    const ids = mail.probes.map(({ id }) => id);
    const check = (missing: Withheld): void => {
      const diagnosis = conclude(mail, without(recorded, missing), (_, thrown) => {
        throw thrown;
      });
      expect(statusOfDiagnosis(diagnosis), JSON.stringify(missing)).not.toBe('ok');
      expect([undefined, cause], JSON.stringify(missing)).toContain(confirmed(diagnosis));
    };
    for (const id of ids) check({ probes: { [id]: 'forbidden' }, connections: [] });
    fc.assert(fc.property(withheld, check), { numRuns: RUNS, endOnFailure: true });
  });
});
