import type { Signature } from './signature.ts';

const shared = { component: 'postfix', where: 'any' } as const;

/** Postfix on its way out: to Dovecot, to other servers. */
export const POSTFIX_DELIVERY: readonly Signature[] = [
  {
    id: 'PF13',
    ...shared,
    pattern: /status=deferred \(connect to \S+\[\/\S+\/lmtp\]: No such file or directory\)/i,
    anchors: ['/lmtp]: no such file'],
    kind: 'cause',
    cause: 'mail.lmtp-socket-missing',
    meaning: 'Dovecot does not run, or the container is set to send only: mail waits in the queue.',
    next: 'doveadm service status, in the mail pod',
    samples: [
      'Sep 01 14:44:10 mail postfix/lmtp[9228]: AAF3C301D8E: to=<user@example.com>, relay=none, delay=0.1, dsn=4.4.1, status=deferred (connect to mail.example.com[/var/run/dovecot/lmtp]: No such file or directory)',
    ],
    source: 'docker-mailserver/docker-mailserver#961',
  },
  {
    id: 'PF14',
    ...shared,
    pattern: /status=deferred \(host \S+\[\/\S+\/lmtp\] said: 4/i,
    anchors: ['/lmtp] said: 4'],
    kind: 'effect',
    effectOf: ['DV5', 'DV6'],
    meaning: 'Dovecot refused the message for now; the reason is in its own log.',
    next: 'the log of Dovecot in the same second: "lmtp(…): Error:"',
    samples: [
      'Sep 01 14:44:10 mail postfix/lmtp[9228]: AAF3C301D8E: to=<user@example.com>, relay=mail.example.com[/var/run/dovecot/lmtp], delay=0.1, dsn=4.2.0, status=deferred (host mail.example.com[/var/run/dovecot/lmtp] said: 451 4.2.0 <user@example.com> Internal error occurred. Refer to server log for more information. (in reply to end of DATA command))',
    ],
    source: 'docker-mailserver/docker-mailserver#1508',
  },
  {
    id: 'PF15',
    ...shared,
    pattern: /connect to transport private\/\S+: No such file or directory/i,
    anchors: ['connect to transport private/'],
    kind: 'cause',
    cause: 'mail.lmtp-transport-missing',
    meaning: 'A transport is not in master.cf or did not start; mail may be bounced at once.',
    next: 'postconf -M, in the mail pod; hold the queue first: postsuper -h ALL',
    samples: [
      'Sep 01 14:44:10 mail postfix/qmgr[2381]: warning: connect to transport private/lmtp-dovecot: No such file or directory',
    ],
    source: 'docker-mailserver/docker-mailserver#3309',
  },
  {
    id: 'PF16',
    ...shared,
    pattern: /connect to \S+\[[0-9.]+\]:25: Connection timed out/i,
    anchors: [']:25: connection timed out'],
    kind: 'cause',
    cause: 'mail.outbound-25-blocked',
    meaning:
      'Port 25 outwards is blocked when several domains do it; one domain only: their trouble; our own address: NAT.',
    next: 'infra mail check-ports; which addresses: one domain, several, or our own',
    samples: [
      'Sep 01 14:44:10 mail postfix/smtp[9228]: connect to alt4.mx.example.net[192.0.2.27]:25: Connection timed out',
    ],
    source: 'docker-mailserver/docker-mailserver#1891',
  },
  {
    id: 'PF17',
    ...shared,
    pattern: /connect to \S+\[[0-9.]+\]:25: Operation timed out/i,
    anchors: [']:25: operation timed out'],
    kind: 'cause',
    cause: 'mail.outbound-25-blocked',
    meaning: 'As "Connection timed out"; images with musl say it so.',
    next: 'infra mail check-ports; which addresses: one domain, several, or our own',
    samples: [
      'Sep 01 14:44:10 mail postfix/smtp[9228]: connect to alt1.mx.example.net[192.0.2.28]:25: Operation timed out',
    ],
    source: 'bokysan/docker-postfix#21',
  },
  {
    id: 'PF18',
    ...shared,
    pattern: /connect to \S+\[[0-9a-f]*:[0-9a-f:]+\]:25: (?:Network is unreachable|Cannot assign requested address)/i,
    anchors: [']:25: network is unreachable', ']:25: cannot assign requested address'],
    kind: 'noise',
    meaning: 'No route for IPv6; without consequence while IPv4 works.',
    samples: [
      'Sep 01 14:44:10 mail postfix/smtp[9228]: connect to mx.example.net[2001:db8::1b]:25: Cannot assign requested address',
    ],
    source: 'docker-mailserver/docker-mailserver#1668',
  },
  {
    id: 'PF19',
    ...shared,
    pattern: /PREGREET \d+ after/,
    anchors: ['pregreet '],
    unless: /PREGREET \d+ after \S+ from \S+ PROXY/,
    kind: 'noise',
    meaning: 'A spam bot that talks before the greeting.',
    samples: [
      'Sep 01 14:44:10 mail haproxy/postscreen[2953]: PREGREET 6 after 0 from [198.51.100.4]:22354: EHLO\\r\\n',
    ],
    source: 'crowdsecurity/hub#515',
  },
  {
    id: 'PF20',
    ...shared,
    pattern: /PREGREET \d+ after \S+ from \S+ PROXY/,
    anchors: ['pregreet '],
    kind: 'cause',
    cause: 'mail.proxy-header-misplaced',
    meaning: 'HAProxy sends the PROXY header to a port that does not expect it.',
    next: 'infra mail check-ports; send-proxy of that server line in HAProxy, or the port behind it',
    samples: [
      'Sep 01 14:44:10 mail postfix/postscreen[2953]: PREGREET 42 after 0 from [10.0.20.1]:22354: PROXY TCP4 198.51.100.4 10.0.20.1 22354 25\\r\\n',
    ],
    source: 'crowdsecurity/hub#515',
  },
];
