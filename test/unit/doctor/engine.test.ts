import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/lib/clients/clock/client.ts';
import { CHECKS } from '../../../src/lib/doctor/catalogue.ts';
import type { Check, World } from '../../../src/lib/doctor/check.ts';
import { fail, pass, skip } from '../../../src/lib/doctor/check.ts';
import { runChecks } from '../../../src/lib/doctor/engine.ts';
import { InfraError } from '../../../src/lib/errors.ts';
import { fakeClock } from '../../fakes/clock.ts';
import { makeWorld } from './world.ts';

/** A clock whose deadlines never come, and end when they are aborted. */
const patient: Clock = {
  ...fakeClock(),
  sleep: (_ms, signal) =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
};

const check = (id: string, run: () => Promise<ReturnType<typeof pass>>, more: { after?: string } = {}): Check => ({
  id,
  title: id,
  group: 'machine',
  needs: 'machine',
  run,
  ...more,
});

const results = async (checks: readonly Check[], clock: Clock = patient, world?: World) => {
  const found = await runChecks(checks, world ?? (await makeWorld({ clients: { clock } })));
  return found.map(({ id, verdict, reason }) => [id, verdict, reason]);
};

describe('the engine', () => {
  it('runs checks at the same time and answers in the order of the list', async () => {
    const gate = Promise.withResolvers<void>();
    const first = check('first', async () => gate.promise.then(() => pass('')));
    const second = check('second', async () => {
      gate.resolve();
      return pass('');
    });
    expect(await results([first, second])).toEqual([
      ['first', 'PASS', undefined],
      ['second', 'PASS', undefined],
    ]);
  });

  it('turns an error of ours into UNKNOWN with its code and its fix', async () => {
    const error = new InfraError('kubernetes.denied', 'denied', 'Not allowed.', { hints: ['kubectl auth can-i'] });
    const world = await makeWorld({ clients: { clock: patient } });
    const [finding] = await runChecks([check('one', () => Promise.reject(error))], world);
    expect(finding).toMatchObject({
      verdict: 'UNKNOWN',
      reason: 'kubernetes.denied',
      detail: 'Not allowed.',
      hint: 'kubectl auth can-i',
    });
  });

  it('survives a check that throws anything at all, and shows nothing of it', async () => {
    const world = await makeWorld({ clients: { clock: patient } });
    const [finding, next] = await runChecks(
      [check('one', () => Promise.reject(new TypeError('hvs.canary'))), check('two', async () => pass(''))],
      world,
    );
    expect(finding).toMatchObject({ verdict: 'UNKNOWN', reason: 'defect' });
    expect(JSON.stringify(finding)).not.toContain('canary');
    expect(next?.verdict).toBe('PASS');
  });

  it('ends a check that does not answer as UNKNOWN: could not tell is not healthy', async () => {
    const hangs = check('hangs', () => new Promise(() => {}));
    expect(await results([hangs], fakeClock())).toEqual([['hangs', 'UNKNOWN', 'timeout']]);
  });

  it('does not ask what cannot be answered: blocked is UNKNOWN, skipped stays SKIP', async () => {
    const never = (after: string) => check(`after ${after}`, () => Promise.reject(new Error('was asked')), { after });
    const failing = check('failing', async () => fail('', ''));
    const skipped = check('skipped', async () => skip('', 'not-configured'));
    expect(await results([never('failing'), failing, never('skipped'), skipped])).toEqual([
      ['after failing', 'UNKNOWN', 'blocked'],
      ['failing', 'FAIL', undefined],
      ['after skipped', 'SKIP', 'not-configured'],
      ['skipped', 'SKIP', 'not-configured'],
    ]);
  });
});

describe('without a repository', () => {
  it('everything that needs one is skipped, and no client of it is made', async () => {
    const world = await makeWorld({ repository: 'absent', clients: { clock: patient } });
    const found = await runChecks(CHECKS, world);
    const others = found.filter((finding) => finding.group !== 'machine');
    expect(others.length).toBeGreaterThan(10);
    expect(others.filter((finding) => finding.verdict !== 'SKIP')).toEqual([]);
  });

  it('that was named it is a failure, and what needs it is blocked', async () => {
    const world = await makeWorld({ repository: 'invalid', clients: { clock: patient } });
    const found = await runChecks(CHECKS, world);
    expect(found.find((finding) => finding.id === 'repository.infra-yaml')).toMatchObject({
      verdict: 'FAIL',
      hint: 'Name it.',
    });
    expect(found.find((finding) => finding.id === 'repository.stacks')).toMatchObject({
      verdict: 'UNKNOWN',
      reason: 'blocked',
    });
  });
});

describe('the catalogue', () => {
  it('has an id for each check, and every `after` names one', () => {
    const ids = CHECKS.map((one) => one.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const one of CHECKS) if (one.after !== undefined) expect(ids).toContain(one.after);
  });
});
