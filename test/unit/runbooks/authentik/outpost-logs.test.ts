import { describe, expect, test } from 'vitest';
import { outpostLogs } from '../../../../src/lib/runbooks/authentik/probes/outpost-logs.ts';
import { find, given, logs, logWindow } from './support.ts';

const judge = (...read: readonly ReturnType<typeof logWindow>[]) => outpostLogs.judge(logs(...read), given());
const FULL = 'authentik.session-store-full';

describe('the outposts’ logs', () => {
  test('with requests and no known failure are well', () => {
    expect(judge(logWindow())).toMatchObject({ verdict: 'PASS', coverage: { measured: 1, of: 1 } });
  });

  test('that show no request prove nothing by their silence', () => {
    expect(judge(logWindow({ served: 0 }), logWindow({ window: 'wider', served: 0 }))).toMatchObject({
      verdict: 'UNKNOWN',
      reason: 'silent',
    });
  });

  test('one line of a session that could not be saved is the cause, with its signature and since when', () => {
    const judged = judge(
      logWindow({ found: [find(FULL, { count: 1 })] }),
      logWindow({
        window: 'beginning',
        from: '2026-04-15T09:21:00Z',
        found: [find(FULL, { first: '2026-04-16T17:00:00Z' })],
      }),
    );
    expect(judged).toMatchObject({
      verdict: 'FAIL',
      causes: [{ code: 'authentik.outpost.shm-full', signature: FULL }],
      observations: [{ code: 'outpost.session-not-saved', subject: 'ak-outpost-a' }],
      since: { at: '2026-04-16T17:00:00Z', orBefore: false },
      samples: ['a line'],
    });
    expect(judged.detail).toContain('1 line');
  });

  test('a log that begins in the middle of the trouble says "or before"', () => {
    const rotated = logWindow({
      window: 'beginning',
      from: '2026-04-17T03:10:00Z',
      found: [find(FULL, { first: '2026-04-17T03:10:05Z' })],
    });
    expect(judge(logWindow({ found: [find(FULL, { first: '2026-04-17T03:10:05Z' })] }), rotated).since).toMatchObject({
      orBefore: true,
    });
  });

  test('the container before its restart counts when the new one is still silent', () => {
    const judged = judge(logWindow({ served: 0 }), logWindow({ window: 'previous', found: [find(FULL)] }));
    expect(judged).toMatchObject({ verdict: 'FAIL', causes: [{ code: 'authentik.outpost.shm-full' }] });
    expect(judged.detail).toContain('before the restart');
  });

  test('what stood there before a restart more than a day ago is history: told, and no verdict', () => {
    const old = logWindow({ window: 'previous', found: [find(FULL, { last: '2026-04-17T12:39:00Z' })] });
    const judged = judge(logWindow(), old);
    expect(judged).toMatchObject({
      verdict: 'PASS',
      timeline: [{ at: '2026-04-17T12:39:00Z', what: expect.stringContaining(`"${FULL}" before the restart`) }],
      data: [{ code: FULL, isOld: true, last: '2026-04-17T12:39:00Z' }],
    });
    expect({ causes: judged.causes, observations: judged.observations, since: judged.since }).toEqual({});
    const fresh = logWindow({ window: 'previous', found: [find(FULL, { last: '2026-04-17T12:41:00Z' })] });
    expect(judge(logWindow(), fresh)).toMatchObject({ verdict: 'FAIL' });
    const { last: _, ...undated } = find(FULL);
    expect(judge(logWindow(), logWindow({ window: 'previous', found: [undated] }))).toMatchObject({ verdict: 'FAIL' });
  });

  test('an old run of one pod lends its lines to no other', () => {
    const judged = judge(
      logWindow(),
      logWindow({ pod: 'ak-outpost-b' }),
      logWindow({ window: 'previous', found: [find(FULL, { last: '2026-04-10T12:00:00Z' })] }),
      logWindow({ pod: 'ak-outpost-b', window: 'previous', found: [find(FULL, { first: '2026-04-18T12:00:00Z' })] }),
    );
    expect(judged).toMatchObject({
      observations: [{ subject: 'ak-outpost-b' }],
      since: { at: '2026-04-18T12:00:00Z' },
    });
  });

  test('one that is longer than what is read says what is known of it', () => {
    const cut = { until: '2026-04-18T12:27:00Z', from: '2026-04-18T12:36:00Z' };
    const judged = judge(logWindow({ cut }));
    expect(judged).toMatchObject({ verdict: 'PASS', coverage: { measured: 1, of: 1 } });
    expect(judged.detail).toContain('the last 4 min of it');
    expect(judge(logWindow({ cut, found: [find(FULL)] })).detail).toContain('the last 4 min of it');
  });

  test('one whose newest lines could not be read is not measured, though what it shows counts', () => {
    const cut = { until: '2026-04-18T12:27:00Z', unread: 'timeout' };
    const judged = judge(logWindow(), logWindow({ pod: 'ak-outpost-b', cut }));
    expect(judged).toMatchObject({ verdict: 'UNKNOWN', reason: 'partial', coverage: { measured: 1, of: 2 } });
    expect(judged.detail).toContain('the newest lines of ak-outpost-b could not be read');
    expect(judge(logWindow({ cut, found: [find(FULL)] }))).toMatchObject({ verdict: 'FAIL' });
  });

  test('one that is empty is not hidden by another that is not', () => {
    const empty = { lines: 0, served: 0 };
    const silent = [logWindow({ pod: 'b', ...empty }), logWindow({ pod: 'c', ...empty })];
    const judged = judge(logWindow(), ...silent, logWindow({ pod: 'b', window: 'previous' }));
    expect(judged).toMatchObject({ verdict: 'UNKNOWN', reason: 'partial', coverage: { measured: 1, of: 3 } });
    expect(judged.detail).toContain('no line in b, c');
    const earlier = silent.map((one) => logWindow({ ...one, window: 'wider', lines: 3 }));
    expect(judge(logWindow(), ...silent, ...earlier)).toMatchObject({ verdict: 'PASS' });
  });

  test('lines from the beginning that no longer come are history', () => {
    expect(judge(logWindow(), logWindow({ window: 'beginning', found: [find(FULL)] })).verdict).toBe('PASS');
  });

  test.each([
    ['authentik.session-mismatch', 2, 'PASS'],
    ['authentik.session-mismatch', 3, 'WARN'],
    ['authentik.outpost-websocket-lost', 2, 'PASS'],
    ['authentik.outpost-websocket-lost', 10, 'WARN'],
    ['authentik.core-unreachable', 4, 'PASS'],
    ['authentik.outpost-no-app', 2, 'PASS'],
  ] as const)('%s, %d times: %s', (finding, count, verdict) => {
    expect(judge(logWindow({ found: [find(finding, { count })] })).verdict).toBe(verdict);
  });

  test('a mismatch alone blames nobody: it is what a restart looks like too', () => {
    expect(judge(logWindow({ found: [find('authentik.session-mismatch')] })).causes).toEqual([]);
  });

  test('noise is no sign, whatever it is called', () => {
    expect(judge(logWindow({ found: [find(FULL, { kind: 'noise' })] })).verdict).toBe('PASS');
  });

  test('a host without an application is named when the line names it', () => {
    const sample = '{"event":"no app for hostname","host":"photos.example.com","level":"warning"}';
    const judged = judge(logWindow({ found: [find('authentik.outpost-no-app', { sample })] }));
    expect(judged).toMatchObject({ verdict: 'FAIL', causes: [{ code: 'authentik.outpost.unknown-host' }] });
    expect(judged.detail).toContain('photos.example.com');
  });

  test('a pod whose log could not be read is missing in the coverage', () => {
    const missed = [
      { pod: 'ak-outpost-b', container: 'proxy', window: 'newest', reason: 'timeout', message: 'none' },
    ] as const;
    expect(outpostLogs.judge({ read: [logWindow()], missed }, given()).coverage).toMatchObject({ measured: 1, of: 2 });
  });

  test('without any log there is no answer', () => {
    expect(judge()).toMatchObject({ verdict: 'UNKNOWN', reason: 'empty' });
  });
});
