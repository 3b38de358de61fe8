import { describe, expect, test } from 'vitest';
import { bothEnds, type LogCut } from '../../../../src/lib/diagnosis/logs/both-ends.ts';
import { InfraError } from '../../../../src/lib/errors.ts';
import { kubeletLog, stampedLines } from '../../../fakes/kubelet-log.ts';

const END = '2026-04-18T12:40:00.000Z';
const stamp = (secondsAgo: number): string =>
  new Date(Date.parse(END) - secondsAgo * 1000).toISOString().replace('Z', '000000Z');

async function read(log: ReturnType<typeof kubeletLog>, limitBytes: number) {
  const cuts: LogCut[] = [];
  const lines: string[] = [];
  const request = { namespace: 'n', pod: 'p', sinceSeconds: 900, limitBytes, timestamps: true };
  for await (const line of bothEnds(log, request, (cut) => cuts.push(cut))) lines.push(line);
  return { lines, cuts, asked: log.asked.map(({ tailLines }) => tailLines) };
}

/** A hundred bytes with its line end. */
const text = (at: number): string => `line ${at} `.padEnd(68, '.');

describe('a log', () => {
  test('that fits is read once, and nothing is told', async () => {
    const all = stampedLines(10, END, text);
    expect(await read(kubeletLog(all), 2000)).toEqual({ lines: all, cuts: [], asked: [undefined] });
  });

  test('that is longer is read at its beginning and at its end, no line twice and none by half', async () => {
    const all = stampedLines(100, END, text);
    const { lines, cuts, asked } = await read(kubeletLog(all), 1050);
    expect(asked).toEqual([undefined, 5]);
    expect(lines).toEqual([...all.slice(0, 10), ...all.slice(-5)]);
    expect(cuts).toEqual([{ until: stamp(90), from: stamp(4) }]);
  });

  test('of which both parts are all of it misses nothing', async () => {
    const all = stampedLines(12, END, text);
    const { lines, cuts } = await read(kubeletLog(all), 1050);
    expect(lines).toEqual(all);
    expect(cuts).toEqual([]);
  });

  test('is measured in bytes, also those that are no letters of a line', async () => {
    const umlauts = stampedLines(40, END, () => 'ä'.repeat(60));
    expect((await read(kubeletLog(umlauts), 1600)).lines.at(-1)).toBe(umlauts.at(-1));
    const windows = stampedLines(40, END, text);
    expect((await read(kubeletLog(windows, { lineEnd: '\r\n' }), 1010)).lines.at(-1)).toBe(windows.at(-1));
  });

  test('whose newest lines are longer is asked for fewer of them, until they fit', async () => {
    const all = stampedLines(100, END, (at) => (at < 60 ? text(at) : text(at).repeat(6)));
    const { lines, cuts, asked } = await read(kubeletLog(all), 1050);
    expect(asked).toEqual([undefined, 5, 1]);
    expect(lines.at(-1)).toBe(all.at(-1));
    expect(lines).toEqual([...new Set(lines)]);
    expect(cuts).toEqual([{ until: stamp(90), from: stamp(0) }]);
  });

  test('whose end cannot be had says why', async () => {
    const all = stampedLines(100, END, text);
    const failing = ({ tailLines }: { readonly tailLines?: number }): void => {
      if (tailLines !== undefined) throw new InfraError('kubernetes.timeout', 'unavailable', 'no answer');
    };
    expect((await read(kubeletLog(all, { failing }), 1050)).cuts).toEqual([{ until: stamp(90), unread: 'timeout' }]);
    const endless = [...all, `${stamp(0)} ${'x'.repeat(5000)}`];
    expect((await read(kubeletLog(endless), 1050)).cuts).toEqual([{ until: stamp(90), unread: 'too-long' }]);
  });

  test('that cannot be read at all is an error', async () => {
    const failing = (): void => {
      throw new InfraError('kubernetes.denied', 'denied', 'may not get pods/log');
    };
    await expect(read(kubeletLog([], { failing }), 1050)).rejects.toMatchObject({ code: 'kubernetes.denied' });
  });
});
