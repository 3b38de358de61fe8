import type { LogLine, LogSource } from '../kubernetes/logs.ts';
import { PLACES } from './ports.ts';
import type { MailWorld } from './world.ts';

/** One line as rsyslog writes it, `minutesAgo` before it is asked for. `program` has its pid behind it. */
export type MailLine = {
  readonly minutesAgo: number;
  readonly program: string;
  readonly text: string;
  /** What one process writes about one connection has one pid. */
  readonly pid?: number;
};

const HOURS = 3;
const SENDERS = ['203.0.113.20', '203.0.113.77', '198.51.100.14', '198.51.100.91', '203.0.113.140'] as const;
/** The relay by which the monitor sends its mails around. */
export const RELAY_SENDER = '192.0.2.133';

/** What the mail server's pod logs: mail from outside every few minutes, health checks, a bot; and what is wrong. */
export function mailLogs(world: MailWorld): LogSource {
  const { lines = [], restartedMinutesAgo } = world;
  const isNow = ({ minutesAgo }: MailLine): boolean => minutesAgo < (restartedMinutesAgo ?? Number.POSITIVE_INFINITY);
  const all = (): readonly MailLine[] => [...usual(world), ...lines];
  return {
    namespace: 'mailserver',
    pod: 'mailserver-*',
    container: 'docker-mailserver',
    lines: () => written(all().filter(isNow)),
    ...(restartedMinutesAgo === undefined ? {} : { previous: () => written(all().filter((line) => !isNow(line))) }),
  };
}

function written(lines: readonly MailLine[]): readonly LogLine[] {
  const now = Date.now();
  return lines
    .toSorted((a, b) => b.minutesAgo - a.minutesAgo)
    .map(({ minutesAgo, program, text, pid }, nth) => {
      const at = new Date(now - minutesAgo * 60_000).toISOString().replace('Z', '+00:00');
      return { text: `${at} mail ${program}[${pid ?? 400 + (nth % 60)}]: ${text}`, secondsAgo: minutesAgo * 60 };
    });
}

function usual({ seed = 0, addressesLost = false }: MailWorld): readonly MailLine[] {
  const every = 4 + (seed % 5);
  const mails = Array.from({ length: Math.floor((HOURS * 60) / every) }, (_, nth) => {
    const minutesAgo = 1 + nth * every + ((seed * 7 + nth) % 3);
    const sender = SENDERS[(nth + seed) % SENDERS.length] ?? SENDERS[0];
    const isLost = addressesLost && minutesAgo < 90;
    return received(minutesAgo, isLost ? (PLACES.nodes[nth % PLACES.nodes.length] ?? '') : sender, nth + seed);
  });
  const checks = Array.from({ length: HOURS * 6 }, (_, nth): readonly MailLine[] => [
    {
      minutesAgo: 3 + nth * 10,
      program: 'postfix/postscreen',
      text: `CONNECT from [${PLACES.nodes[0]}]:${40_000 + nth} to [10.244.1.25]:25`,
    },
    {
      minutesAgo: 2.99 + nth * 10,
      program: 'postfix/postscreen',
      text: `DISCONNECT [${PLACES.nodes[0]}]:${40_000 + nth}`,
    },
  ]);
  const probes: readonly MailLine[] = [
    {
      minutesAgo: 6,
      program: 'postfix/smtpd-proxy25/postscreen',
      text: 'CONNECT from [192.0.2.250]:50250 to [127.0.30.101]:25',
    },
    { minutesAgo: 5.99, program: 'postfix/smtpd-proxy25/postscreen', text: 'DISCONNECT [192.0.2.250]:50250' },
    {
      minutesAgo: 8,
      program: 'postfix/smtpd-proxy25/postscreen',
      text: 'PREGREET 11 after 0.08 from [198.51.100.200]:52011: EHLO User\\r\\n',
    },
  ];
  return [...mails, ...checks, probes].flat();
}

function received(minutesAgo: number, sender: string, nth: number): readonly MailLine[] {
  const id = `4gBn${String(nth).padStart(4, '0')}zHk`;
  const line = (seconds: number, program: string, text: string): MailLine => ({
    minutesAgo: minutesAgo - seconds / 60,
    program,
    text,
    pid: 2000 + nth,
  });
  const session = `${Buffer.from(`session-${nth}-of-mail`).toString('base64').slice(0, 20)}A`;
  const proxy = 'postfix/smtpd-proxy25';
  return [
    line(0, `${proxy}/postscreen`, `CONNECT from [${sender}]:${30_000 + nth} to [${PLACES.haproxy}]:25`),
    line(6, `${proxy}/postscreen`, `PASS OLD [${sender}]:${30_000 + nth}`),
    line(6, `${proxy}/smtpd`, `connect from mx${nth % 5}.example.net[${sender}]`),
    line(7, `${proxy}/smtpd`, `${id}: client=mx${nth % 5}.example.net[${sender}]`),
    line(7, 'postfix/cleanup', `${id}: message-id=<${nth}.a1b2@example.net>`),
    line(8, 'postfix/qmgr', `${id}: from=<news@example.net>, size=${4000 + nth * 13}, nrcpt=1 (queue active)`),
    line(
      9,
      'postfix/lmtp',
      `${id}: to=<bob@sandbox.test>, relay=mail.sandbox.test[/var/run/dovecot/lmtp], delay=2.1, delays=1.9/0/0.1/0.1, dsn=2.0.0, status=sent (250 2.0.0 <bob@sandbox.test> ${session} Saved)`,
    ),
    line(
      8.9,
      'dovecot',
      `lmtp(bob@sandbox.test)<${3000 + nth}><${session}>: msgid=<${nth}.a1b2@example.net>: saved mail to INBOX`,
    ),
    line(9, 'postfix/qmgr', `${id}: removed`),
    line(
      10,
      `${proxy}/smtpd`,
      `disconnect from mx${nth % 5}.example.net[${sender}] ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7`,
    ),
  ];
}

/** The end of rspamd's own log, as it writes it into a file: times without a zone, worker and pid. */
export function rspamdLog({ rspamd = [] }: MailWorld): string {
  const now = Date.now();
  return rspamd
    .map(({ minutesAgo, text, pid = 310 }) => {
      const at = new Date(now - minutesAgo * 60_000).toISOString().slice(0, 19).replace('T', ' ');
      return `${at} #${pid}(rspamd_proxy) <${(pid + 4096).toString(16)}a1>; proxy; ${text}\n`;
    })
    .join('');
}
