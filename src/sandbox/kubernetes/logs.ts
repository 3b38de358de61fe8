import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Exchange } from '../http/exchange.ts';
import { type KubeObject, listAt, textAt } from './object.ts';
import type { ClusterState } from './state.ts';
import { badRequest } from './status.ts';

/** One log line. Its time is `at` (RFC 3339) or so many seconds before it is asked for; without either, now. */
export type LogLine = { readonly text: string; readonly at?: string; readonly secondsAgo?: number };

/** Log lines, oldest first; a function makes them on demand, so that a big log takes no memory. */
export type LogLines = readonly LogLine[] | (() => Iterable<LogLine>);

/** The log of one container. `pod` may end in `*`. */
export type LogSource = {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly lines: LogLines;
  /** Log of the terminated container before this one. */
  readonly previous?: LogLines;
};

/** True when a name fits a pattern that may end in `*`. */
export function fits(pattern: string | undefined, name: string): boolean {
  if (pattern === undefined) return true;
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/** `GET …/pods/<name>/log`: every option of the real one, errors as the kubelet words them. */
export function logAnswer(state: ClusterState, pod: KubeObject, ask: Exchange): Answer {
  const name = pod.metadata.name;
  const containers = [...listAt(pod, 'spec', 'containers'), ...listAt(pod, 'spec', 'initContainers')].map((each) =>
    textAt(each, 'name'),
  );
  const wanted = ask.query.get('container') ?? '';
  if (wanted === '' && containers.length > 1) {
    return badRequest(`a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]`);
  }
  const container = wanted === '' ? (containers[0] ?? '') : wanted;
  if (containers.length > 0 && !containers.includes(container)) {
    return badRequest(`container ${container} is not valid for pod ${name}`);
  }
  const waiting = waitingReason(pod, container);
  const previous = ask.query.get('previous') === 'true';
  if (waiting !== undefined && !previous) {
    return badRequest(`container "${container}" in pod "${name}" is waiting to start: ${waiting}`);
  }
  const source = state.logs.find(
    (each) => each.namespace === pod.metadata.namespace && fits(each.pod, name) && each.container === container,
  );
  const lines = previous ? source?.previous : (source?.lines ?? []);
  if (lines === undefined) {
    return badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  }
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: limited(ask, selected(ask, lines)) };
}

function waitingReason(pod: KubeObject, container: string): string | undefined {
  const status = listAt(pod, 'status', 'containerStatuses').find((each) => textAt(each, 'name') === container);
  const reason = textAt(status, 'state', 'waiting', 'reason');
  return reason === '' || reason === 'CrashLoopBackOff' ? undefined : reason;
}

function* timed(lines: LogLines): Iterable<{ readonly time: number; readonly stamp: string; readonly text: string }> {
  const now = Date.now();
  for (const line of typeof lines === 'function' ? lines() : lines) {
    const time = line.at === undefined ? now - (line.secondsAgo ?? 0) * 1000 : Date.parse(line.at);
    const stamp = line.at ?? new Date(time).toISOString().replace('Z', '000000Z');
    yield { time, stamp, text: line.text };
  }
}

async function* selected(ask: Exchange, lines: LogLines): AsyncIterable<string> {
  const since = sinceOf(ask);
  const tail = ask.query.get('tailLines');
  const timestamps = ask.query.get('timestamps') === 'true';
  let all: Iterable<{ readonly time: number; readonly stamp: string; readonly text: string }> = timed(lines);
  if (tail !== null) all = Number(tail) === 0 ? [] : [...all].slice(-Number(tail));
  for (const line of all) {
    if (line.time >= since) yield `${timestamps ? `${line.stamp} ` : ''}${line.text}\n`;
  }
  if (ask.query.get('follow') !== 'true' || typeof lines === 'function') return;
  let seen = lines.length;
  for (;;) {
    await sleep(20, undefined, { ref: false });
    for (const line of timed(lines.slice(seen))) yield `${timestamps ? `${line.stamp} ` : ''}${line.text}\n`;
    seen = lines.length;
  }
}

function sinceOf(ask: Exchange): number {
  const seconds = ask.query.get('sinceSeconds');
  if (seconds !== null) return Date.now() - Number(seconds) * 1000;
  const time = ask.query.get('sinceTime');
  return time === null ? Number.NEGATIVE_INFINITY : Date.parse(time);
}

/** Batches lines into chunks, as a real stream arrives, and cuts at `limitBytes`. */
async function* limited(ask: Exchange, lines: AsyncIterable<string>): AsyncIterable<string> {
  const limit = Number(ask.query.get('limitBytes') ?? Number.POSITIVE_INFINITY);
  const follow = ask.query.get('follow') === 'true';
  let sent = 0;
  let chunk = '';
  for await (const line of lines) {
    const bytes = Buffer.byteLength(line);
    if (sent + bytes > limit) {
      yield chunk +
        Buffer.from(line)
          .subarray(0, limit - sent)
          .toString('utf8');
      return;
    }
    sent += bytes;
    chunk += line;
    if (chunk.length < 32_768 && !follow) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
