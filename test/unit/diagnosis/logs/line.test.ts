import { describe, expect, test } from 'vitest';
import { readLine } from '../../../../src/lib/diagnosis/logs/line.ts';

const NOW = Date.UTC(2026, 10, 21, 6);
const read = (raw: string) => readLine(raw, NOW);
const timeOf = (raw: string): string | undefined => {
  const ms = read(raw).time?.ms;
  return ms === undefined ? undefined : new Date(ms).toISOString();
};

describe('what others wrote in front is taken off', () => {
  test.each([
    ['[pod/web-1/proxy] {"event":"hello"}', 'hello', 'web-1/proxy'],
    ['web-1  | {"event":"hello"}', 'hello', 'web-1'],
    ['2025-11-20T16:20:44.912776319Z {"event":"hello"}', 'hello', undefined],
    ['2025-11-20T16:20:44.912776319Z stdout F {"event":"hello"}', 'hello', undefined],
    ['[pod/web-1/proxy] 2025-11-20T16:20:44.912776319Z {"event":"hello"}', 'hello', 'web-1/proxy'],
    ['21:58:12.787 STDOUT tofu: hello', 'hello', undefined],
    ['21:58:12.787 STDOUT [stacks/app] tofu: hello', 'hello', undefined],
    ['│ hello', 'hello', undefined],
    ['╷', '', undefined],
    ['Sep 01 14:44:10 mail postfix/smtpd[1062]: hello', 'hello', undefined],
    ['Sep  1 14:44:10 mail dovecot: hello', 'hello', undefined],
    ['2026-09-01T14:44:10.123456+02:00 mail postfix/smtpd[1062]: hello', 'hello', undefined],
    ['2026-06-02 08:24:34 [info     ] hello', 'hello', undefined],
    ['2025-11-20T16:20:44Z ERR hello', 'hello', undefined],
  ])('%s', (raw, message, label) => {
    expect(read(raw)).toMatchObject({ message });
    expect(read(raw).label).toBe(label);
  });

  test.each([
    ['\u001b[31mhello\u001b[0m'],
    ['{"event":"\\u001b[91mhello\\u001b[0m"}'],
    ['{"event":"\u001b[91mhello\u001b[0m"}'],
    ['\uFFFD[31mhello\uFFFD[0m'],
    ['[31mhello[0m'],
  ])('colour: %j', (raw) => {
    expect(read(raw).message).toBe('hello');
  });
});

test('a range of PromQL is no colour', () => {
  expect(read('rate(errors[1m])').message).toBe('rate(errors[1m])');
});

describe('fields', () => {
  test('are read from JSON by their names, CloudNativePG by the record inside', () => {
    const line = read(
      '{"level":"info","ts":"2023-02-23T19:41:00Z","logger":"postgres","msg":"record","record":{"error_severity":"FATAL","message":"sorry"}}',
    );
    expect(line).toMatchObject({ message: 'sorry', level: 'fatal' });
  });

  test('of a line that was cut are its whole pairs', () => {
    const line = read('{"error":"no space left","event":"failed to save","level":"warning","user_agent":"Mozil');
    expect(line).toMatchObject({
      message: 'failed to save',
      error: 'no space left',
      level: 'warn',
      isStructured: true,
    });
  });

  test('are read from key=value', () => {
    const line = read('time="2024-03-28T10:00:00Z" level=error msg="middleware \\"x\\" does not exist" routerName=a');
    expect(line.message).toBe('middleware "x" does not exist');
    expect(line.fields.get('routerName')).toBe('a');
  });

  test('what only begins like JSON is text', () => {
    expect(read('{nothing here')).toMatchObject({ isStructured: false, message: '{nothing here' });
  });
});

describe('levels are brought to one scale', () => {
  test.each([
    ['{"level":"warning"}', 'warn'],
    ['{"level":"warn"}', 'warn'],
    ['2025-11-20T16:20:44Z WRN x', 'warn'],
    ['2025-11-20T16:20:44Z ERR x', 'error'],
    ['2024-06-25 10:00:00 UTC [1] LOG x', 'info'],
    ['2024-06-25 10:00:00 UTC [1] FATAL:  x', 'fatal'],
    ['Sep 01 14:44:10 mail postfix/smtpd[1]: warning: x', 'warn'],
    ['Sep 01 14:44:10 mail postfix/smtpd[1]: connect from x', undefined],
    ['Sep 01 14:44:10 mail dovecot: imap-login: Error: x', 'error'],
    ['[ALERT] 049/161822 (30088) : x', 'error'],
    ['2026/08/23 10:00:00 [error] 31#31: x', 'error'],
    ['E1121 05:06:07.123456       1 reflector.go:138] x', 'error'],
    ['{"@level":"warn","@message":"x"}', 'warn'],
    ['panic: x', 'fatal'],
    ['OSError: x', 'error'],
  ])('%s', (raw, level) => {
    expect(read(raw).level).toBe(level);
  });
});

describe('times are brought to one clock', () => {
  test.each([
    ['{"timestamp":"2026-04-18T10:54:11Z"}', '2026-04-18T10:54:11.000Z', undefined],
    ['{"timestamp":"2026-04-18T12:54:11.5+02:00"}', '2026-04-18T10:54:11.500Z', undefined],
    ['{"timestamp":1732788000.25}', '2024-11-28T10:00:00.250Z', undefined],
    ['{"ts":1732788000250}', '2024-11-28T10:00:00.250Z', undefined],
    ['{"timestamp":"2026-08-22T14:44:10.571748"}', '2026-08-22T14:44:10.571Z', 'zone'],
    ['2025-07-02 23:09:57.285 GMT [1] FATAL:  x', '2025-07-02T23:09:57.285Z', undefined],
    ['2026-06-02 08:24:34 [info     ] x', '2026-06-02T08:24:34.000Z', 'zone'],
    ['2026/08/23 10:00:00 [error] 31#31: x', '2026-08-23T10:00:00.000Z', 'zone'],
    ['Sep 01 14:44:10 mail postfix/smtpd[1]: x', '2026-09-01T14:44:10.000Z', 'year'],
    ['Dec 31 23:59:59 mail postfix/smtpd[1]: x', '2025-12-31T23:59:59.000Z', 'year'],
    ['10.0.0.7 - - [13/Mar/2020:20:49:07 +0200] "GET / HTTP/1.1" 200 2', '2020-03-13T18:49:07.000Z', undefined],
    // The runtime's clock knows its zone, the process's does not.
    [
      '2026-08-22T12:44:10.571748123Z {"timestamp":"2026-08-22T14:44:10.571748"}',
      '2026-08-22T12:44:10.571Z',
      undefined,
    ],
    ['21:58:12.787 STDOUT tofu: x', undefined, undefined],
    ['{"timestamp":"9999-99-99T99:99:99Z"}', expect.any(String), undefined],
  ])('%s', (raw, iso, assumed) => {
    expect(timeOf(raw)).toEqual(iso);
    expect(read(raw).time?.assumed).toBe(assumed);
  });
});
