import type { Exchanged } from '../http/exchange.ts';

/** What is asked, for messages: `read`, `list`, `write` or `patch`, and the path as a person would type it. */
export type Question = { readonly verb: 'read' | 'list' | 'write' | 'patch'; readonly path: string };

/** An answer of Vault that is JSON, or empty. `text` is the body as it came. */
export type Answer = {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> | undefined;
  readonly text: string;
};

/** A value as an object with keys, or undefined for anything else (arrays and null too). */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** A value as a list of strings, or undefined when it is not exactly that. */
export function asStrings(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}

/** The answer's body as an object; undefined when it is anything but an object. */
export function parseBody(answer: Exchanged): Readonly<Record<string, unknown>> | undefined {
  try {
    return answer.text === undefined ? undefined : asObject(JSON.parse(answer.text));
  } catch {
    // Not JSON. The caller knows what that means for this status; the parser's message would quote the body.
    return undefined;
  }
}

/** Vault's own words in a body: `errors`, without the "2 errors occurred" that its router puts around them. */
export function errorsOf(body: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  const errors = body?.errors;
  if (!Array.isArray(errors)) return [];
  const texts = errors.filter((error) => typeof error === 'string');
  return texts.flatMap((error) => {
    const counted = /^\d+ errors? occurred:\n/.test(error);
    const parts = counted ? error.split(/\n\s*\* /).slice(1) : [error];
    return parts.map((part) => part.replace(/\s+/g, ' ').trim()).filter((part) => part !== '');
  });
}

/** Seconds that a `Retry-After` header asks to wait (a number, or a date), or undefined. */
export function retryAfterSeconds(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const until = Date.parse(header);
  return Number.isNaN(until) ? undefined : Math.max(0, Math.ceil((until - now.getTime()) / 1000));
}
