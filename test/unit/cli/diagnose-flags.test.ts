import { expect, test } from 'vitest';
import { type DiagnoseFlags, lookOf } from '../../../src/lib/cli/diagnose-flags.ts';
import { parseDuration } from '../../../src/lib/cli/duration.ts';

const none: DiagnoseFlags = {
  ...{ short: false, 'alert-rules': false, list: false, 'print-role': false, verbose: false, first: false },
  ...{ only: [], skip: [], 'no-exec': false, 'fail-on': 'warn', changes: false },
};
const look = (flags: Partial<DiagnoseFlags>): string => lookOf({ ...none, ...flags }, Object.keys(flags));

test('one answer has one form', () => {
  expect(look({})).toBe('text');
  expect(look({ json: true })).toBe('json');
  expect(look({ json: true, format: 'json' })).toBe('json');
  expect(look({ format: 'junit' })).toBe('junit');
  expect(look({ short: true })).toBe('short');
  expect(() => look({ json: true, format: 'md' })).toThrow('--json and --format md exclude each other');
  expect(() => look({ format: 'junit', short: true })).toThrow('--format junit and --short exclude each other');
  expect(() => look({ json: true, list: true })).toThrow('--json and --list exclude each other');
  expect(() => look({ 'alert-rules': true, 'print-role': true })).toThrow('exclude each other');
});

test('a replay asks nothing, so nothing about asking can be said', () => {
  const asking = [
    { record: 'b' },
    { wait: 1 },
    { changes: true },
    { timeout: 1 },
    { deadline: 1 },
    { 'no-exec': true },
  ];
  for (const flags of [...asking, { list: true }, { 'print-role': true }])
    expect(() => look({ replay: 'a', ...flags }), JSON.stringify(flags)).toThrow('--replay and --');
  expect(look({ replay: 'a', format: 'md', only: ['edge'], output: 'x' })).toBe('md');
});

test('the first probe alone is one selection', () => {
  expect(() => look({ first: true, only: ['edge'] })).toThrow('--first and --only exclude each other');
});

test.each([
  ['90s', 90_000],
  ['2m', 120_000],
  ['1h30m', 5_400_000],
  ['500ms', 500],
  ['1.5s', 1500],
])('%s is a duration', (text, ms) => {
  expect(parseDuration(text, 'wait')).toBe(ms);
});

test.each(['', '2', 'soon', '2 m', '-1s', '0s', '1x', 's'])('"%s" is none', (text) => {
  expect(() => parseDuration(text, 'wait')).toThrow(`--wait ${text} is not a duration`);
});
