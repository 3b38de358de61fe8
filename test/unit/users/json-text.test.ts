import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEEPEST, readJson } from '../../../src/lib/users/json-reader.ts';
import {
  insertMember,
  memberDigests,
  memberText,
  removeMember,
  replaceMember,
} from '../../../src/lib/users/json-text.ts';

const spaced = fc.tuple(
  fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })),
  fc.constantFrom(undefined, 1, 2, '\t'),
);
const asText = ([value, indent]: [Record<string, unknown>, number | string | undefined]): string =>
  JSON.stringify(value, null, indent);

describe('readJson', () => {
  test('accepts exactly what JSON.parse accepts', () => {
    const near = fc.oneof(
      fc.json(),
      fc.string(),
      fc.stringMatching(/^[{}[\],:"\\0-9eE.+\-truefalsn \t\n]{0,20}$/),
      fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 })).map(([text, at, more]) => {
        const cut = at % (text.length + 1);
        return text.slice(0, cut) + more + text.slice(cut + 1);
      }),
    );
    fc.assert(
      fc.property(near, (text) => {
        let parses = true;
        try {
          JSON.parse(text);
        } catch {
          parses = false;
        }
        expect(readJson(text).ok).toBe(parses);
      }),
      { numRuns: 2000 },
    );
  });

  test('says where a text breaks without quoting it', () => {
    const reading = readJson('{\n  "token": "s3cret",\n  oops }');
    expect(reading).toEqual({
      ok: false,
      problem: { offset: 25, line: 3, column: 3, message: 'a quoted name is expected' },
    });
  });

  test('names every duplicate by its path', () => {
    const reading = readJson('{"a":{"role":1,"role":2},"b":[{"x":1,"x":1}],"a":0,"__proto__":1,"__proto__":2}');
    expect(reading.ok && reading.duplicates).toEqual(['a.role', 'b[0].x', 'a', '__proto__']);
  });

  test('refuses nesting that would exhaust the stack', () => {
    const reading = readJson('['.repeat(1_000_000));
    expect(reading.ok ? '' : reading.problem.message).toBe(`nested deeper than ${DEEPEST} levels`);
  });
});

describe('editing', () => {
  test('insertion adds one member, changes no other byte, and removal undoes it', () => {
    fc.assert(
      fc.property(spaced, fc.string(), fc.jsonValue(), (document, name, value) => {
        fc.pre(!Object.hasOwn(document[0], name));
        const text = asText(document);
        const edited = insertMember(text, name, JSON.stringify(value));
        expect(Object.keys(JSON.parse(edited))).toHaveLength(Object.keys(document[0]).length + 1);
        expect(memberText(edited, name)).toBe(JSON.stringify(value));
        const digests = new Map(memberDigests(edited));
        digests.delete(name);
        expect(digests).toEqual(memberDigests(text));
        expect(removeMember(edited, name)).toBe(text);
      }),
    );
  });

  test('what JavaScript cannot hold survives', () => {
    const text = '{"id":9007199254740993,"big":1e400,"__proto__":{"constructor":-0},"n":"\\u00e9\\/"}';
    const edited = insertMember(text, 'alice', '{"role":"admin"}');
    expect(edited).toBe(`${text.slice(0, -1)},"alice":{"role":"admin"}}`);
    expect(memberText(edited, '__proto__')).toBe('{"constructor":-0}');
  });

  test('a document written over several lines keeps its look', () => {
    expect(insertMember('{\n  "a": 1,\n  "b": 2\n}\n', 'c', '3')).toBe('{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n');
    expect(insertMember('{ }', 'c', '3')).toBe('{"c":3 }');
  });

  test('removal works at the front, in the middle and alone', () => {
    expect(removeMember('{"a":1,"b":2,"c":3}', 'a')).toBe('{"b":2,"c":3}');
    expect(removeMember('{"a":1,"b":2,"c":3}', 'b')).toBe('{"a":1,"c":3}');
    expect(removeMember('{"a":1}', 'a')).toBe('{}');
  });

  test('replacement touches the value only', () => {
    expect(replaceMember('{ "a" : 1 , "b" : 2 }', 'a', '"x"')).toBe('{ "a" : "x" , "b" : 2 }');
  });

  test('anything but an object is refused without quoting it', () => {
    for (const text of ['[]', '"s3cret"', '', '{"s3cret":']) {
      expect(() => memberDigests(text)).toThrow(/^(?!.*s3cret)A JSON object was expected/);
    }
  });
});

test('a document of many megabytes inside a string is read', () => {
  const inner = JSON.stringify(
    Object.fromEntries(
      Array.from({ length: 100_000 }, (_, i) => [`u${i}`, { role: 'admin', email: `u${i}@example.com` }]),
    ),
  );
  const text = JSON.stringify({ k8s_users: inner, other: 1 });
  expect(memberDigests(text).size).toBe(2);
  expect(readJson(inner).ok).toBe(true);
});
