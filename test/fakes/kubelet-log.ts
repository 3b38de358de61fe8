import type { Kubernetes, LogRequest } from '../../src/lib/clients/kubernetes/client.ts';

/** A log as the kubelet gives it: `tailLines` first, then what was written since, then the oldest bytes up to the limit. */
export function kubeletLog(
  lines: readonly string[],
  { lineEnd = '\n', failing }: { readonly lineEnd?: string; readonly failing?: (request: LogRequest) => void } = {},
) {
  const asked: LogRequest[] = [];
  const logs: Kubernetes['logs'] = async function* (request) {
    asked.push(request);
    failing?.(request);
    const { tailLines, limitBytes = Number.POSITIVE_INFINITY, onBytes } = request;
    let room = limitBytes;
    for (const line of tailLines === undefined ? lines : lines.slice(-tailLines)) {
      const bytes = Buffer.from(`${line}${lineEnd}`).subarray(0, room);
      room -= bytes.length;
      onBytes?.(bytes.length);
      if (bytes.length > 0) yield bytes.toString('utf8').replace(/\r?\n$/, '');
      if (room === 0) return;
    }
  };
  return { asked, logs };
}

/** So many lines a second apart, the last one at `end`; each begins with the runtime's time. */
export function stampedLines(count: number, end: string, textOf: (at: number) => string): string[] {
  return Array.from({ length: count }, (_, at) => {
    const time = new Date(Date.parse(end) - (count - 1 - at) * 1000).toISOString().replace('Z', '000000Z');
    return `${time} ${textOf(at)}`;
  });
}
