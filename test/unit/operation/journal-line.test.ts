import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JOURNAL_EVENTS, parseJournal } from '../../../src/lib/operation/journal-line.ts';

const line = fc.record({
  at: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  event: fc.constantFrom(...JOURNAL_EVENTS),
});

test('a journal cut off at any byte loses at most its last line', () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), fc.nat(), (lines, at) => {
      const text = lines.map((each) => `${JSON.stringify(each)}\n`).join('');
      const cut = text.slice(0, at % (text.length + 1));
      const whole = cut.split('\n').length - 1;
      const parsed = parseJournal(cut);
      expect(parsed.damaged).toBe(0);
      expect(parsed.lines.slice(0, whole)).toEqual(lines.slice(0, whole));
    }),
  );
});

test('a line in the middle that is no journal line is counted, not guessed at', () => {
  const good = JSON.stringify({ at: '2026-01-01T00:00:00.000Z', event: 'note' });
  const parsed = parseJournal(`${good}\n{"at":1}\nnot json\n${good}\n`);
  expect(parsed.lines).toHaveLength(2);
  expect(parsed.damaged).toBe(2);
});
