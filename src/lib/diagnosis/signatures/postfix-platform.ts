import type { Signature } from './signature.ts';

const shared = { component: 'postfix', where: 'any' } as const;

/** Postfix behind a balancer that speaks PROXY, with postsrsd beside it and a relay in front. */
export const POSTFIX_PLATFORM: readonly Signature[] = [
  {
    id: 'PF21',
    ...shared,
    pattern: /smtpd_peer_hostaddr_to_sockaddr: .*Servname not supported/i,
    kind: 'cause',
    cause: 'mail.proxy-local-frame',
    meaning:
      'A health check sends PROXY frames without an address (LOCAL) to an smtpd that requires PROXY: it dies, and master throttles its restarts.',
    next: 'infra mail check-ports; HAProxy’s checks belong to the health ports, which need no PROXY',
    samples: [
      'Sep 01 14:44:10 mail postfix/smtpd[812]: fatal: smtpd_peer_hostaddr_to_sockaddr: cannot convert client address: Servname not supported for ai_socktype',
    ],
    source: 'the site’s own runbook of HAProxy and mail; postfix, smtpd_peer.c',
  },
  {
    id: 'PF22',
    ...shared,
    pattern: /getpeername: Transport endpoint (?:is )?not connected/i,
    anchors: ['getpeername: transport endpoint'],
    kind: 'cause',
    cause: 'mail.proxy-local-frame',
    meaning: 'postscreen got a PROXY frame without an address (LOCAL): a health check knocks at a PROXY port.',
    next: 'infra mail check-ports; HAProxy’s checks belong to the health ports, which need no PROXY',
    samples: [
      'Sep 01 14:44:10 mail postfix/postscreen[411]: warning: getpeername: Transport endpoint is not connected',
    ],
    source: 'the site’s own runbook of HAProxy and mail',
  },
  {
    id: 'PF23',
    ...shared,
    pattern: /\btcp:\S+ lookup error/i,
    anchors: [' lookup error'],
    kind: 'cause',
    cause: 'mail.srs-map-unreachable',
    meaning: 'postsrsd runs and has not bound its ports (10001 forward, 10002 reverse): new mail gets 451.',
    next: 'ss -ltn in the mail pod: are 10001 and 10002 bound; supervisorctl says RUNNING all the same',
    samples: [
      'Sep 01 14:44:10 mail postfix/cleanup[3789]: warning: tcp:localhost:10001 lookup error: Connection timed out',
    ],
    source: 'the site’s own runbook of its mail server',
  },
  {
    id: 'PF24',
    ...shared,
    pattern: /451 4\.3\.0 .*queue file write error/i,
    anchors: ['queue file write error'],
    kind: 'effect',
    effectOf: ['PF6', 'PF7', 'PF23'],
    meaning: 'A sender was told to come back later, for something behind cleanup did not answer.',
    next: 'the lines of cleanup in the same second',
    samples: [
      'Sep 01 14:44:10 mail postfix/smtpd[812]: proxy-reject: END-OF-MESSAGE: 451 4.3.0 Error: queue file write error; from=<user@example.net> to=<user@example.com> proto=ESMTP helo=<mx.example.net>',
    ],
    source: 'the site’s own runbook of its mail server',
  },
  {
    id: 'PF25',
    ...shared,
    pattern: /SASL authentication failed; server \S+ said: /i,
    anchors: ['sasl authentication failed; server'],
    kind: 'cause',
    cause: 'mail.relay-auth-failed',
    meaning: 'The relay refuses our login: nothing leaves, mail waits in the queue.',
    next: 'infra diagnose mail; the key of the relay, in Vault and in the pod',
    samples: [
      'Sep 01 14:44:10 mail postfix/smtp[9228]: 4gBn5Tz1Hk: to=<user@example.net>, relay=smtp-relay.example.org[192.0.2.25]:587, delay=2, dsn=4.7.8, status=deferred (SASL authentication failed; server smtp-relay.example.org[192.0.2.25] said: 535 5.7.8 Authentication failed)',
    ],
    source: 'postfix, smtp_sasl_glue.c',
  },
];
