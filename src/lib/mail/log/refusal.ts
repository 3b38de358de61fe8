/** Why a mail was not taken, by the words of Postfix and of the server that it spoke to. */
export type RefusalCode =
  | 'local-delivery'
  | 'relay-credentials'
  | 'configuration'
  | 'lookup'
  | 'disk'
  | 'filter'
  | 'mailbox-full'
  | 'greylisted'
  | 'rate-limited'
  | 'name'
  | 'tls'
  | 'unreachable'
  | 'lost-connection'
  | 'no-such-user'
  | 'policy'
  | 'other';

/** Whose trouble it is: this server's, the other side's, or it cannot be told from the words. */
export type Whose = 'ours' | 'theirs' | 'unclear';

/** A reason, read. `means` is half a sentence. */
export type Refusal = { readonly code: RefusalCode; readonly whose: Whose; readonly means: string };

type Rule = readonly [pattern: RegExp, code: RefusalCode, whose: Whose, means: string];

/** The first that fits counts; what is local and certain comes first. Every pattern is linear in the text. */
const RULES: readonly Rule[] = [
  [
    /\b[45]\.2\.2\b|over ?quota|mailbox (?:for \S{1,200} )?(?:is )?full|mailbox.{0,40}quota/i,
    'mailbox-full',
    'unclear',
    'the mailbox is full',
  ],
  [
    /(?:connect to|connection with|conversation with|receiving the initial server greeting from|connect to transport) \S{0,200}(?:\[[^\]\s]{0,200}\/[^\]\s]{0,200}\]|private\/\S{0,40}lmtp)|host \S{0,200}\[[^\]\s]{0,200}\/[^\]\s]{0,200}\] (?:said|refused to talk to me): 4/i,
    'local-delivery',
    'ours',
    'Dovecot, which puts mail into the mailboxes, does not take it',
  ],
  [
    /SASL authentication failed|authentication (?:failed|required)|\b5\.7\.8\b|\b53[05][ -]/i,
    'relay-credentials',
    'ours',
    'the next server wants a login, and does not accept ours',
  ],
  [
    /mail system configuration error|(?:server )?configuration (?:error|problem)|mail transport unavailable|unknown mail transport|loops back to myself/i,
    'configuration',
    'ours',
    'Postfix is not set up for it',
  ],
  [/lookup (?:error|problem|failure)|local data error/i, 'lookup', 'ours', 'a table that Postfix asks did not answer'],
  [
    /insufficient (?:system|disk|queue)|no space left|queue file write error/i,
    'disk',
    'ours',
    'there is no room for it',
  ],
  [
    /connect to (?:127\.0\.0\.1|\S{0,200}\[(?:127\.0\.0\.1|::1)\])|milter/i,
    'filter',
    'ours',
    'a filter of this machine did not take it',
  ],
  [/gr[ae]y-?list/i, 'greylisted', 'theirs', 'the receiver lets strangers try twice'],
  [
    /too many|rate.?limit|throttl|limit (?:exceeded|reached)|exceeded .{0,60}(?:limit|quota)|quota.{0,40}(?:reached|exceeded)|\b421\b/i,
    'rate-limited',
    'unclear',
    'too much was sent for the taste of the next server',
  ],
  [
    /host or domain name not found|name service error|host not found|no route to domain|does not accept mail|null ?MX/i,
    'name',
    'unclear',
    'no server was found for the domain',
  ],
  [
    /TLS is required|cannot start TLS|TLS (?:handshake|library)|certificate (?:verification|not trusted|expired)|server certificate/i,
    'tls',
    'unclear',
    'both sides could not agree on TLS',
  ],
  [
    /connect to .{0,300}: (?:connection|operation) timed out|connection refused|no route to host|network (?:is )?unreachable|cannot assign requested address|connection reset/i,
    'unreachable',
    'unclear',
    'the next server could not be reached',
  ],
  [
    /lost connection|timed out while|conversation with .{0,300} timed out/i,
    'lost-connection',
    'unclear',
    'the conversation broke off',
  ],
  [
    /user unknown|unknown (?:user|recipient)|no such (?:user|recipient|mailbox|person)|(?:user|mailbox|account|address).{0,40}(?:does not exist|not found|unavailable|disabled)|\b5\.1\.[126]\b/i,
    'no-such-user',
    'theirs',
    'there is no such mailbox',
  ],
  [
    /block(?:ed|list)|black-?list|spam|reputation|\blisted\b|denied|reject|\bpolicy\b|\b5\.7\.\d+/i,
    'policy',
    'unclear',
    'the next server does not want it',
  ],
];

const OTHER: Refusal = { code: 'other', whose: 'unclear', means: 'for a reason of its own' };

/** What a delay or a bounce is about. Never throws; looks at the first 2,000 characters. */
export function refusalOf(reason: string): Refusal {
  const text = reason.slice(0, 2000);
  const found = RULES.find(([pattern]) => pattern.test(text));
  if (found === undefined) return OTHER;
  const [, code, whose, means] = found;
  return { code, whose, means };
}
