import { expect, test } from 'vitest';
import { parseHostName } from '../../../src/lib/cli/host-name.ts';

test.each(['grafana.example.com', 'localhost', 'xn--bcher-kva.example', 'A.Example.COM', `${'a'.repeat(63)}.b`])(
  '%s is a host name',
  (text) => {
    expect(parseHostName(text, 'host')).toBe(text.toLowerCase());
  },
);

test.each(['', 'a b', 'a..b', '-a.example', 'a.example:443', 'a/b', `${'a'.repeat(64)}.b`, 'bücher.example', '[::1]'])(
  '%j is none',
  (text) => {
    expect(() => parseHostName(text, 'host')).toThrow(`--host ${text} is not a host name.`);
  },
);

test('an address that was pasted is told apart: its host is proposed', () => {
  expect(() => parseHostName('https://photos.example.com/x', 'host')).toThrow(
    expect.objectContaining({ status: 'usage', hints: ['Did you mean --host photos.example.com?'] }),
  );
});
