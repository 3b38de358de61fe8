import type { ActionKind, DeliveryStatus, MailFact, MailLine, Peer } from './fact.ts';

/** Short ids are hexadecimal; long ones are 52 letters without vowels (`enable_long_queue_ids`). */
const ID = '(?:[0-9A-F]{5,20}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{8,25})';
const QUEUE_ID = new RegExp(`^${ID}$`);
const LEADING_ID = new RegExp(`^(${ID}): `);
const WARNED_ID = new RegExp(`^(?:warning|error): (${ID}): `);
const NOTICE = new RegExp(`^((?:sender|postmaster) .{3,60} notification): (${ID})$`);
const STATUSES: readonly string[] = [
  'sent',
  'deferred',
  'bounced',
  'expired',
  'deliverable',
  'undeliverable',
  'filtered',
];
/** cleanup, smtpd and postscreen name what they did: `reject:`, `milter-hold:`, … */
const ACTION = /^(milter-)?(reject|hold|discard|redirect|filter|warn|header_checks|info)(?:ed)?: /;

/** header_checks(5) and body_checks quote what they found: the name of a header stays, its content does not. */
const QUOTED =
  /^([\w-]{4,20}: (?:(?:mime|nested)-)?(?:header|body) (?:[\w-]{1,60}:)?)(?:.*( from (?:local\b|\S{0,255}\[))|.*)/;

function withoutContent(text: string): string {
  return text.replace(QUOTED, (_, before: string, after = '') => `${before.trimEnd()} …${after}`);
}

/** Whether a word can be a queue id of Postfix. */
export function isQueueId(word: string): boolean {
  return QUEUE_ID.test(word);
}

/** What a line of Postfix says about a mail or a connection; undefined: nothing of that kind. Never throws. */
export function readPostfix({ daemon, text }: MailLine): MailFact | undefined {
  if (daemon === 'postscreen') return screened(text);
  const id = LEADING_ID.exec(text)?.[1];
  if (id !== undefined) return aboutMail(daemon, id, withoutContent(text.slice(id.length + 2)));
  if (text.startsWith('NOQUEUE: ')) return actionOf(undefined, withoutContent(text.slice(9)));
  if (daemon === 'smtpd') return connection(text);
  const warned = WARNED_ID.exec(text);
  return warned === null ? undefined : note(warned[1] ?? '', text, true);
}

function aboutMail(daemon: string, queueId: string, rest: string): MailFact {
  const client = /^client=(\S{1,400})/.exec(rest);
  if (client !== null) {
    const login = /, sasl_username=([^,\s]{1,320})/.exec(rest)?.[1];
    const origId = /, orig_queue_id=(\w{5,25})/.exec(rest)?.[1];
    return {
      kind: 'client',
      queueId,
      client: peerOf((client[1] ?? '').replace(/,$/, '')),
      ...(login === undefined ? {} : { login }),
      ...(origId === undefined ? {} : { origId }),
    };
  }
  const uid = /^uid=(\d{1,10}) from=<?([^>\s]{0,320})>?/.exec(rest);
  if (uid !== null) {
    const origId = /\borig_id=(\w{5,25})/.exec(rest)?.[1];
    return {
      kind: 'pickup',
      queueId,
      uid: Number(uid[1]),
      from: uid[2] ?? '',
      ...(origId === undefined ? {} : { origId }),
    };
  }
  const messageId = /^(?:resent-)?message-id=(.{0,998})$/.exec(rest);
  if (messageId !== null) return { kind: 'message-id', queueId, messageId: bare(messageId[1] ?? '') };
  const queued = /^from=<([^>]{0,320})>, size=(\d{1,15}), nrcpt=(\d{1,9})/.exec(rest);
  if (queued !== null) {
    return { kind: 'queued', queueId, from: queued[1] ?? '', size: Number(queued[2]), recipients: Number(queued[3]) };
  }
  const returned = /^from=<([^>]{0,320})>, status=(?:force-)?expired/.exec(rest);
  if (returned !== null) return { kind: 'returned', queueId, from: returned[1] ?? '' };
  if (rest.startsWith('to=<')) return deliveryOf(queueId, rest) ?? note(queueId, rest, false);
  if (rest === 'removed') return { kind: 'removed', queueId };
  const notice = NOTICE.exec(rest);
  if (notice !== null) return { kind: 'notice', queueId, noticeId: notice[2] ?? '', text: notice[1] ?? '' };
  const placed = daemon === 'postsuper' && /placed on hold/.test(rest);
  if (placed) return { kind: 'action', action: 'hold', isMilter: false, queueId, text: 'placed on hold by hand' };
  return actionOf(queueId, rest) ?? note(queueId, rest, /^(?:warning|error|fatal)\b/.test(rest));
}

function note(queueId: string, text: string, isWarning: boolean): MailFact {
  return { kind: 'note', queueId, text, isWarning };
}

const DELIVERY =
  /^to=<([^>]{0,320})>(?:, orig_to=<([^>]{0,320})>)?, relay=(\S{1,400}), (?:conn_use=\d{1,6}, )?(?:delay=([\d.]{1,12}), )?(?:delays=[\d./]{1,60}, )?(?:dsn=(\d\.\d{1,3}\.\d{1,3}), )?status=(\w{1,20}) \((.*)$/;

function deliveryOf(queueId: string, rest: string): MailFact | undefined {
  const found = DELIVERY.exec(rest);
  const status = found?.[6] ?? '';
  if (found === null || !STATUSES.includes(status)) return undefined;
  const [, to = '', origTo, relay = '', delay, dsn] = found;
  const reply = (found[7] ?? '').replace(/\)$/, '');
  const queuedAs = /\b(?:queued as|forwarded as|queued mail for delivery|ok id=|queued \()\s?([\w-]{5,64})/i.exec(
    reply,
  )?.[1];
  return {
    kind: 'delivery',
    queueId,
    to,
    ...(origTo === undefined ? {} : { origTo }),
    relay,
    ...(delay === undefined ? {} : { delay: Number(delay) }),
    ...(dsn === undefined ? {} : { dsn }),
    status: status as DeliveryStatus,
    reply,
    ...(status === 'sent' && queuedAs !== undefined ? { queuedAs } : {}),
  };
}

/** `reject: RCPT from host[addr]: 554 5.7.1 …; from=<…> to=<…> proto=ESMTP helo=<…>` and its like. */
function actionOf(queueId: string | undefined, rest: string): MailFact | undefined {
  const found = ACTION.exec(rest);
  const word = found?.[2] ?? '';
  if (found === null || word === 'info' || word === 'header_checks') return undefined;
  const said = rest.slice(found[0].length);
  const where = /^[\w-]{1,40}(?: [\w-]{1,20}){0,3} from (\S{1,400})[:;] /.exec(said);
  const end = said.lastIndexOf('; from=<');
  const tail = end < 0 ? '' : said.slice(end);
  const text = said.slice(where?.[0].length ?? 0, end < 0 ? undefined : end);
  const field = (name: string): string | undefined => new RegExp(`[ ;,]${name}=<([^>]{0,320})>`).exec(tail)?.[1];
  const code = /^([245]\d\d) /.exec(text)?.[1];
  const [from, to, helo] = [field('from'), field('to'), field('helo')];
  return {
    kind: 'action',
    action: word as ActionKind,
    isMilter: found[1] !== undefined,
    text,
    ...(queueId === undefined ? {} : { queueId }),
    ...(where === null ? {} : { client: peerOf(where[1] ?? '') }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(helo === undefined ? {} : { helo }),
    ...(code === undefined ? {} : { code: Number(code) }),
  };
}

function screened(text: string): MailFact | undefined {
  const connect = /^CONNECT from (\S{1,100}) to /.exec(text);
  if (connect !== null) return { kind: 'connect', client: peerOf(connect[1] ?? '') };
  if (text.startsWith('NOQUEUE: ')) return actionOf(undefined, text.slice(9));
  const found =
    /^(PASS (?:NEW|OLD)|(?:ALLOW|WHITE)LISTED|DISCONNECT|[A-Z][A-Z-]{3,30}(?: [A-Z]{3,12}){0,3})\b.{0,60}?(\[[\da-fA-F.:]{2,45}\]:\d{1,5})/.exec(
      text,
    );
  if (found === null) return undefined;
  const word = found[1] ?? '';
  const result = /^(?:PASS|ALLOW|WHITE)/.test(word) ? 'pass' : word === 'DISCONNECT' ? 'end' : 'trouble';
  return { kind: 'screen', client: peerOf(found[2] ?? ''), result, text };
}

function connection(text: string): MailFact | undefined {
  const connect = /^connect from (\S{1,400})$/.exec(text);
  if (connect !== null) return { kind: 'connect', client: peerOf(connect[1] ?? '') };
  const tls = /^\w{1,20} TLS connection established from (\S{1,400}): (.{1,200})/.exec(text);
  if (tls !== null) return { kind: 'tls', client: peerOf(tls[1] ?? ''), text: (tls[2] ?? '').split(' (')[0] ?? '' };
  const ended = /^(disconnect|(?:lost connection|timeout) after \S{1,40}(?: \([^)]{0,60}\))?) from (\S{1,400})/.exec(
    text,
  );
  if (ended === null) return undefined;
  return { kind: 'disconnect', client: peerOf(ended[2] ?? ''), isLost: ended[1] !== 'disconnect', text };
}

/** `name[address]`, `[address]:port`, `name[address]:port`. */
function peerOf(word: string): Peer {
  const found = /^([^[\]]*)\[([^\]]*)\](?::(\d{1,5}))?/.exec(word);
  if (found === null) return { address: word };
  const [, name = '', address = '', port] = found;
  return {
    ...(name === '' || name === 'unknown' ? {} : { name }),
    address,
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}

function bare(messageId: string): string {
  return messageId.trim().replace(/^</, '').replace(/>$/, '');
}
