import { describe, expect, it } from 'vitest';
import { makeLineSplitter } from '../../../../src/lib/clients/process/lines.ts';

describe('the line splitter', () => {
  it('gives the same lines however the bytes are cut', () => {
    const text = 'eins\r\nzwei ü\n\n日本\nlast';
    const bytes = Buffer.from(text);
    for (let size = 1; size <= bytes.length; size++) {
      const splitter = makeLineSplitter();
      const lines: string[] = [];
      for (let at = 0; at < bytes.length; at += size) lines.push(...splitter.push(bytes.subarray(at, at + size)));
      expect([...lines, ...splitter.end()]).toEqual(['eins', 'zwei ü', '', '日本', 'last']);
    }
  });

  it('cuts an endless line, says so, and goes on with the next', () => {
    const splitter = makeLineSplitter(10);
    const lines: string[] = [];
    for (let i = 0; i < 1000; i++) lines.push(...splitter.push(Buffer.from('0123456')));
    lines.push(...splitter.push(Buffer.from('\nshort\n')), ...splitter.end());
    expect(lines).toEqual(['0123456012 […line cut]', 'short']);
  });
});
