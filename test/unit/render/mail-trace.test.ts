import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TraceKey } from '../../../src/lib/mail/trace/key.ts';
import { traceInFiles } from '../../../src/lib/mail/trace/trace.ts';
import { mailTraceText } from '../../../src/lib/render/mail-trace.ts';
import { makeStyle } from '../../../src/lib/render/style.ts';

const NOW = Date.parse('2026-11-21T10:00:00Z');
const SOURCES = ['postfix', 'dovecot', 'haproxy'].map((name) => ({
  name: `${name}.log`,
  isMain: name === 'postfix',
  open: () => readFileSync(join(import.meta.dirname, `../../fixtures/mail-log/${name}.log`), 'utf8').split('\n'),
}));

test.each<[string, TraceKey, number]>([
  ['trace-one', { kind: 'message-id', id: 'balanced-1@sender.example.org' }, 80],
  ['trace-one', { kind: 'message-id', id: 'balanced-1@sender.example.org' }, 50],
  ['trace-one', { kind: 'message-id', id: 'balanced-1@sender.example.org' }, 120],
  ['trace-several', { kind: 'addresses', from: 'alice@example.test' }, 80],
  ['trace-several', { kind: 'addresses', from: 'alice@example.test' }, 50],
  ['trace-refused', { kind: 'addresses', to: 'nobody@example.test' }, 80],
  ['trace-nothing', { kind: 'addresses', to: 'x@example.com' }, 80],
])('%s, %j, on %i columns', async (name, key, width) => {
  const answer = await traceInFiles(SOURCES, { key, nowMs: NOW, limit: 20 });
  const text = mailTraceText(makeStyle({ colorLevel: 0, unicode: true, width }), answer, 123);
  await expect(`${text}\n`).toMatchFileSnapshot(`../../golden/mail/${name}-${width}.txt`);
});
