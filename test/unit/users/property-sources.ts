/** Where properties take their texts from: JSON as people and programs write it, and what nobody should write. */
import * as fc from 'fast-check';

/** Words that programs trip over. */
const NASTY = [
  '',
  '__proto__',
  'constructor',
  'toString',
  'alice',
  'bob',
  'ci',
  'kube-system',
  'alice@example.com',
  'Alice@Example.com',
  'namespace-owner',
  'admin',
  'pods',
  'cpu_requests',
  '4Gi',
  '9007199254740993',
  '1e400',
  '-0',
  '\ud800',
  '\udfff\ud800',
  'al\u202eice',
  '\u001b[2J',
  'a\nb',
  'a\u0000b',
  'ä'.repeat(300),
  'x'.repeat(20_000),
];

/** A word as somebody may type or store it. */
export const word: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
);

const blank = fc.constantFrom('', '', '', ' ', '\n  ', '\t', '\r\n');
const number = fc.constantFrom(
  '0',
  '-0',
  '1.50',
  '9007199254740993',
  '-123456789012345678901234567890',
  '1E400',
  '1e-7',
);

/** A string's source: as JSON.stringify writes it, or with every unit escaped. */
const string = fc
  .tuple(word, fc.boolean())
  .map(([text, escaped]) =>
    escaped
      ? `"${[...Array(text.length).keys()].map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`
      : JSON.stringify(text),
  );

const spaced = (open: string, items: readonly string[], close: string, gap: string): string =>
  items.length === 0 ? `${open}${gap}${close}` : `${open}${gap}${items.join(`${gap},${gap}`)}${gap}${close}`;

/** The source of a value: numbers that no double holds, names that stand twice, any spacing. */
export const jsonSource: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.oneof(number, string, fc.constantFrom('true', 'false', 'null')),
    fc.tuple(fc.array(tie('value'), { maxLength: 3 }), blank).map(([items, gap]) => spaced('[', items, ']', gap)),
    fc.tuple(fc.array(fc.tuple(string, blank, tie('value')), { maxLength: 3 }), blank).map(([members, gap]) =>
      spaced(
        '{',
        members.map(([key, at, value]) => `${key}${at}:${at}${value}`),
        '}',
        gap,
      ),
    ),
  ),
})).value;

/** An entry's source, right more often than not. */
export const entryText: fc.Arbitrary<string> = fc
  .record(
    {
      role: fc.constantFrom('"namespace-owner"', '"power-user"', '"admin"', '"Admin"', 'null'),
      email: fc.constantFrom('"alice@example.com"', '"a.b+c@mail.example.com"', '"Alice@example.com"', '3'),
      namespaces: fc.oneof(
        fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{2,8}$/), { maxLength: 3 }).map((all) => JSON.stringify(all)),
        fc.array(word, { maxLength: 2 }).map((all) => JSON.stringify(all)),
      ),
      domains: fc.constantFrom('[]', '["alice-app"]', '["a.b"]', '"x"'),
      quota: fc.constantFrom('{}', '{"pods":30}', '{"cpu_requests":"500m","memory_limits":"8Gi"}', '{"cpu":1}', '[]'),
      team: jsonSource,
    },
    { requiredKeys: [] },
  )
  .map(
    (entry) =>
      `{${Object.entries(entry)
        .map(([key, value]) => `${JSON.stringify(key)}: ${value}`)
        .join(', ')}}`,
  );

/** The source of an object of users: any names, once each, and any entries. */
export const objectSource: fc.Arbitrary<string> = fc
  .tuple(
    fc.uniqueArray(fc.tuple(word, fc.oneof(entryText, jsonSource)), { maxLength: 4, selector: ([name]) => name }),
    blank,
  )
  .map(([members, gap]) =>
    spaced(
      '{',
      members.map(([name, value]) => `${JSON.stringify(name)}:${gap}${value}`),
      '}',
      gap,
    ),
  );

/** A text that was cut, or changed in one place. */
export const brokenText: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof(objectSource, jsonSource),
    fc.nat(),
    fc.constantFrom('', ',', '"', '}', '\\', '\u0001', '\ufeff', '{'),
  )
  .map(([text, at, put]) => {
    const place = at % (text.length + 1);
    return put === '' ? text.slice(0, place) : `${text.slice(0, place)}${put}${text.slice(place)}`;
  });
