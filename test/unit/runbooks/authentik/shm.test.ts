import { describe, expect, test } from 'vitest';
import { readDf, readLs } from '../../../../src/lib/runbooks/authentik/evidence/shm.ts';
import { outpostShm } from '../../../../src/lib/runbooks/authentik/probes/outpost-shm.ts';
import { find, given, logs, logWindow, MIB, outpostPod, shm } from './support.ts';

const PODS = 'authentik.cluster.pods';
const LOGS = 'authentik.outpost.logs';
const CONFIG = 'authentik.outpost.config';
const week = { outposts: [], validities: [{ provider: 'catch-all', validity: 'hours=168' }] };

const judge = (fact: ReturnType<typeof shm>, answers: Record<string, unknown> = {}, pod = outpostPod()) =>
  outpostShm.judge({ measured: [fact], missed: [] }, given({ [PODS]: [pod], ...answers }));

describe('what df and ls print', () => {
  test('one line of figures, the folder itself not counted', () => {
    const text =
      '     1B-blocks      Used     Avail  Inodes  IUsed\n      67108864  67108864         0  500000  16385\n';
    expect(readDf(text, 'p')).toEqual({ sizeBytes: 67_108_864, usedBytes: 67_108_864, files: 16_384 });
  });

  test('a file system that does not count inodes says nothing about files', () => {
    expect(readDf('1B-blocks Used Avail Inodes IUsed\n67108864 4096 67104768 0 0\n', 'p')).toEqual({
      sizeBytes: 67_108_864,
      usedBytes: 4096,
    });
  });

  test.each(['', 'df: /dev/shm: No such file or directory', '1B-blocks Used\nnone none'])(
    'no figures in %j',
    (text) => {
      expect(() => readDf(text, 'p')).toThrow(expect.objectContaining({ code: 'authentik.shm.malformed' }));
    },
  );

  test('files with their blocks; names may hold spaces, and the sum is no file', () => {
    expect(readLs('total 12288\n 4096 session-cleanup.lock\n 8192 a file\n')).toEqual({
      otherFiles: 2,
      otherBytes: 12_288,
    });
    expect(readLs('total 0\n')).toEqual({ otherFiles: 0, otherBytes: 0 });
  });
});

describe('/dev/shm of an outpost', () => {
  test('with room for what it will hold is well', () => {
    const fact = shm({ sizeBytes: 2048 * MIB, usedBytes: 58 * MIB, files: 14_848 });
    expect(judge(fact, { [CONFIG]: week })).toMatchObject({
      verdict: 'PASS',
      causes: [],
      forecast: { method: 'count over uptime' },
      coverage: { measured: 1, of: 1 },
    });
  });

  test('full: the cause, and a forecast from pod start to the first failed write, never from a count that stands still', () => {
    const seen = logs(
      logWindow({ window: 'beginning', from: '2026-04-15T09:22:00Z', found: [find('authentik.session-store-full')] }),
    );
    const judged = judge(shm({ usedBytes: 64 * MIB, files: 44_000 }), { [LOGS]: seen });
    expect(judged).toMatchObject({
      verdict: 'FAIL',
      causes: [{ code: 'authentik.outpost.shm-full' }],
      forecast: { method: 'start to first failed write' },
    });
    // 16,384 files in 31.65 hours.
    expect(judged.forecast?.perMinute).toBeCloseTo(8.63, 1);
    expect(judged.detail).toContain('100 % used');
  });

  test('full, and nobody knows since when: no forecast rather than a wrong one', () => {
    expect(judge(shm({ usedBytes: 64 * MIB, files: 16_384 })).forecast).toBeUndefined();
  });

  test('that will be full before the first session is swept is a failure while it still works', () => {
    const fact = shm({ usedBytes: 8000 * 4096, files: 8000 });
    const judged = judge(fact, { [CONFIG]: week });
    expect(judged).toMatchObject({ verdict: 'FAIL', causes: [{ code: 'authentik.outpost.shm-filling' }] });
    expect(judged.detail).toContain('full in about');
  });

  test('the same rate does not fill it when sessions live an hour', () => {
    const hour = { outposts: [], validities: [{ provider: 'catch-all', validity: 'hours=1' }] };
    const young = outpostPod({ startedAt: '2026-04-18T11:50:00Z' });
    expect(judge(shm({ usedBytes: 800 * 4096, files: 800 }), { [CONFIG]: hour }, young).verdict).toBe('PASS');
  });

  test.each([
    [0.74, 'PASS'],
    [0.76, 'WARN'],
    [0.91, 'FAIL'],
  ])('%d full of other things: %s', (share, verdict) => {
    const usedBytes = Math.round(64 * MIB * share);
    expect(judge(shm({ usedBytes, files: 3, otherFiles: 3, otherBytes: usedBytes })).verdict).toBe(verdict);
  });

  test('the memory limit counts when it is smaller than the file system', () => {
    const pod = outpostPod({}, { memoryLimitBytes: 256 * MIB });
    const judged = judge(shm({ sizeBytes: 512 * MIB, usedBytes: 240 * MIB, files: 61_440 }), {}, pod);
    expect(judged.verdict).toBe('FAIL');
    expect(judged.detail).toContain('256 MiB (512 MiB, but the container may use 256 MiB)');
  });

  test('a pod of a minute, and a handful of files, make no forecast', () => {
    expect(judge(shm(), {}, outpostPod({ startedAt: '2026-04-18T12:39:00Z' })).forecast).toBeUndefined();
    expect(judge(shm({ files: 5, usedBytes: 5 * 4096 })).forecast).toBeUndefined();
  });

  test('two measurements are a rate of their own', () => {
    const later = { files: 1018, usedBytes: 1018 * 4096, at: '2026-04-18T12:41:00Z' };
    expect(judge(shm({ later })).forecast).toMatchObject({ method: 'two samples', perMinute: 18 });
  });

  test('pods that could not be measured are told; none measured is not well', () => {
    const missed = [{ pod: 'ak-outpost-b', reason: 'kubernetes.timeout', message: 'no answer' }];
    const some = outpostShm.judge(
      { measured: [shm({ files: 3, usedBytes: 3 * 4096 })], missed },
      given({ [PODS]: [outpostPod()] }),
    );
    expect(some.coverage).toEqual({ measured: 1, of: 2, unit: 'outpost pods' });
    expect(outpostShm.judge({ measured: [], missed: [] }, given({ [PODS]: [] })).verdict).toBe('UNKNOWN');
    expect(outpostShm.judge({ measured: [], missed }, given({ [PODS]: [] })).verdict).toBe('UNKNOWN');
  });

  test('the second outpost counts as much as the first', () => {
    const second = outpostPod({ name: 'ak-outpost-public-x' });
    const facts = [
      shm({ files: 3, usedBytes: 3 * 4096 }),
      shm({ pod: 'ak-outpost-public-x', usedBytes: 64 * MIB, files: 16_384 }),
    ];
    const judged = outpostShm.judge({ measured: facts, missed: [] }, given({ [PODS]: [outpostPod(), second] }));
    expect(judged.detail).toContain('ak-outpost-public-x');
    expect(judged.observations).toEqual([{ code: 'outpost.shm-full', subject: 'ak-outpost-public-x' }]);
  });
});
