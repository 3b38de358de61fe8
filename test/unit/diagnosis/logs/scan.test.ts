import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileSignatures } from '../../../../src/lib/diagnosis/logs/compile.ts';
import { mergeEvidence } from '../../../../src/lib/diagnosis/logs/evidence.ts';
import { judgeLogs } from '../../../../src/lib/diagnosis/logs/judge.ts';
import { scanLogs } from '../../../../src/lib/diagnosis/logs/scan.ts';
import { CATALOGUE } from '../../../../src/lib/diagnosis/signatures/catalogue.ts';

// Hundreds of scans in one test; a busy machine takes its time.
const signatures = compileSignatures();
const options = { signatures, nowMs: Date.UTC(2026, 10, 21), source: 'a.log' };
const scan = (...lines: readonly string[]) => scanLogs(lines, options);
const SAMPLES = CATALOGUE.flatMap(({ samples }) => samples);
const REQUEST = '{"event":"/","level":"info","logger":"authentik.outpost","method":"GET","status":302}';

describe('a scan', () => {
  test('counts, and remembers first, last and which pod', async () => {
    const line = (pod: string, time: string): string =>
      `[pod/${pod}/proxy] {"event":"mismatched session ID","level":"warning","timestamp":"${time}"}`;
    const { hits, lines } = await scan(
      line('b', '2026-04-18T10:00:00Z'),
      line('a', '2026-04-18T09:00:00Z'),
      line('b', '2026-04-18T11:00:00Z'),
    );
    expect(lines).toBe(3);
    expect(hits).toMatchObject([
      {
        signature: 'AG2',
        count: 3,
        first: '2026-04-18T09:00:00.000Z',
        last: '2026-04-18T11:00:00.000Z',
        sources: [
          { source: 'b/proxy', count: 2 },
          { source: 'a/proxy', count: 1 },
        ],
      },
    ]);
  });

  test('takes the frames of a crash for one thing, and its last line for what it says', async () => {
    const { hits, unknown } = await scan(
      'Traceback (most recent call last):',
      '  File "/app/a.py", line 3, in raise_error',
      '    raise OSError(28)',
      'OSError: [Errno 28] No space left on device',
      'panic: assignment to entry in nil map',
      '',
      'goroutine 1 [running]:',
      'main.failed(0x1)',
      '\t/app/main.go:17 +0x1d error',
      'Error:',
      '   0: \u001b[91merror returned from database: password authentication failed for user "a"\u001b[0m',
      'Location:',
      '   packages/ak-common/src/db.rs:98 error',
      '{"event":"fine","level":"info"}',
    );
    expect(hits.map(({ signature, cause }) => [signature, cause])).toEqual([
      ['AR18', 'authentik.database-auth-failed'],
      ['AS5', 'authentik.shm-full-core'],
    ]);
    expect(unknown.shapes.map(({ shape }) => shape)).toEqual(['panic: assignment to entry in nil map']);
  });

  test('follows the crash of each pod by itself', async () => {
    const { unknown } = await scan(
      '[pod/a/x] Traceback (most recent call last):',
      '[pod/b/x] ERR import failed',
      '[pod/a/x]   raise Error("failed")',
      '[pod/a/x] ValueError: bad',
    );
    expect(unknown.shapes.map(({ shape }) => shape).sort()).toEqual(['ValueError: bad', 'import failed']);
  });

  test('clusters what it does not know by its shape', async () => {
    const lines = Array.from(
      { length: 50 },
      (_, index) => `ERROR order ${index} from 10.0.0.${index} failed: /var/x${index}`,
    );
    const { unknown } = await scan(...lines);
    expect(unknown).toMatchObject({
      lines: 50,
      shapes: [{ shape: 'ERROR order # from <ip> failed: <path>', count: 50 }],
    });
  });

  test('keeps what is frequent among a hundred thousand kinds that occur once', async () => {
    const word = (index: number): string =>
      index.toString(36).replaceAll(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] ?? '');
    function* lines(): Generator<string> {
      for (let index = 0; index < 100_000; index += 1) {
        yield `ERROR ${word(index)} qq${word(index * 7)} broke`;
        if (index % 50 === 0) yield 'ERROR the frequent one';
      }
    }
    const { unknown } = await scanLogs(lines(), options);
    expect(unknown.shapes[0]).toMatchObject({ shape: 'ERROR the frequent one', count: 2000 });
    expect(unknown.shapes.length).toBeLessThanOrEqual(20);
  });

  test('stays small on an endless line, and goes on behind it', async () => {
    function* endless(): Generator<Buffer> {
      const piece = Buffer.alloc(256 * 1024, 'error ');
      for (let index = 0; index < 1024; index += 1) yield piece;
      yield Buffer.from('\npanic: repeated read on failed websocket connection');
    }
    const before = process.memoryUsage().rss;
    const { cutLines, hits } = await scanLogs(endless(), options);
    expect(cutLines).toBe(1);
    expect(hits.map(({ signature }) => signature)).toEqual(['AG13']);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });

  test('gives the same evidence however the bytes are cut', async () => {
    const line = fc.oneof(
      fc.constantFrom(
        ...SAMPLES,
        REQUEST,
        '',
        'ERROR Ünïcode → broke',
        'Traceback (most recent call last):',
        '  frame',
      ),
      fc.string({ unit: 'binary', maxLength: 60 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 40 }),
        fc.constantFrom('\n', '\r\n'),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 }),
        async (lines, end, sizes) => {
          const bytes = Buffer.from(lines.join(end));
          const pieces: Buffer[] = [];
          for (let at = 0, index = 0; at < bytes.length; index += 1) {
            const size = sizes[index % sizes.length] ?? 1;
            pieces.push(bytes.subarray(at, at + size));
            at += size;
          }
          expect(await scanLogs(pieces, options)).toEqual(await scanLogs([bytes], options));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('never throws, whatever the bytes are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 500 })), async (pieces) => {
        const evidence = await scanLogs(pieces, options);
        expect(JSON.parse(JSON.stringify(evidence))).toEqual(evidence);
        judgeLogs(evidence);
      }),
      { numRuns: 300 },
    );
  });
});

