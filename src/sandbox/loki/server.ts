import { type Handle, jsonAnswer } from '../http/exchange.ts';

/** A line that Loki keeps. `at` is ISO 8601. */
export type KeptLine = { readonly namespace: string; readonly pod: string; readonly at: string; readonly text: string };

/** What Loki holds. */
export type LokiWorld = { readonly lines: readonly KeptLine[] };

/** Loki's `query_range` over a stream selector and line filters `|~ "…"`, which is all that a diagnosis asks. */
export function createLoki({ lines }: LokiWorld): Handle {
  return (ask) => {
    if (ask.path !== '/loki/api/v1/query_range') return plain(404, '404 page not found\n');
    const query = /^\{(.*?)\}((?: \|~ "(?:[^"\\]|\\.)*")*)$/.exec(ask.query.get('query') ?? '');
    if (query === null) return plain(400, 'parse error : syntax error: unexpected IDENTIFIER\n');
    const wanted = [...(query[1] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(
      ([, label, value]) => [label, value] as const,
    );
    const filters = [...(query[2] ?? '').matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => filter(`${text}`));
    const [start, end] = ['start', 'end'].map((key) => Number(BigInt(ask.query.get(key) ?? '0') / 1_000_000n));
    const found = lines
      .map((line) => ({ ...line, ms: Date.parse(line.at) }))
      .filter(({ ms }) => ms >= (start ?? 0) && ms < (end ?? 0))
      .filter((line) => wanted.every(([label, value]) => line[label as 'pod' | 'namespace'] === value))
      .filter(({ text }) => filters.every((one) => one.test(text)))
      .sort((a, b) => (a.ms - b.ms) * (ask.query.get('direction') === 'forward' ? 1 : -1))
      .slice(0, Number(ask.query.get('limit') ?? 100));
    const result = found.map(({ namespace, pod, ms, text }) => ({
      stream: { namespace, pod },
      values: [[`${BigInt(ms) * 1_000_000n}`, text]],
    }));
    return jsonAnswer(200, JSON.stringify({ status: 'success', data: { resultType: 'streams', result, stats: {} } }));
  };
}

/** Go's `(?i)` is a flag here. */
function filter(pattern: string): RegExp {
  return new RegExp(pattern.replace(/^\(\?i\)/, ''), pattern.startsWith('(?i)') ? 'i' : '');
}

function plain(status: number, body: string) {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}
