import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InfraError } from '../../../src/lib/errors.ts';
import { renderError } from '../../../src/lib/render/error.ts';
import { makeStyle, PLAIN } from '../../../src/lib/render/style.ts';
import { table } from '../../../src/lib/render/table.ts';
import { columnsOf, wrap } from '../../../src/lib/render/wrap.ts';

test('columns are as wide as their widest cell and the last one wraps under itself', () => {
  const rows = [
    ['PASS', 'namespace alice', 'Active'],
    ['UNKNOWN', 'quota', 'the cluster did not answer, so nothing is known about the quota of alice'],
  ];
  expect(`\n${table(rows, { width: 60, indent: '  ' })}`).toMatchInlineSnapshot(`
    "
      PASS     namespace alice  Active
      UNKNOWN  quota            the cluster did not answer, so
                                nothing is known about the quota
                                of alice"
  `);
});

test('a last column without room goes to lines of its own', () => {
  const rows = [['a'.repeat(30), 'a detail that is longer than what is left of the line']];
  expect(table(rows, { width: 40 })).toBe(
    `${'a'.repeat(30)}\n    a detail that is longer than what is\n    left of the line`,
  );
});

test('colours take no room', () => {
  const style = makeStyle({ colorLevel: 1, unicode: true, width: 80 });
  const [first, second] = table(
    [
      [style.green('ok'), 'x'],
      ['longer', 'x'],
    ],
    { width: 80 },
  ).split('\n');
  expect(columnsOf(first ?? '')).toBe(columnsOf(second ?? ''));
});

test('wrapping loses no word and breaks no line that could be kept', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }),
      fc.integer({ min: 20, max: 90 }),
      (words, width) => {
        const wrapped = wrap(words.join(' '), width, '- ', '  ');
        expect(wrapped.split(/\s+/).slice(1)).toEqual(words);
        for (const line of wrapped.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
      },
    ),
  );
});

test('a command longer than the line stays whole, to be copied', () => {
  const command = `infra-${'x'.repeat(100)}`;
  expect(wrap(`Run ${command}`, 40)).toBe(`Run\n${command}`);
});

test('an error says its code, every violation and what to do next', () => {
  const error = new InfraError('users.invalid', 'data', 'alice cannot be added: 2 rules are broken.', {
    violations: [
      { code: 'users.email-taken', message: 'bob has the e-mail alice@example.com.' },
      { code: 'users.quota-key', message: '"cpu" is ignored by the stacks: it is called cpu_requests.' },
    ],
    hints: ['Nothing was changed.'],
    docs: 'docs/users.md',
  });
  expect(`\n${renderError(error, PLAIN)}`).toMatchInlineSnapshot(`
    "
    error users.invalid: alice cannot be added: 2 rules are broken.
      - bob has the e-mail alice@example.com. (users.email-taken)
      - "cpu" is ignored by the stacks: it is called cpu_requests. (users.quota-key)
      Nothing was changed.
      See docs/users.md"
  `);
});