describe('several logs', () => {
  test('are added up, and the parts do not matter', async () => {
    const lines = [...SAMPLES, ...SAMPLES, 'ERROR a', 'ERROR b'];
    const whole = await scan(...lines);
    const parts = await Promise.all([scan(...lines.slice(0, 90)), scan(...lines.slice(90))]);
    const merged = mergeEvidence(parts);
    expect(merged.lines).toBe(whole.lines);
    const counts = (hits: typeof whole.hits) =>
      Object.fromEntries(hits.map(({ signature, cause, count }) => [`${signature} ${cause}`, count]));
    expect(counts(merged.hits)).toEqual(counts(whole.hits));
  });
});

describe('a judgement', () => {
  const judge = async (...lines: readonly string[]) => judgeLogs(await scan(...lines));
  const sample = (id: string): string => CATALOGUE.find((each) => each.id === id)?.samples[0] ?? '';

  test('puts effects below their cause, over several steps', async () => {
    const { verdict, findings } = await judge(sample('AG3'), sample('AG2'), sample('AG1'));
    expect(verdict).toBe('FAIL');
    expect(findings.map(({ signature, role, causedBy }) => [signature, role, causedBy])).toEqual([
      ['AG1', 'cause', undefined],
      ['AG2', 'effect', 'logs.AG1'],
      ['AG3', 'effect', 'logs.AG1'],
    ]);
  });

  test('an effect without its cause is no cause: UNKNOWN', async () => {
    expect(await judge(sample('PF10'))).toMatchObject({ verdict: 'UNKNOWN', reason: 'unexplained-effects' });
  });

  test('a lock head without a reason is a backend error, with one it follows from it', async () => {
    expect((await judge(sample('TF1'))).summary).toBe('terraform.lock-backend-error');
    expect((await judge(sample('TF1'), sample('TF2'))).summary).toBe('terraform.state-locked');
  });

  test('a lost websocket is everyday life at a rollout; a stream of them, or what follows from it, is not', async () => {
    const lost = (minute: number, second = 0): string =>
      sample('AG12').replace(
        '10:00:00',
        `${String(10 + Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}:0${second}`,
      );
    const [pair, stream] = [[lost(0), lost(0, 1)], Array.from({ length: 6 }, (_, at) => lost(at))];
    expect(await judge(...pair)).toMatchObject({
      verdict: 'PASS',
      findings: [
        { role: 'noise', signature: 'AG12', detail: expect.stringContaining('2 lines, ordinary at a rollout of core') },
      ],
    });
    expect((await judge(...pair)).findings[0]).not.toHaveProperty('rootCause');
    // Three rollouts in a morning.
    expect(await judge(...pair, lost(60), lost(60, 1), lost(150), lost(150, 1))).toMatchObject({ verdict: 'PASS' });
    expect(await judge(...stream)).toMatchObject({ verdict: 'FAIL', summary: 'authentik.outpost-websocket-lost' });
    expect(await judge(sample('AG11'), sample('AG13'))).toMatchObject({ verdict: 'FAIL' });
    // Beside a real cause it stays what it is: no cause.
    expect((await judge(...pair, sample('AG1'))).summary).toBe('authentik.session-store-full');
  });

  test('only noise is PASS, noise and one unknown error is UNKNOWN', async () => {
    expect(await judge(sample('AG17'))).toMatchObject({ verdict: 'PASS' });
    expect(await judge(sample('AG17'), 'ERROR what is this')).toMatchObject({ reason: 'unknown-lines' });
  });

  test('silence counts only with served requests at a level that would show warnings', async () => {
    expect(await judge(REQUEST)).toMatchObject({ verdict: 'PASS' });
    expect(await judge('hello')).toMatchObject({ verdict: 'UNKNOWN', reason: 'silent' });
    expect(await judge('10.0.0.7 - - [13/Mar/2020:20:49:07 +0200] "GET / HTTP/1.1" 200 2')).toMatchObject({
      verdict: 'UNKNOWN',
      reason: 'silent',
    });
  });

  test('what was ordinary at a start says when it was over', async () => {
    const { findings } = await judge(sample('AS1'), sample('AS13'));
    expect(findings.find(({ signature }) => signature === 'AS1')?.endedAt).toBe('2024-11-28T10:00:10.250Z');
  });
});
