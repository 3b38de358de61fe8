import type { MailFact, MailLine } from './fact.ts';

const WHO =
  /^(?:lmtp|lda|imap)\(([^()\s,]{1,320})(?:,[^)]{0,100})?\)(?:<[^<>]{0,100}>)?(?:<([^<>]{0,100})>)?: (?:(Debug|Info|Warning|Error|Fatal|Panic): )?/;

/** How Dovecot and its sieve say what they did with a mail: 2.3 and 2.4. */
const DONE: readonly (readonly [pattern: RegExp, action: Extract<MailFact, { kind: 'mailbox' }>['action']])[] = [
  [/^saved mail to (.{1,200})$/, 'saved'],
  [/(?:stored|saved) (?:mail|message) (?:in)?to mailbox '?([^']{1,200}?)'?$/, 'saved'],
  [/forwarded to <?([^>]{1,320})>?/, 'forwarded'],
  [/sent vacation response/, 'answered'],
  [/(?:rejected message|rejected|message rejected)\b/, 'rejected'],
  [/discard(?:ed)?\b/, 'discarded'],
  [/(?:save failed|failed to (?:store|redirect|save)|quota exceeded|error)/i, 'failed'],
];

/** What Dovecot's delivery says of a mail: into which mailbox it went, or why not. */
export function readDovecot({ text }: MailLine): MailFact | undefined {
  const who = WHO.exec(text);
  if (who === null) return undefined;
  const [prefix, user = '', session, level] = who;
  if (/^\d+$/.test(user)) return undefined;
  const rest = text.slice(prefix.length).replace(/^sieve: /, '');
  const id = /^msgid=(<[^>]{0,998}>|[^:\s]{1,998}): /.exec(rest);
  const said = id === null ? rest : rest.slice(id[0].length);
  const isError = level === 'Error' || level === 'Fatal' || level === 'Panic';
  if (id === null && !isError) return undefined;
  const done = DONE.find(([pattern]) => pattern.test(said));
  if (done === undefined && !isError) return undefined;
  const [pattern, action] = done ?? [undefined, 'failed' as const];
  const mailbox = action === 'saved' || action === 'forwarded' ? pattern?.exec(said)?.[1] : undefined;
  const messageId = id?.[1]?.replace(/^<|>$/g, '');
  return {
    kind: 'mailbox',
    user,
    // A session's recipients after the first have `:R2` and so on behind it.
    ...(session === undefined || session === '' ? {} : { session: session.split(':')[0] ?? '' }),
    ...(messageId === undefined ? {} : { messageId }),
    action: isError ? 'failed' : action,
    ...(mailbox === undefined ? {} : { mailbox }),
    text: said,
  };
}

const SHOWN_SYMBOLS = 5;

/** What rspamd decided: its line `rspamd_task_write_log` (log_format of worker and options). */
export function readRspamd({ text }: MailLine): MailFact | undefined {
  const begin = text.indexOf('rspamd_task_write_log: ');
  if (begin < 0) return undefined;
  const line = text.slice(begin);
  const verdict = /\((?:[\w-]{1,60}): [A-Z] \(([a-z ]{3,40})\): \[(-?[\d.]{1,12}|nan)\/(-?[\d.]{1,12}|nan)\]/.exec(
    line,
  );
  const forced = /\bforced: ([a-z ]{3,40}?) "/.exec(line)?.[1];
  const action = forced ?? verdict?.[1];
  if (action === undefined) return undefined;
  const field = (name: string): string | undefined => {
    const value = new RegExp(`\\b${name}: <?([^<>,\\s]{1,998})>?[,)]`).exec(line)?.[1];
    return value === undefined || value === 'undef' || value === 'undefined' ? undefined : value;
  };
  const [queueId, messageId, address] = [field('qid'), field('id'), field('ip')];
  const [score, limit] = [Number(verdict?.[2]), Number(verdict?.[3])];
  return {
    kind: 'scan',
    ...(queueId === undefined ? {} : { queueId }),
    ...(messageId === undefined ? {} : { messageId }),
    ...(address === undefined ? {} : { address }),
    action,
    ...(Number.isFinite(score) ? { score } : {}),
    ...(Number.isFinite(limit) ? { limit } : {}),
    symbols: symbolsIn(line),
  };
}

function symbolsIn(line: string): readonly string[] {
  return [...line.slice(0, 4000).matchAll(/\b([A-Z][A-Z0-9_]{2,60})\((-?\d{1,4}\.\d{1,4})\)/g)]
    .map(([, name = '', score = '0']) => ({ name, score: Number(score) }))
    .filter(({ score }) => score !== 0)
    .sort((a, b) => Math.abs(b.score) - Math.abs(a.score))
    .slice(0, SHOWN_SYMBOLS)
    .map(({ name, score }) => `${name} ${score}`);
}

/** A connection that HAProxy passed on: `option tcplog`, chapter 8.2.2 of its configuration manual. */
export function readHaproxy({ text }: MailLine): MailFact | undefined {
  const found =
    /^([\da-fA-F.:]{2,45}):(\d{1,5}) \[[^\]]{10,40}\] (\S{1,80}) (\S{1,80})\/(\S{1,80}) -?\d{1,9}\/-?\d{1,9}\/\+?-?\d{1,9} \+?\d{1,15} (\S\S) /.exec(
      text,
    );
  if (found === null) return undefined;
  const [, address = '', port, frontend = '', , server = '', termination = ''] = found;
  return {
    kind: 'balanced',
    client: { address, port: Number(port) },
    frontend: frontend.replace(/~$/, ''),
    server,
    termination,
  };
}
