import { InfraError } from '../errors.ts';
import { isQueueId } from '../mail/log/postfix.ts';
import type { TraceKey } from '../mail/trace/key.ts';

/** What the command line says of the mail. */
export type KeyWords = {
  readonly id?: string | undefined;
  readonly 'message-id'?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly last?: boolean | undefined;
};

const HINTS = [
  'infra mail trace --from ann@example.com --to bob@example.org',
  'infra mail trace --message-id ID, infra mail trace QUEUE-ID, infra mail trace --last',
];

/** The one key that is meant. Errors: `usage.trace` (64): none, several, or no id at all. */
export function traceKeyOf(words: KeyWords): TraceKey {
  const { id, from, to } = words;
  const byAddress = from !== undefined || to !== undefined;
  const given = [id !== undefined, words['message-id'] !== undefined, byAddress, words.last === true];
  const count = given.filter(Boolean).length;
  if (count === 0) throw wrong('Which mail? Name it by its addresses, its message id or its queue id, or say --last.');
  if (count > 1) throw wrong('One of a queue id, --message-id, --from with --to, or --last; not several.');
  if (byAddress) {
    return {
      kind: 'addresses',
      ...(from === undefined ? {} : { from: bare(from) }),
      ...(to === undefined ? {} : { to: bare(to) }),
    };
  }
  if (words.last === true) return { kind: 'last' };
  const word = words['message-id'] ?? id ?? '';
  const messageId = word.trim().replace(/^<|>$/g, '');
  if (messageId === '') throw wrong('The id is empty.');
  if (words['message-id'] !== undefined || word.includes('@')) return { kind: 'message-id', id: messageId };
  if (isQueueId(word)) return { kind: 'queue-id', id: word };
  throw wrong(`"${word}" is neither a queue id of Postfix nor a message id.`);
}

/** `<ann@example.com>` is how logs and headers have it; `<>` stays: no sender. */
function bare(address: string): string {
  const text = address.trim();
  if (text === '') throw wrong('An address is empty; <> stands for no sender.');
  return text === '<>' ? text : text.replace(/^<|>$/g, '');
}

function wrong(message: string): InfraError {
  return new InfraError('usage.trace', 'usage', message, { hints: HINTS });
}
