import { stamped, type Written } from './written.ts';

const LONG = '4gBn5T3PVKz8Hk';
const SHORT = 'B313866FFB2';
const smtpd = 'postfix/smtpd[1062]';
const proxied = 'postfix/smtpd-proxy25/smtpd[77]';

/** Postfix 3.x: texts as its sources word them (smtpd.c, cleanup_message.c, qmgr_active.c, log_adhoc.c, postscreen). */
export const POSTFIX_LINES: readonly Written[] = [
  ...stamped(smtpd, [
    [
      `${LONG}: client=mx.example.com[203.0.113.20]`,
      { kind: 'client', queueId: LONG, client: { name: 'mx.example.com', address: '203.0.113.20' } },
    ],
    [`${SHORT}: client=unknown[2001:db8::25]`, { kind: 'client', queueId: SHORT, client: { address: '2001:db8::25' } }],
    [
      `${LONG}: client=localhost[127.0.0.1], orig_queue_id=${SHORT}, orig_client=mx.example.com[203.0.113.20]`,
      { kind: 'client', queueId: LONG, origId: SHORT, client: { name: 'localhost', address: '127.0.0.1' } },
    ],
    [
      `${LONG}: client=laptop.example.net[198.51.100.60], sasl_method=PLAIN, sasl_username=dave@example.com`,
      { kind: 'client', queueId: LONG, login: 'dave@example.com' },
    ],
    [
      `${LONG}: client=unknown[198.51.100.60], sasl_method=LOGIN, sasl_username=dave, sasl_sender=eve`,
      { kind: 'client', login: 'dave' },
    ],
    [
      'connect from mx.example.com[203.0.113.20]',
      { kind: 'connect', client: { name: 'mx.example.com', address: '203.0.113.20' } },
    ],
    ['connect from unknown[unknown]', { kind: 'connect', client: { address: 'unknown' } }],
    [
      'disconnect from mx.example.com[203.0.113.20] ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7',
      { kind: 'disconnect', isLost: false },
    ],
    ['lost connection after DATA (1024 bytes) from mx.example.com[203.0.113.20]', { kind: 'disconnect', isLost: true }],
    ['timeout after END-OF-MESSAGE from unknown[203.0.113.20]', { kind: 'disconnect', isLost: true }],
    [
      'Anonymous TLS connection established from mx.example.com[203.0.113.20]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)',
      { kind: 'tls', text: 'TLSv1.3 with cipher TLS_AES_256_GCM_SHA384' },
    ],
    [
      'Trusted TLS connection established from mx.example.com[203.0.113.20]: TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)',
      { kind: 'tls' },
    ],
    [
      'NOQUEUE: reject: RCPT from mx.example.com[203.0.113.20]: 550 5.1.1 <x@example.com>: Recipient address rejected: User unknown in virtual mailbox table; from=<ann@example.org> to=<x@example.com> proto=ESMTP helo=<mx.example.com>',
      {
        kind: 'action',
        action: 'reject',
        code: 550,
        from: 'ann@example.org',
        to: 'x@example.com',
        helo: 'mx.example.com',
        text: '550 5.1.1 <x@example.com>: Recipient address rejected: User unknown in virtual mailbox table',
      },
    ],
    [
      'NOQUEUE: reject: RCPT from unknown[203.0.113.20]: 450 4.2.0 <x@example.com>: Recipient address rejected: Greylisted, see http://postgrey.example/x; from=<> to=<x@example.com> proto=SMTP helo=<[203.0.113.20]>',
      { kind: 'action', code: 450, from: '', to: 'x@example.com' },
    ],
    [
      `${LONG}: reject: RCPT from unknown[203.0.113.20]: 554 5.7.1 <y@example.com>: Relay access denied; from=<a@b.example> to=<y@example.com> proto=ESMTP helo=<h>`,
      { kind: 'action', queueId: LONG, action: 'reject', code: 554 },
    ],
    [
      `${LONG}: hold: RCPT from unknown[203.0.113.20]: <y@example.com>: Recipient address triggers HOLD action; from=<a@b.example> to=<y@example.com> proto=ESMTP helo=<h>`,
      { kind: 'action', action: 'hold', isMilter: false, to: 'y@example.com' },
    ],
    [
      'NOQUEUE: discard: RCPT from unknown[203.0.113.20]: <y@example.com>: Recipient address triggers DISCARD action; from=<a@b.example> to=<y@example.com> proto=ESMTP helo=<h>',
      { kind: 'action', action: 'discard' },
    ],
    [
      'NOQUEUE: milter-reject: CONNECT from unknown[203.0.113.20]: 451 4.7.1 Service unavailable - try again later; proto=SMTP',
      { kind: 'action', isMilter: true, code: 451 },
    ],
    ['warning: hostname a.example does not resolve to address 203.0.113.9', undefined],
    ['warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: UGFzc3dvcmQ6', undefined],
    ['SSL_accept error from unknown[203.0.113.9]: lost connection', undefined],
    ['improper command pipelining after CONNECT from unknown[203.0.113.9]: \\026\\003\\001', undefined],
  ]),
  ...stamped(proxied, [['connect from mx.example.com[203.0.113.20]', { kind: 'connect' }]]),
  ...stamped('postfix/cleanup[2629]', [
    [
      `${LONG}: message-id=<CAF+x=1_2@mail.example.com>`,
      { kind: 'message-id', queueId: LONG, messageId: 'CAF+x=1_2@mail.example.com' },
    ],
    [`${SHORT}: message-id=<>`, { kind: 'message-id', queueId: SHORT, messageId: '' }],
    [`${SHORT}: message-id=no brackets at all`, { kind: 'message-id', messageId: 'no brackets at all' }],
    [`${SHORT}: resent-message-id=<again@example.com>`, { kind: 'message-id', messageId: 'again@example.com' }],
    [
      `${LONG}: milter-reject: END-OF-MESSAGE from mx.example.com[203.0.113.20]: 5.7.1 Spam message rejected; from=<s@example.org> to=<d@example.com> proto=ESMTP helo=<mx>`,
      { kind: 'action', action: 'reject', isMilter: true, queueId: LONG, text: '5.7.1 Spam message rejected' },
    ],
    [
      `${LONG}: milter-hold: END-OF-MESSAGE from mx.example.com[203.0.113.20]: milter triggers HOLD action; from=<s@example.org> to=<d@example.com> proto=ESMTP helo=<mx>`,
      { kind: 'action', action: 'hold', isMilter: true },
    ],
    [
      `${LONG}: milter-discard: END-OF-MESSAGE from mx.example.com[203.0.113.20]: milter triggers DISCARD action; from=<s@example.org> to=<d@example.com> proto=ESMTP helo=<mx>`,
      { kind: 'action', action: 'discard', isMilter: true },
    ],
    [
      `${LONG}: reject: header Subject: WIN from mx.example.com[203.0.113.20]; from=<s@example.org> to=<d@example.com> proto=ESMTP helo=<mx>: 5.7.1 no`,
      {
        kind: 'action',
        action: 'reject',
        queueId: LONG,
        text: 'header Subject: … from mx.example.com[203.0.113.20]',
        from: 's@example.org',
      },
    ],
    [
      `${LONG}: warning: header Subject: my diagnosis, sent from local clinic from mx.example.com[203.0.113.20]; from=<s@example.org> to=<d@example.com> proto=ESMTP helo=<mx>`,
      {
        kind: 'note',
        text: 'warning: header Subject: … from mx.example.com[203.0.113.20]; from=<s@example.org> to=<d@example.com> proto=ESMTP helo=<mx>',
      },
    ],
    [
      `${LONG}: info: body the secret of the house from local; from=<s@example.org>`,
      { kind: 'note', text: 'info: body … from local; from=<s@example.org>' },
    ],
    [
      `${LONG}: warning: mime-header Content-Disposition: attachment; filename="salary.pdf"`,
      { kind: 'note', text: 'warning: mime-header Content-Disposition: …' },
    ],
    [
      `${LONG}: discard: header X-Spam: yes from local; from=<s@example.org> to=<d@example.com>: by header_checks`,
      { kind: 'action', action: 'discard' },
    ],
    [`warning: ${LONG}: queue file size limit exceeded`, { kind: 'note', queueId: LONG, isWarning: true }],
    [
      `warning: ${SHORT}: sender_canonical_maps map lookup problem for "" -- message not accepted, try again later`,
      { kind: 'note', queueId: SHORT },
    ],
    ["warning: milter inet:localhost:11332: can't read SMFIC_OPTNEG reply packet header: Success", undefined],
    ['fatal: unsupported dictionary type: tcp', undefined],
  ]),
  ...stamped('postfix/qmgr[2377]', [
    [
      `${LONG}: from=<ann@example.com>, size=4711, nrcpt=2 (queue active)`,
      { kind: 'queued', queueId: LONG, from: 'ann@example.com', size: 4711, recipients: 2 },
    ],
    [`${SHORT}: from=<>, size=0, nrcpt=1 (queue active)`, { kind: 'queued', from: '' }],
    [
      `${SHORT}: from=<"odd name"@example.com>, size=12345678901, nrcpt=50000 (queue active)`,
      { kind: 'queued', from: '"odd name"@example.com', recipients: 50_000 },
    ],
    [`${LONG}: from=<ann@example.com>, status=expired, returned to sender`, { kind: 'returned', queueId: LONG }],
    [`${LONG}: from=<ann@example.com>, status=force-expired, returned to sender`, { kind: 'returned' }],
    [`${LONG}: removed`, { kind: 'removed', queueId: LONG }],
    [`${LONG}: skipped, still being delivered`, { kind: 'note', queueId: LONG }],
    ['warning: connect to transport private/dovecot: No such file or directory', undefined],
  ]),
  ...stamped('postfix/smtp[9228]', [
    [
      `${LONG}: to=<a@example.net>, relay=mx.example.net[198.51.100.7]:25, delay=1.2, delays=0.1/0.01/0.5/0.6, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4F1B2C3D4E)`,
      {
        kind: 'delivery',
        to: 'a@example.net',
        relay: 'mx.example.net[198.51.100.7]:25',
        delay: 1.2,
        dsn: '2.0.0',
        status: 'sent',
        queuedAs: '4F1B2C3D4E',
        reply: '250 2.0.0 Ok: queued as 4F1B2C3D4E',
      },
    ],
    [
      `${LONG}: to=<a@example.net>, relay=mx.example.net[2001:db8::7]:25, conn_use=3, delay=0.2, delays=0/0/0/0.2, dsn=2.0.0, status=sent (250 OK id=1tAbCd-000123-4E)`,
      { kind: 'delivery', status: 'sent', queuedAs: '1tAbCd-000123-4E' },
    ],
    [
      `${LONG}: to=<a@example.net>, relay=none, delay=3600, delays=3570/0/30/0, dsn=4.4.1, status=deferred (connect to mx.example.net[198.51.100.7]:25: Connection timed out)`,
      {
        kind: 'delivery',
        relay: 'none',
        status: 'deferred',
        delay: 3600,
        reply: 'connect to mx.example.net[198.51.100.7]:25: Connection timed out',
      },
    ],
    [
      `${LONG}: to=<a@example.net>, orig_to=<root>, relay=mx.example.net[198.51.100.7]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host mx.example.net[198.51.100.7] said: 550 5.1.1 <a@example.net>: no such user (in reply to RCPT TO command))`,
      {
        kind: 'delivery',
        origTo: 'root',
        status: 'bounced',
        dsn: '5.1.1',
        reply:
          'host mx.example.net[198.51.100.7] said: 550 5.1.1 <a@example.net>: no such user (in reply to RCPT TO command)',
      },
    ],
    [
      `${LONG}: host mx.example.net[198.51.100.7] said: 451 4.7.1 Greylisting in action, please come back later (in reply to RCPT TO command)`,
      { kind: 'note', queueId: LONG },
    ],
    [
      `${LONG}: lost connection with mx.example.net[198.51.100.7] while receiving the initial server greeting`,
      { kind: 'note' },
    ],
    [
      `${LONG}: to=<a@example.net>, relay=none, delay=0.1, delays=0.1/0/0/0, dsn=4.3.0, status=deliverable (delivers)`,
      { kind: 'delivery', status: 'deliverable' },
    ],
    [
      `${LONG}: to=<a@example.net>, relay=none, delay=0.1, delays=0.1/0/0/0, dsn=2.0.0, status=newword (what)`,
      { kind: 'note' },
    ],
    ['connect to mx.example.net[198.51.100.7]:25: Connection refused', undefined],
  ]),
  ...stamped('postfix/lmtp[9229]', [
    [
      `${SHORT}: to=<bob@example.com>, relay=mail.example.com[/var/run/dovecot/lmtp], delay=0.5, delays=0.3/0/0.1/0.1, dsn=2.0.0, status=sent (250 2.0.0 <bob@example.com> 37ylC99cAWuqXgAAg+zDdQ Saved)`,
      { kind: 'delivery', relay: 'mail.example.com[/var/run/dovecot/lmtp]', status: 'sent' },
    ],
    [
      `${SHORT}: to=<bob@example.com>, relay=mail.example.com[private/dovecot-lmtp], delay=0.5, delays=0.3/0/0.1/0.1, dsn=4.2.0, status=deferred (host mail.example.com[private/dovecot-lmtp] said: 451 4.2.0 <bob@example.com> Internal error occurred. Refer to server log for more information. (in reply to end of DATA command))`,
      { kind: 'delivery', status: 'deferred', dsn: '4.2.0' },
    ],
  ]),
  ...stamped('postfix/local[1]', [
    [
      `${SHORT}: to=<root@example.com>, relay=local, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (forwarded as 4gBn5T3QWKz9Hk)`,
      { kind: 'delivery', queuedAs: '4gBn5T3QWKz9Hk' },
    ],
  ]),
  ...stamped('postfix/discard[1]', [
    [
      `${SHORT}: to=<x@example.com>, relay=none, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (x@example.com)`,
      { kind: 'delivery', status: 'sent' },
    ],
  ]),
  ...stamped('postfix/bounce[1]', [
    [`${LONG}: sender non-delivery notification: 4gBn5T3QWKz9Hk`, { kind: 'notice', noticeId: '4gBn5T3QWKz9Hk' }],
    [`${LONG}: sender delay notification: ${SHORT}`, { kind: 'notice', noticeId: SHORT }],
    [`${LONG}: sender delivery status notification: ${SHORT}`, { kind: 'notice' }],
    [`${LONG}: postmaster non-delivery notification: ${SHORT}`, { kind: 'notice' }],
  ]),
  ...stamped('postfix/pickup[1]', [
    [`${LONG}: uid=0 from=<root>`, { kind: 'pickup', uid: 0, from: 'root' }],
    [
      `${LONG}: uid=102 from=<a@example.com> orig_id=${SHORT}`,
      { kind: 'pickup', origId: SHORT, from: 'a@example.com' },
    ],
  ]),
  ...stamped('postfix/postsuper[1]', [
    [`${LONG}: removed`, { kind: 'removed', queueId: LONG }],
    [`${LONG}: placed on hold`, { kind: 'action', action: 'hold', queueId: LONG }],
    [`${LONG}: released from hold`, { kind: 'note' }],
    [`${LONG}: requeued`, { kind: 'note' }],
    ['Deleted: 3 messages', undefined],
  ]),
  ...stamped('postfix/smtpd-proxy25/postscreen[11248]', [
    [
      'CONNECT from [203.0.113.20]:41025 to [10.0.20.1]:25',
      { kind: 'connect', client: { address: '203.0.113.20', port: 41_025 } },
    ],
    [
      'CONNECT from [2001:db8::20]:41025 to [2001:db8::1]:25',
      { kind: 'connect', client: { address: '2001:db8::20', port: 41_025 } },
    ],
    ['PASS NEW [203.0.113.20]:41025', { kind: 'screen', result: 'pass' }],
    [
      'PASS OLD [203.0.113.20]:41025',
      { kind: 'screen', result: 'pass', client: { address: '203.0.113.20', port: 41_025 } },
    ],
    ['WHITELISTED [203.0.113.20]:41025', { kind: 'screen', result: 'pass' }],
    ['ALLOWLISTED [203.0.113.20]:41025', { kind: 'screen', result: 'pass' }],
    ['BLACKLISTED [203.0.113.20]:41025', { kind: 'screen', result: 'trouble' }],
    ['DISCONNECT [203.0.113.20]:41025', { kind: 'screen', result: 'end' }],
    ['PREGREET 11 after 0.08 from [203.0.113.20]:41025: EHLO User\\r\\n', { kind: 'screen', result: 'trouble' }],
    ['HANGUP after 0 from [203.0.113.20]:41025 in tests before SMTP handshake', { kind: 'screen', result: 'trouble' }],
    ['DNSBL rank 7 for [203.0.113.20]:41025', { kind: 'screen', result: 'trouble' }],
    ['NON-SMTP COMMAND from [203.0.113.20]:41025 after CONNECT: GET / HTTP/1.1', { kind: 'screen', result: 'trouble' }],
    ['BARE NEWLINE from [203.0.113.20]:41025 after EHLO', { kind: 'screen', result: 'trouble' }],
    ['COMMAND PIPELINING from [203.0.113.20]:41025 after EHLO: MAIL FROM', { kind: 'screen', result: 'trouble' }],
    [
      'NOQUEUE: reject: RCPT from [203.0.113.20]:41025: 550 5.7.1 Service unavailable; client [203.0.113.20] blocked using zen.spamhaus.org; from=<a@b.example>, to=<c@example.com>, proto=ESMTP, helo=<mx>',
      {
        kind: 'action',
        action: 'reject',
        code: 550,
        from: 'a@b.example',
        to: 'c@example.com',
        client: { address: '203.0.113.20', port: 41_025 },
      },
    ],
    ['NOQUEUE: reject: CONNECT from [203.0.113.20]:41025: too many connections', { kind: 'action', action: 'reject' }],
    ['warning: haproxy read: time limit exceeded', undefined],
    ['cache btree:/var/lib/postfix/postscreen_cache full cleanup: retained=2 dropped=0 entries', undefined],
  ]),
];
