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
