import type { TlsFacts } from '../../clients/sockets/client.ts';
import type { Conversation } from './conversation.ts';
import type { Limits } from './report.ts';

/** What a conversation in IMAP has shown so far. */
export type ImapFacts = { banner: string | undefined; tls: TlsFacts | undefined };

/** How to talk; IMAP is asked over implicit TLS only. */
export type ImapTalk = { readonly serverName: string; readonly limits: Limits };

/** TLS, greeting, LOGOUT (RFC 3501, sections 7.1 and 6.1.3). Nobody logs in. Throws `Stop`. */
export async function talkImap(talk: Conversation, { serverName, limits }: ImapTalk, facts: ImapFacts): Promise<void> {
  talk.enter('tls', limits.tlsMs);
  facts.tls = await talk.startTls(serverName);
  talk.enter('banner', limits.greetingMs);
  const greeting = await talk.hear();
  facts.banner = greeting;
  if (/^\* BYE\b/i.test(greeting)) throw talk.stop('rejected', `the server greets with ${shown(greeting)}`);
  if (/^\* PREAUTH\b/i.test(greeting)) throw talk.stop('preauth', 'the server lets everybody in without a login');
  if (!/^\* OK\b/i.test(greeting)) throw talk.stop('not-imap', 'the server sends something that is no IMAP');
  talk.enter('quit', limits.quitMs);
  try {
    await talk.say('a1 LOGOUT');
    for (let line = 0; line < limits.replyLines; line += 1) if (/^a1 /.test(await talk.hear())) break;
  } catch (error) {
    // How the server takes leave changes nothing any more.
    if (!(error instanceof Error && 'problem' in error)) throw error;
  }
}

function shown(line: string): string {
  return line.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
}
