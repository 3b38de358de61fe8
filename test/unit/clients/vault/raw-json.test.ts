import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memberText } from '../../../../src/lib/clients/vault/raw-json.ts';

test('finds a member below others, in any layout', () => {
  const json = '\n{ "a" : {"data":1}, "data":\t{"x":"}\\"{,", "data" : [1, {"n":12345678901234567890}] , "z":null} }';
  expect(memberText(json, ['data', 'data'])).toBe('[1, {"n":12345678901234567890}]');
  expect(memberText(json, ['data', 'z'])).toBe('null');
  expect(memberText(json, ['data', 'x'])).toBe('"}\\"{,"');
  expect(memberText(json, ['missing'])).toBeUndefined();
  expect(memberText(json, ['a', 'data', 'deeper'])).toBeUndefined();
  expect(memberText('[1]', ['0'])).toBeUndefined();
  expect(memberText(' {} ', ['a'])).toBeUndefined();
});

test('a name written with escapes is the same name, and the last of two counts', () => {
  expect(memberText('{"d\\u0061ta":1}', ['data'])).toBe('1');
  expect(memberText('{"data":1,"data":2}', ['data'])).toBe('2');
});

test('agrees with JSON.parse on every document', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(4), (document, indent) => {
      const json = JSON.stringify(document, null, indent);
      for (const name of Object.keys(document)) {
        expect(memberText(json, [name])).toBeDefined();
        expect(JSON.parse(memberText(json, [name]) ?? '')).toEqual(JSON.parse(JSON.stringify(document[name])));
      }
    }),
  );
});
