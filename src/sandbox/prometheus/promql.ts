/** A series: its labels (`__name__` among them), its value now, and how much a counter grows in a second. */
export type Series = {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly perSecond?: number;
};

/** One sample of an instant vector. */
export type Sample = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

/** What a query that is not understood fails with, as Prometheus words it. */
export class PromqlError extends Error {}

/**
 * Evaluates the part of PromQL that a diagnosis needs: selectors with all four matchers, `rate` and `increase` over a
 * range, `sum`, `count`, `max`, `min` with or without `by`, `topk`, brackets, arithmetic and comparison with a number.
 */
export function evaluate(query: string, series: readonly Series[]): readonly Sample[] {
  const tokens = tokensOf(query);
  const state = { tokens, at: 0, series };
  const result = expression(state);
  if (state.at < tokens.length) throw new PromqlError(`parse error: unexpected "${tokens[state.at]}"`);
  return result;
}

type State = { readonly tokens: readonly string[]; at: number; readonly series: readonly Series[] };

function tokensOf(query: string): readonly string[] {
  const pattern =
    /\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|=~|!~|!=|==|>=|<=|\[[^\]]*\]|[A-Za-z_:][\w:]*|\d+(?:\.\d+)?|[{}(),=<>*/])/y;
  const tokens: string[] = [];
  let at = 0;
  while (query.slice(at).trim() !== '') {
    pattern.lastIndex = at;
    const match = pattern.exec(query);
    if (match === null) throw new PromqlError(`parse error: unexpected character: '${query.slice(at).trim()[0]}'`);
    tokens.push(match[1] ?? '');
    at = pattern.lastIndex;
  }
  return tokens;
}

function expression(state: State): readonly Sample[] {
  let left = term(state);
  for (;;) {
    const sign = state.tokens[state.at] ?? '';
    if (!/^(>|<|>=|<=|==|!=|\*|\/)$/.test(sign)) return left;
    state.at += 1;
    const number = Number(take(state));
    if (Number.isNaN(number)) throw new PromqlError('only numbers are played on the right of an operator');
    left = combine(left, sign, number);
  }
}

function combine(left: readonly Sample[], sign: string, right: number): readonly Sample[] {
  if (sign === '*') return left.map((each) => ({ ...each, value: each.value * right }));
  if (sign === '/') return left.map((each) => ({ ...each, value: each.value / right }));
  const holds: Readonly<Record<string, (value: number) => boolean>> = {
    '>': (value) => value > right,
    '<': (value) => value < right,
    '>=': (value) => value >= right,
    '<=': (value) => value <= right,
    '==': (value) => value === right,
    '!=': (value) => value !== right,
  };
  return left.filter(({ value }) => holds[sign]?.(value) === true);
}

function term(state: State): readonly Sample[] {
  const word = take(state);
  if (word === '(') {
    const inner = expression(state);
    expect(state, ')');
    return inner;
  }
  if (/^(sum|count|max|min|topk)$/.test(word)) return aggregation(state, word);
  if (/^(rate|increase)$/.test(word) && state.tokens[state.at] === '(') return ranged(state, word);
  state.at -= 1;
  return selected(state).map(({ labels, value }) => ({ labels, value }));
}

function ranged(state: State, word: string): readonly Sample[] {
  expect(state, '(');
  const found = selected(state);
  const seconds = secondsOf(take(state));
  expect(state, ')');
  return found.map(({ labels, perSecond = 0 }) => ({
    labels: without(labels, '__name__'),
    value: word === 'rate' ? perSecond : perSecond * seconds,
  }));
}

function aggregation(state: State, word: string): readonly Sample[] {
  let by = grouping(state);
  expect(state, '(');
  const limit = word === 'topk' ? Number(take(state)) : undefined;
  if (limit !== undefined) expect(state, ',');
  const inner = expression(state);
  expect(state, ')');
  by ??= grouping(state);
  if (limit !== undefined) return inner.toSorted((a, b) => b.value - a.value).slice(0, limit);
  const groups = new Map<string, { labels: Record<string, string>; values: number[] }>();
  for (const { labels, value } of inner) {
    const kept = Object.fromEntries((by ?? []).flatMap((name) => (labels[name] ? [[name, labels[name]]] : [])));
    const key = JSON.stringify(kept);
    const group = groups.get(key) ?? { labels: kept, values: [] };
    group.values.push(value);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ labels, values }) => ({ labels, value: fold(word, values) }));
}

function fold(word: string, values: readonly number[]): number {
  if (word === 'count') return values.length;
  if (word === 'max') return Math.max(...values);
  if (word === 'min') return Math.min(...values);
  return values.reduce((sum, value) => sum + value, 0);
}

function grouping(state: State): readonly string[] | undefined {
  if (state.tokens[state.at] !== 'by') return undefined;
  state.at += 1;
  expect(state, '(');
  const names: string[] = [];
  while (state.tokens[state.at] !== ')') {
    const name = take(state);
    if (name !== ',') names.push(name);
  }
  expect(state, ')');
  return names;
}

function selected(state: State): readonly Series[] {
  const first = take(state);
  const name = first === '{' ? undefined : first;
  const tests: ((labels: Readonly<Record<string, string>>) => boolean)[] = [];
  if (name !== undefined) {
    if (!/^[A-Za-z_:]/.test(name)) throw new PromqlError(`parse error: unexpected "${name}"`);
    tests.push((labels) => labels.__name__ === name);
  }
  if (name === undefined || state.tokens[state.at] === '{') {
    if (name !== undefined) expect(state, '{');
    while (state.tokens[state.at] !== '}') tests.push(matcher(state));
    expect(state, '}');
  }
  return state.series.filter(({ labels }) => tests.every((test) => test(labels)));
}

function matcher(state: State): (labels: Readonly<Record<string, string>>) => boolean {
  const label = take(state);
  const sign = take(state);
  const value = unquoted(take(state));
  if (state.tokens[state.at] === ',') state.at += 1;
  if (sign === '=') return (labels) => (labels[label] ?? '') === value;
  if (sign === '!=') return (labels) => (labels[label] ?? '') !== value;
  // Prometheus anchors every pattern at both ends.
  const pattern = new RegExp(`^(?:${value})$`);
  if (sign === '=~') return (labels) => pattern.test(labels[label] ?? '');
  if (sign === '!~') return (labels) => !pattern.test(labels[label] ?? '');
  throw new PromqlError(`parse error: unexpected "${sign}" in label matching`);
}

function unquoted(token: string): string {
  if (!/^["']/.test(token))
    throw new PromqlError(`parse error: unexpected "${token}" in label matching, expected string`);
  return token.slice(1, -1).replaceAll(/\\(.)/g, '$1');
}

function secondsOf(token: string): number {
  const [, number = '', unit = ''] = /^\[(\d+)(s|m|h|d)\]$/.exec(token) ?? [];
  const size = { s: 1, m: 60, h: 3600, d: 86_400 }[unit];
  if (size === undefined) throw new PromqlError(`parse error: bad range "${token}"`);
  return Number(number) * size;
}

function without(labels: Readonly<Record<string, string>>, name: string): Record<string, string> {
  const { [name]: _dropped, ...rest } = labels;
  return rest;
}

function take(state: State): string {
  const token = state.tokens[state.at];
  if (token === undefined) throw new PromqlError('parse error: unexpected end of input');
  state.at += 1;
  return token;
}

function expect(state: State, token: string): void {
  const found = take(state);
  if (found !== token) throw new PromqlError(`parse error: unexpected "${found}", expected "${token}"`);
}
