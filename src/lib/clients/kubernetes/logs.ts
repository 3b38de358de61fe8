import { makeLineSplitter } from '../process/lines.ts';
import type { Kubernetes, LogRequest } from './client.ts';
import { noAnswer, refusal, timedOut } from './errors.ts';
import { PODS } from './kinds.ts';
import { pathOf } from './objects.ts';
import { readBody, type Transport } from './transport.ts';

const LONGEST_LINE = 1024 * 1024;

/**
 * Lines of a log as they arrive. The server is read only as fast as the caller takes lines; leaving the loop closes
 * the connection. A connection that breaks is an error, never an end. Without `follow` a pause longer than the
 * timeout is `kubernetes.timeout`; with it the log may be silent for ever, but not the peer (TCP keep-alive).
 */
export function makeLogs(connect: () => Promise<Transport>): Pick<Kubernetes, 'logs'> {
  return { logs: (request) => lines(connect, request) };
}

async function* lines(connect: () => Promise<Transport>, request: LogRequest): AsyncGenerator<string, void, undefined> {
  const transport = await connect();
  const { server, timeoutMs } = transport;
  const { signal } = request;
  const container = request.container === undefined ? '' : ` (container ${request.container})`;
  const tried = `read the log of ${request.pod}${container} in ${request.namespace}`;
  const path = `${pathOf(PODS, request.namespace, request.pod)}/log`;
  const opened = await transport.open({ tried, method: 'GET', path, query: query(request), signal });
  if (opened.status >= 300) {
    const body = await readBody(opened.body, { tried, signal }, server, timeoutMs);
    throw refusal(tried, server, opened.status, body);
  }
  opened.body.socket?.setKeepAlive(true, 15_000);
  const splitter = makeLineSplitter(LONGEST_LINE);
  const chunks = (opened.body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let count = 0;
  try {
    for (;;) {
      // Only waiting counts: a caller that takes its time with a line is no silent server.
      const silence = setTimeout(
        () => opened.body.destroy(timedOut(tried, server, 'further line', timeoutMs)),
        timeoutMs,
      );
      if (request.follow) clearTimeout(silence);
      const next = await chunks.next().finally(() => clearTimeout(silence));
      if (!next.done) request.onBytes?.(next.value.byteLength);
      const whole = next.done ? splitter.end() : splitter.push(next.value);
      for (const line of whole) {
        signal?.throwIfAborted();
        count += 1;
        yield line;
      }
      if (next.done) return;
    }
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw noAnswer(`${tried}, after ${count} lines,`, server, error);
  } finally {
    opened.body.destroy();
  }
}

function query(request: LogRequest): URLSearchParams {
  const search = new URLSearchParams();
  const { container, follow, previous, sinceSeconds, tailLines, limitBytes, timestamps } = request;
  for (const [name, value] of Object.entries({
    container,
    follow,
    previous,
    sinceSeconds,
    tailLines,
    limitBytes,
    timestamps,
  })) {
    if (value !== undefined) search.set(name, String(value));
  }
  return search;
}
