import { expect, test } from 'vitest';
import { formsOf, makeDetector } from './canaries-scan.ts';

test('a secret is found in whatever form it is written', () => {
  const secret = 'pass/w+rd "ö"';
  const detect = makeDetector({ it: secret });
  const written = [
    secret,
    JSON.stringify({ a: secret }),
    JSON.stringify(JSON.stringify({ a: secret })),
    `https://host/?p=${encodeURIComponent(secret)}`,
    ...['', 'u', 'u:', 'me:'].map((before) => Buffer.from(`${before}${secret}!`).toString('base64')),
    Buffer.from(`a${secret}`).toString('base64url'),
  ];
  for (const text of written) expect(detect('text', `before ${text} after`), text).toEqual(['text: it']);
  expect(detect('text', 'nothing of it')).toEqual([]);
  expect(formsOf('abcdefgh').every((form) => form.length >= 8)).toBe(true);
});
