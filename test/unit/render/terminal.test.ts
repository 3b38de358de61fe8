import { describe, expect, test } from 'vitest';
import { makeStyle } from '../../../src/lib/render/style.ts';
import { type StreamFacts, terminalOf } from '../../../src/lib/render/terminal.ts';

const facts = (rest: Partial<StreamFacts>): StreamFacts => ({
  isTTY: true,
  columns: 100,
  env: { TERM: 'xterm-256color' },
  noColor: false,
  ...rest,
});
const level = (rest: Partial<StreamFacts>) => terminalOf(facts(rest)).colorLevel;

describe('colour', () => {
  test('on a terminal, not in a pipe', () => {
    expect(level({})).toBe(2);
    expect(level({ isTTY: false })).toBe(0);
  });
  test('never with --no-color or NO_COLOR, even when forced', () => {
    expect(level({ noColor: true, env: { FORCE_COLOR: '3' } })).toBe(0);
    expect(level({ env: { NO_COLOR: '1', FORCE_COLOR: '3' } })).toBe(0);
  });
  test('an empty NO_COLOR says nothing', () => expect(level({ env: { NO_COLOR: '', TERM: 'xterm' } })).toBe(1));
  test('FORCE_COLOR colours a pipe, FORCE_COLOR=0 uncolours a terminal', () => {
    expect(level({ isTTY: false, env: { FORCE_COLOR: '1' } })).toBe(1);
    expect(level({ env: { FORCE_COLOR: '0' } })).toBe(0);
  });
  test('never on a dumb terminal', () => expect(level({ env: { TERM: 'dumb' } })).toBe(0));
});

describe('redrawing', () => {
  const interactive = (rest: Partial<StreamFacts>) => terminalOf(facts(rest)).interactive;
  test('only on a real terminal that knows its width', () => {
    expect(interactive({})).toBe(true);
    expect(interactive({ isTTY: false })).toBe(false);
    expect(interactive({ columns: 0 })).toBe(false);
    expect(interactive({ columns: 20 })).toBe(false);
    expect(interactive({ env: { TERM: 'dumb' } })).toBe(false);
    expect(interactive({ env: { TERM: 'xterm', CI: 'woodpecker' } })).toBe(false);
  });
});

test('width is that of the terminal between 40 and 120, and 80 in a pipe', () => {
  const width = (rest: Partial<StreamFacts>) => terminalOf(facts(rest)).width;
  expect([
    width({}),
    width({ columns: 300 }),
    width({ columns: 10 }),
    width({ isTTY: false }),
    width({ columns: 0 }),
  ]).toEqual([100, 120, 40, 80, 80]);
});

test('marks are words and signs, with ASCII where nothing else can be shown', () => {
  const plain = makeStyle({ colorLevel: 0, unicode: false, width: 80 });
  expect([plain.mark('PASS'), plain.mark('FAIL'), plain.verdict('PASS')]).toEqual(['+', 'x', 'PASS']);
});
