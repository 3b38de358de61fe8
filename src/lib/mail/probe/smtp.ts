import type { TlsFacts } from '../../clients/sockets/client.ts';
import type { Conversation } from './conversation.ts';
import type { Limits, Problem } from './report.ts';

/** The name that every probe says in EHLO: fixed, so that a log shows who asked, and in a zone that cannot exist. */
export const EHLO_NAME = 'infra-check-ports.invalid';

/** An answer of an SMTP server: its code and the text of each line (RFC 5321, section 4.2). */
type Reply = { readonly code: number; readonly lines: readonly string[] };

/** What a conversation in SMTP has shown so far. It is filled while talking, so that an early end loses nothing. */
export type SmtpFacts = {
  banner: string | undefined;
  extensions: readonly string[] | undefined;
  tls: TlsFacts | undefined;
  readonly problems: Problem[];
};

/** How to talk. `proxied`: a PROXY header went first, so that what is not understood now is that header. */
export type SmtpTalk = {
  readonly tls: 'starttls' | 'implicit';
  readonly serverName: string;
  readonly proxied: boolean;
  /** Whether AUTH before TLS is a problem, as on the submission port. */
  readonly hidesAuth: boolean;
  readonly limits: Limits;
};

/**
 * The whole conversation after the connection stands: greeting, EHLO, STARTTLS, QUIT. The greeting is read to its last
 * line before anything is said (postscreen punishes who talks first), and one command is one write. Throws `Stop`.
 */
export async function talkSmtp(talk: Conversation, how: SmtpTalk, facts: SmtpFacts): Promise<void> {
  const { limits } = how;
  if (how.tls === 'implicit') {
    talk.enter('tls', limits.tlsMs);
    facts.tls = await talk.startTls(how.serverName);
  }
  talk.enter('banner', limits.greetingMs);
  const asked = talk.elapsedMs;
  const greeting = await hearReply(talk, limits);
  facts.banner = greeting.lines.at(-1) ?? '';
  if (greeting.code === 421) {
    throw waitedForHeader(greeting, how, talk.elapsedMs - asked)
      ? talk.stop('proxy-expected', `the server waits for a PROXY header, then hangs up: ${shown(greeting)}`)
      : rateLimited(talk, greeting);
  }
  if (greeting.code !== 220) {
    const stop =
      how.proxied && TAKEN_FOR_COMMANDS.includes(greeting.code)
        ? talk.stop('proxy-refused', `the server took the PROXY header for a command: ${shown(greeting)}`)
        : talk.stop('rejected', `the server greets with ${shown(greeting)}`);
    await quit(talk, limits);
    throw stop;
  }
  talk.enter('ehlo', limits.replyMs);
  await talk.say(`EHLO ${EHLO_NAME}`);
  const hello = await hearReply(talk, limits);
  if (hello.code === 421) throw rateLimited(talk, hello);
  if (hello.code !== 250) {
    const stop = how.proxied
      ? talk.stop('proxy-refused', `the server took the PROXY header for a command: ${shown(hello)}`)
      : talk.stop('rejected', `the server answers EHLO with ${shown(hello)}`);
    if (hello.code !== 221) await quit(talk, limits);
    throw stop;
  }
  const extensions = hello.lines.slice(1).map((line) => (line.split(/[ =]/)[0] ?? '').toUpperCase());
  facts.extensions = extensions;
  if (how.tls === 'starttls') {
    if (how.hidesAuth && extensions.includes('AUTH')) {
      const detail = 'AUTH is offered before TLS: a password could cross the network in the clear';
      facts.problems.push({ phase: 'ehlo', reason: 'auth-before-tls', detail });
    }
    await upgrade(talk, how, facts, extensions);
  }
  await quit(talk, limits);
}

/** Codes for commands that are not understood (RFC 5321, section 4.2.1). */
const TAKEN_FOR_COMMANDS: readonly number[] = [500, 501, 502, 503];

/**
 * Postfix with `haproxy` as its upstream protocol says this, after its timeout, to whoever sends no header: smtpd
 * "421 4.3.0 … Server local error", postscreen "421 4.3.2 No system resources". One that is busy says so at once.
 */
function waitedForHeader(greeting: Reply, { proxied, limits }: SmtpTalk, waitedMs: number): boolean {
  return !proxied && waitedMs >= limits.headerWaitMs && /^4\.3\.[02] /.test(greeting.lines[0] ?? '');
}

async function upgrade(
  talk: Conversation,
  how: SmtpTalk,
  facts: SmtpFacts,
  extensions: readonly string[],
): Promise<void> {
  const { limits } = how;
  talk.enter('starttls', limits.replyMs);
  if (!extensions.includes('STARTTLS')) {
    const stop = talk.stop('starttls-missing', 'the server does not offer STARTTLS');
    await quit(talk, limits);
    throw stop;
  }
  await talk.say('STARTTLS');
  const answer = await hearReply(talk, limits);
  if (answer.code === 421) throw rateLimited(talk, answer);
  if (answer.code !== 220) {
    const stop = talk.stop('starttls-refused', `the server answers STARTTLS with ${shown(answer)}`);
    await quit(talk, limits);
    throw stop;
  }
  talk.enter('tls', limits.tlsMs);
  facts.tls = await talk.startTls(how.serverName);
}

/** Takes leave. How the server answers changes nothing any more. */
async function quit(talk: Conversation, limits: Limits): Promise<void> {
  talk.enter('quit', limits.quitMs);
  try {
    await talk.say('QUIT');
    await hearReply(talk, limits);
  } catch (error) {
    if (!(error instanceof Error && 'problem' in error)) throw error;
  }
}

/** A reply of any number of lines; what is no SMTP, or does not end, stops the conversation. */
async function hearReply(talk: Conversation, limits: Limits): Promise<Reply> {
  const lines: string[] = [];
  let last = 0;
  for (;;) {
    const line = await talk.hear();
    const parts = /^([2-5]\d\d)(?:([ -])(.*))?$/s.exec(line);
    if (parts === null) throw talk.stop('not-smtp', 'the server sends something that is no SMTP');
    const code = Number(parts[1]);
    // postscreen greets with one half, and may then have another thing to say.
    if (code !== last) lines.length = 0;
    last = code;
    lines.push(parts[3] ?? '');
    if (parts[2] !== '-') return { code, lines };
    if (lines.length >= limits.replyLines) {
      throw talk.stop('endless', `the server's answer has more than ${limits.replyLines} lines`);
    }
  }
}

function rateLimited(talk: Conversation, reply: Reply) {
  return talk.stop('rate-limited', `the server asks to come back later: ${shown(reply)}`);
}

function shown(reply: Reply): string {
  const text = (reply.lines[0] ?? '').replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
  return `${reply.code} ${text}`.trim();
}
