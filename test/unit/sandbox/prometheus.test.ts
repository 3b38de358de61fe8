import { expect, test } from 'vitest';
import { evaluate, PromqlError, type Series } from '../../../src/sandbox/prometheus/promql.ts';

const entry = (code: string, perSecond: number): Series => ({
  labels: { __name__: 'requests_total', entrypoint: 'websecure', code },
  value: 1000,
  perSecond,
});
const SERIES: readonly Series[] = [
  entry('200', 10),
  entry('400', 2),
  entry('502', 0.5),
  { labels: { __name__: 'ALERTS', alertname: 'Down', alertstate: 'firing' }, value: 1 },
];
const values = (query: string): unknown => evaluate(query, SERIES).map(({ labels, value }) => [labels, value]);

test('selectors with all four matchers; patterns are anchored', () => {
  expect(evaluate('requests_total{code="400"}', SERIES)).toHaveLength(1);
  expect(evaluate('requests_total{code!="400"}', SERIES)).toHaveLength(2);
  expect(evaluate('requests_total{code=~"400|5.."}', SERIES)).toHaveLength(2);
  expect(evaluate('requests_total{code=~"4"}', SERIES)).toEqual([]);
  expect(evaluate('requests_total{code!~"2.."}', SERIES)).toHaveLength(2);
  expect(evaluate('nothing', SERIES)).toEqual([]);
});

test('growth over a range, summed by a label', () => {
  expect(values('sum by (code) (increase(requests_total{code=~"400|401|5.."}[5m]))')).toEqual([
    [{ code: '400' }, 600],
    [{ code: '502' }, 150],
  ]);
  expect(values('sum(rate(requests_total[1h])) by (entrypoint)')).toEqual([[{ entrypoint: 'websecure' }, 12.5]]);
});

test('comparison, counting and names', () => {
  expect(values('count(sum by (code) (increase(requests_total[5m])) > 500)')).toEqual([[{}, 2]]);
  expect(values('count by (__name__) ({__name__=~"^(requests_total|absent)$"})')).toEqual([
    [{ __name__: 'requests_total' }, 3],
  ]);
  expect(values('topk(1, sum by (code) (rate(requests_total[5m])))')).toEqual([[{ code: '200' }, 10]]);
  expect(evaluate('ALERTS{alertstate="firing"}', SERIES)).toEqual([
    { labels: { __name__: 'ALERTS', alertname: 'Down', alertstate: 'firing' }, value: 1 },
  ]);
});

test.each(['sum(', 'requests_total{code=400}', 'rate(requests_total[5x])', 'a ; b', 'requests_total)'])(
  '%s is refused',
  (query) => {
    expect(() => evaluate(query, SERIES)).toThrow(PromqlError);
  },
);
