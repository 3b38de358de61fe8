import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Exchange } from './exchange.ts';

/**
 * An answer put in front of a stand-in, as data. `path` is compared with the path without query: exact, or a prefix
 * when it ends in `*`. Without `status`, `close` or `redirect` the request goes on to the stand-in after `delayMs`.
 */
export type Injection = {
  readonly method?: string;
  readonly path: string;
  /** Milliseconds to wait before anything is answered. */
  readonly delayMs?: number;
  /** What to wait for before anything is answered: a test that decides itself when. */
  readonly until?: Promise<unknown>;
  /** How many requests pass untouched before it starts, default 0. */
  readonly after?: number;
  /** How many requests it answers, default all. */
  readonly times?: number;
  readonly status?: number;
  /** Text, or a value that is sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Target of a 307. */
  readonly redirect?: string;
  /** Drop the connection without an answer. */
  readonly close?: boolean;
  /** Send the body as text/html, as a proxy's login page would. */
  readonly html?: boolean;
};

/** The injections of one stand-in, in the order they were put in. */
export type Injections = {
  /** Puts one in front of the stand-in and returns how to take it away again. */
  readonly inject: (injection: Injection) => () => void;
  /** The injected answer, `close`, or undefined when the stand-in itself is to answer. */
  readonly answer: (ask: Exchange) => Promise<Answer | 'close' | undefined>;
};

type Counted = { readonly injection: Injection; seen: number };

/** An empty set of injections, or one that starts with those of a world. */
export function createInjections(initial: readonly Injection[] = []): Injections {
  const list: Counted[] = initial.map((injection) => ({ injection, seen: 0 }));
  return {
    inject(injection) {
      const counted = { injection, seen: 0 };
      list.push(counted);
      return () => {
        const at = list.indexOf(counted);
        if (at >= 0) list.splice(at, 1);
      };
    },
    async answer(ask) {
      for (const counted of list) {
        if (!matches(counted.injection, ask)) continue;
        counted.seen += 1;
        const { after = 0, times = Number.POSITIVE_INFINITY, delayMs, until } = counted.injection;
        if (counted.seen <= after || counted.seen > after + times) continue;
        if (delayMs !== undefined) await sleep(delayMs);
        await until;
        const answer = toAnswer(counted.injection);
        if (answer !== undefined) return answer;
      }
      return undefined;
    },
  };
}

function matches(injection: Injection, ask: Exchange): boolean {
  if (injection.method !== undefined && injection.method !== ask.method) return false;
  return injection.path.endsWith('*') ? ask.path.startsWith(injection.path.slice(0, -1)) : ask.path === injection.path;
}

function toAnswer(injection: Injection): Answer | 'close' | undefined {
  if (injection.close === true) return 'close';
  if (injection.redirect !== undefined) return { status: 307, headers: { location: injection.redirect }, body: '' };
  if (injection.status === undefined) return undefined;
  const text = typeof injection.body === 'string' ? injection.body : JSON.stringify(injection.body ?? {});
  const type = injection.html === true ? 'text/html' : 'application/json';
  return { status: injection.status, headers: { 'content-type': type, ...injection.headers }, body: text };
}
