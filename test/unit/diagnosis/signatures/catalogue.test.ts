import { describe, expect, test } from 'vitest';
import { compileSignatures } from '../../../../src/lib/diagnosis/logs/compile.ts';
import { judgeLogs } from '../../../../src/lib/diagnosis/logs/judge.ts';
import { scanLogs } from '../../../../src/lib/diagnosis/logs/scan.ts';
import { anchorsOf } from '../../../../src/lib/diagnosis/signatures/anchor.ts';
import { CATALOGUE, signatureOf } from '../../../../src/lib/diagnosis/signatures/catalogue.ts';
import { FINDING_CODES, rootCauseOf } from '../../../../src/lib/diagnosis/signatures/codes.ts';
import { NEAR_MISSES } from './near-misses.ts';

const signatures = compileSignatures();
const nowMs = Date.UTC(2026, 10, 21);
const idsIn = async (line: string): Promise<readonly string[]> =>
  (await scanLogs([line], { signatures, nowMs })).hits.map(({ signature }) => signature);

describe.each(CATALOGUE.map((signature) => ({ id: signature.id, signature })))('$id', ({ id, signature }) => {
  test.each(signature.samples)('is found in %s', async (sample) => {
    expect(await idsIn(sample)).toContain(id);
  });

  test('is not found in what only resembles it', async () => {
    const line = NEAR_MISSES[id];
    expect(line, 'no near miss').toBeDefined();
    expect(await idsIn(line ?? '')).not.toContain(id);
  });

  test('survives the prefixes of kubectl, of the container runtime and of compose, and colour', async () => {
    const [sample = ''] = signature.samples;
    // What has a prefix of its own is never written into a container's log.
    if (/^(?:\d\d:|worker-|│)/.test(sample)) return;
    for (const prefix of ['[pod/web-1/proxy] ', '2025-11-20T16:20:44.912776319Z ', 'web-1  | ']) {
      expect(await idsIn(`${prefix}${sample}`), prefix).toContain(id);
    }
    expect(await idsIn(`\u001b[31m${sample}\u001b[0m`)).toContain(id);
  });
});

describe('the catalogue', () => {
  test('has each id once, and near misses for nothing else', () => {
    const ids = CATALOGUE.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(Object.keys(NEAR_MISSES).filter((id) => signatureOf(id) === undefined)).toEqual([]);
  });

  test('names only signatures that exist', () => {
    const named = CATALOGUE.flatMap(({ effectOf = [], endedBy }) => [...effectOf, ...(endedBy ? [endedBy] : [])]);
    expect(named.filter((id) => signatureOf(id) === undefined)).toEqual([]);
  });

  test('gives every cause a code and a next step, and noise neither', () => {
    const wrong = CATALOGUE.filter(({ kind, cause, next, effectOf }) => {
      if (kind === 'cause') return cause === undefined || next === undefined;
      if (kind === 'effect') return next === undefined || (effectOf === undefined && cause !== undefined);
      return cause !== undefined || next !== undefined;
    });
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  test('uses every finding code, and each has a root cause', () => {
    const used = new Set(CATALOGUE.flatMap(({ cause, refine = [] }) => [cause, ...refine.map((each) => each.cause)]));
    expect(FINDING_CODES.filter((code) => !used.has(code))).toEqual([]);
    expect(FINDING_CODES.map(rootCauseOf).every((code) => /^[a-z][a-z0-9.-]+$/.test(code))).toBe(true);
  });

  test('has an anchor for each that stands in its own samples', () => {
    for (const signature of CATALOGUE) {
      const plain = signature.samples[0]?.toLowerCase() ?? '';
      expect(
        anchorsOf(signature).some((anchor) => plain.includes(anchor)),
        signature.id,
      ).toBe(true);
    }
  });

  test('patterns keep no state between two lines', () => {
    const sticky = CATALOGUE.filter(({ pattern, unless }) => /[gy]/.test(pattern.flags + (unless?.flags ?? '')));
    expect(sticky).toEqual([]);
  });

  test('is judged without error for every sample, and a cause is always FAIL', async () => {
    for (const { id, kind, ordinary, samples } of CATALOGUE) {
      for (const sample of samples) {
        const { verdict, findings } = judgeLogs(await scanLogs([sample], { signatures, nowMs }));
        const own = findings.find(({ signature }) => signature === id);
        if (ordinary !== undefined) {
          expect([verdict, own?.role], id).toEqual(['PASS', 'noise']);
          continue;
        }
        if (kind === 'cause') expect(verdict, id).toBe('FAIL');
        expect(own?.role, id).toMatch(kind === 'cause' ? /cause|effect/ : kind === 'effect' ? /effect/ : kind);
      }
    }
  });
});
