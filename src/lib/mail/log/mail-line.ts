import { timeIn } from '../../diagnosis/logs/time.ts';
import type { MailLine } from './fact.ts';

/** What is looked at of a line; lines of mail servers are a few hundred characters. */
const LONGEST = 8192;

const KUBECTL = /^\[pod\/[^\]\s]{1,200}\] /;
const STAMP = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?) (?:std(?:out|err) [FP] )?/;
const SYSLOG = /^([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) /;
const PROGRAM = /^(?:([\w.:-]{1,255}) )?([A-Za-z][\w./@+-]{0,100})(?:\[(\d{1,10})\])?: /;
const RSPAMD = /^#(\d{1,10}) ?\(([\w-]{1,40})\) /;
const DOVECOT =
  /^(?:[\w.-]{1,255} )?(?:dovecot: )?((?:imap|pop3|lmtp|lda|auth|managesieve|submission|master|anvil|stats|config|log|indexer|dict|doveadm)[\w-]{0,20})(?=[(:])/;
const HAPROXY =
  /^(?:[\da-f.:]{2,45}:\d{1,5} \[\d\d\/|(?:\[(?:WARNING|ALERT|NOTICE)\] |(?:backup )?server |health check for ))/i;

const POSTFIX_DAEMONS =
  /^(?:anvil|bounce|cleanup|defer|discard|dnsblog|error|flush|lmtp|local|master|oqmgr|pickup|pipe|postdrop|postfix-script|postlogd|postqueue|postscreen|postsuper|proxymap|proxywrite|qmgr|qmqpd|relay|retry|scache|sendmail|showq|smtp|smtpd|spawn|tlsmgr|tlsproxy|trace|trivial-rewrite|verify|virtual)$/;

/** Where a line is written by somebody who has a say in a mail's way; undefined for all others. Never throws. */
export function readMailLine(raw: string, nowMs: number): MailLine | undefined {
  const line = raw.length > LONGEST ? raw.slice(0, LONGEST) : raw;
  const { text, stamp } = stripped(line.replace(KUBECTL, ''));
  const read = programOf(text);
  if (read === undefined) return undefined;
  if (stamp !== undefined) return { atMs: timeIn(stamp, nowMs)?.ms, ...read };
  return { atMs: read.component === 'haproxy' ? timeOfHaproxy(read.text) : undefined, ...read };
}

function stripped(line: string): { readonly text: string; readonly stamp?: string } {
  let text = line;
  let stamp: string | undefined;
  // The container runtime's stamp stands in front of the writer's own; the latter counts where it has a zone.
  for (let count = 0; count < 2; count += 1) {
    const found = STAMP.exec(text);
    if (found === null) break;
    const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/.test(found[1] ?? '');
    if (stamp === undefined || hasZone) stamp = found[1];
    text = text.slice(found[0].length);
  }
  const syslog = SYSLOG.exec(text);
  if (syslog === null) return stamp === undefined ? { text } : { text, stamp };
  return { text: text.slice(syslog[0].length), stamp: stamp ?? syslog[1] ?? '' };
}

type Read = Omit<MailLine, 'atMs'>;

function programOf(text: string): Read | undefined {
  const rspamd = RSPAMD.exec(text);
  if (rspamd !== null) {
    return { component: 'rspamd', daemon: rspamd[2] ?? '', pid: Number(rspamd[1]), text: text.slice(rspamd[0].length) };
  }
  const found = PROGRAM.exec(text);
  const program = found?.[2] ?? '';
  if (found !== null) {
    const rest = text.slice(found[0].length);
    const pid = found[3] === undefined ? undefined : Number(found[3]);
    const parts = program.split('/');
    const daemon = parts.at(-1) ?? '';
    if (parts.length > 1 && POSTFIX_DAEMONS.test(daemon)) {
      const listener = parts.length > 2 ? parts.at(-2) : undefined;
      return { component: 'postfix', daemon, ...(listener === undefined ? {} : { listener }), pid, text: rest };
    }
    if (program === 'rspamd' || program === 'haproxy') return { component: program, daemon: program, pid, text: rest };
    if (program === 'dovecot')
      return { component: 'dovecot', daemon: DOVECOT.exec(rest)?.[1] ?? 'dovecot', pid, text: rest };
  }
  const dovecot = DOVECOT.exec(text);
  if (dovecot !== null) {
    const from = text.indexOf(dovecot[1] ?? '');
    return { component: 'dovecot', daemon: dovecot[1] ?? '', pid: undefined, text: text.slice(from) };
  }
  if (HAPROXY.test(text)) return { component: 'haproxy', daemon: 'haproxy', pid: undefined, text };
  return undefined;
}

const ACCEPTED = /\[(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d)\.(\d{3})\]/;

/** HAProxy writes when it accepted the connection, without a zone: taken as UTC, as containers have it. */
function timeOfHaproxy(text: string): number | undefined {
  const found = ACCEPTED.exec(text.slice(0, 120));
  if (found === null) return undefined;
  const [, day = '', month = '', year = '', hour = '', minute = '', second = '', fraction = ''] = found;
  const ms = Date.parse(`${day} ${month} ${year} ${hour}:${minute}:${second}.${fraction} UTC`);
  return Number.isNaN(ms) ? undefined : ms;
}
