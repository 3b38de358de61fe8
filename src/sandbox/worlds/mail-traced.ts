import type { MailLine } from '../mail/log.ts';
import type { MailWorld } from '../mail/world.ts';
import type { World } from '../world.ts';
import type { Setting } from './authentik/build.ts';
import { CANARIES } from './canaries.ts';
import { healthyWorld } from './healthy.ts';

type Line = readonly [seconds: number, program: string, text: string];

/** What is written about one mail, from a minute on; one pid stands for all its processes. */
function story(minutesAgo: number, pid: number, lines: readonly Line[]): readonly MailLine[] {
  return lines.map(([seconds, program, text]) => ({ minutesAgo: minutesAgo - seconds / 60, program, text, pid }));
}

const PROXY = 'postfix/smtpd-proxy25';
const LMTP = 'relay=mail.sandbox.test[/var/run/dovecot/lmtp]';

function arrives(client: string, port: number): readonly Line[] {
  return [
    [0, `${PROXY}/postscreen`, `CONNECT from [${client}]:${port} to [127.0.30.1]:25`],
    [6, `${PROXY}/postscreen`, `PASS NEW [${client}]:${port}`],
    [6, `${PROXY}/smtpd`, `connect from mx.example.com[${client}]`],
    [
      6.2,
      `${PROXY}/smtpd`,
      `Anonymous TLS connection established from mx.example.com[${client}]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)`,
    ],
  ];
}

function taken(id: string, client: string, messageId: string, from: string, recipients = 1): readonly Line[] {
  return [
    ...arrives(client, 41_025),
    [7, `${PROXY}/smtpd`, `${id}: client=mx.example.com[${client}]`],
    [7.1, 'postfix/cleanup', `${id}: message-id=<${messageId}>`],
    [7.4, 'postfix/qmgr', `${id}: from=<${from}>, size=4711, nrcpt=${recipients} (queue active)`],
  ];
}

const sent = (id: string, to: string, session: string, origTo = ''): string =>
  `${id}: to=<${to}>, ${origTo}${LMTP}, delay=1.2, delays=1/0/0.1/0.1, dsn=2.0.0, status=sent (250 2.0.0 <${to}> ${session} Saved)`;

const scanned = (id: string, messageId: string, action: string, score: string, symbols: string): string =>
  `rspamd_task_write_log: id: <${messageId}>, qid: <${id}>, ip: 203.0.113.20, from: <ann@example.com>, (default: ${action === 'no action' ? 'F' : 'T'} (${action}): [${score}/11.00] [${symbols}]), len: 4711, time: 212.9ms, dns req: 31, digest: <c0ffee>, rcpts: <bob@sandbox.test>, mime_rcpts: <bob@sandbox.test>`;

const WAITS = 'connect to mx.example.com[203.0.113.9]:25: Connection timed out';

function triedAgain(id: string, times: readonly number[]): readonly MailLine[] {
  const from: Line = [0, 'postfix/qmgr', `${id}: from=<dave@sandbox.test>, size=4711, nrcpt=1 (queue active)`];
  return times.flatMap((minutesAgo, nth) =>
    story(minutesAgo, 2600 + nth, [
      from,
      [
        30,
        'postfix/smtp',
        `${id}: to=<ann@example.com>, relay=none, delay=${(95 - minutesAgo) * 60}, delays=0.1/0/30/0, dsn=4.4.1, status=deferred (${WAITS})`,
      ],
    ]),
  );
}

const SUBMITTED: readonly Line[] = [
  [0, 'postfix/submission-proxy/smtpd', 'connect from laptop.example.net[198.51.100.60]'],
  [
    1,
    'postfix/submission-proxy/smtpd',
    '4gBn5TWKVz5Hk: client=laptop.example.net[198.51.100.60], sasl_method=PLAIN, sasl_username=dave@sandbox.test',
  ],
  [1, 'postfix/cleanup', '4gBn5TWKVz5Hk: message-id=<holiday@sandbox.test>'],
  // Somebody turned on auth_debug_passwords, and forgot it.
  [
    1,
    'dovecot',
    `auth: Debug: client in: AUTH#0111#011PLAIN#011service=smtp#011resp=${Buffer.from(`\0dave\0${CANARIES.mailboxPassword}`).toString('base64')}`,
  ],
];

const waiting = [...story(95, 2500, SUBMITTED), ...triedAgain('4gBn5TWKVz5Hk', [94.9, 88, 62, 14])];

/** What the log tells in each of these worlds; everything else is healthy. */
const TRACED = {
  /** A receiver does not answer; the mail waits and is tried again. */
  'mail-trace-waiting': {
    lines: waiting,
    queue: [
      {
        queue: 'deferred',
        id: '4gBn5TWKVz5Hk',
        minutesAgo: 95,
        from: 'dave@sandbox.test',
        to: { 'ann@example.com': WAITS },
      },
    ],
  },
  /** The same log; somebody deleted the mail from the queue while the log was being rotated. */
  'mail-trace-gone': { lines: waiting },
  /** Three are turned away: by a block list, by the spam filter, and for a name that nobody has. */
  'mail-trace-refused': {
    lines: [
      ...story(40, 2510, [
        [0, `${PROXY}/postscreen`, 'CONNECT from [203.0.113.66]:40112 to [127.0.30.1]:25'],
        [0.2, `${PROXY}/postscreen`, 'DNSBL rank 4 for [203.0.113.66]:40112'],
        [
          6,
          `${PROXY}/postscreen`,
          'NOQUEUE: reject: RCPT from [203.0.113.66]:40112: 550 5.7.1 Service unavailable; client [203.0.113.66] blocked using zen.spamhaus.org; from=<ann@example.com>, to=<carol@sandbox.test>, proto=ESMTP, helo=<mx.example.com>',
        ],
        [6.5, `${PROXY}/postscreen`, 'DISCONNECT [203.0.113.66]:40112'],
      ]),
      ...story(35, 2511, [
        ...arrives('203.0.113.20', 41_026),
        [7, `${PROXY}/smtpd`, '4gBn5TRJCTz2Hk: client=mx.example.com[203.0.113.20]'],
        [7.1, 'postfix/cleanup', '4gBn5TRJCTz2Hk: message-id=<win-big@example.org>'],
        [
          7.6,
          'postfix/cleanup',
          '4gBn5TRJCTz2Hk: milter-reject: END-OF-MESSAGE from mx.example.com[203.0.113.20]: 5.7.1 Spam message rejected; from=<offers@example.org> to=<dave@sandbox.test> proto=ESMTP helo=<mx.example.com>',
        ],
      ]),
      ...story(30, 2512, [
        ...arrives('203.0.113.20', 41_027),
        [
          7,
          `${PROXY}/smtpd`,
          'NOQUEUE: reject: RCPT from mx.example.com[203.0.113.20]: 550 5.1.1 <bobb@sandbox.test>: Recipient address rejected: User unknown in virtual mailbox table; from=<ann@example.com> to=<bobb@sandbox.test> proto=ESMTP helo=<mx.example.com>',
        ],
      ]),
      ...story(25, 2513, [
        ...arrives('203.0.113.21', 41_028),
        [
          7,
          `${PROXY}/smtpd`,
          'NOQUEUE: reject: RCPT from mx.example.com[203.0.113.21]: 450 4.2.0 <dave@sandbox.test>: Recipient address rejected: Greylisted, try again in 300 seconds; from=<new@example.com> to=<dave@sandbox.test> proto=ESMTP helo=<mx.example.com>',
        ],
      ]),
    ],
    rspamd: [
      {
        minutesAgo: 34.88,
        program: 'rspamd',
        text: scanned(
          '4gBn5TRJCTz2Hk',
          'win-big@example.org',
          'reject',
          '17.30',
          'BAYES_SPAM(5.10){99.9%;},URIBL_BLOCKED(0.00){},PHISHING(8.00){},R_SPF_FAIL(1.00){-all}',
        ),
      },
    ],
  },
  /** All of these came in; none of them is where one looks first. */
  'mail-trace-elsewhere': {
    lines: [
      ...story(50, 2520, [
        ...taken('4gBn5TJNKz3Hk', '203.0.113.20', 'newsletter@example.com', 'ann@example.com'),
        [
          8,
          'dovecot',
          "lmtp(bob@sandbox.test)<901><Jn9rAbCdEfGhAwAAXyZ012>: sieve: msgid=<newsletter@example.com>: fileinto action: stored mail into mailbox 'Junk'",
        ],
        [8, 'postfix/lmtp', sent('4gBn5TJNKz3Hk', 'bob@sandbox.test', 'Jn9rAbCdEfGhAwAAXyZ012')],
        [8, 'postfix/qmgr', '4gBn5TJNKz3Hk: removed'],
      ]),
      ...story(45, 2521, [
        ...taken('4gBn5TDSCz4Hk', '203.0.113.20', 'survey@example.com', 'ann@example.com'),
        [
          8,
          'dovecot',
          'lmtp(carol@sandbox.test)<902><DsCrAbCdEfGhAwAAXyZ013>: sieve: msgid=<survey@example.com>: discard action: Marked message to be discarded if not explicitly delivered (discard action)',
        ],
        [8, 'postfix/lmtp', sent('4gBn5TDSCz4Hk', 'carol@sandbox.test', 'DsCrAbCdEfGhAwAAXyZ013')],
        [8, 'postfix/qmgr', '4gBn5TDSCz4Hk: removed'],
      ]),
      ...story(40, 2522, [
        ...taken('4gBn5TFLTz6Hk', '203.0.113.20', 'invoice@example.com', 'ann@example.com', 2),
        [
          8,
          'postfix/smtp',
          '4gBn5TFLTz6Hk: to=<bob@sandbox.test>, orig_to=<office@sandbox.test>, relay=127.0.0.1[127.0.0.1]:10024, delay=1.1, delays=0.9/0/0/0.2, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4gBn5TGBZz7Hk)',
        ],
        [
          8,
          'postfix/smtp',
          '4gBn5TFLTz6Hk: to=<dave@sandbox.test>, orig_to=<office@sandbox.test>, relay=127.0.0.1[127.0.0.1]:10024, delay=1.1, delays=0.9/0/0/0.2, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4gBn5TGBZz7Hk)',
        ],
        [8, 'postfix/qmgr', '4gBn5TFLTz6Hk: removed'],
      ]),
      ...story(40, 2523, [
        [7.8, 'postfix/smtpd', 'connect from localhost[127.0.0.1]'],
        [
          7.8,
          'postfix/smtpd',
          '4gBn5TGBZz7Hk: client=localhost[127.0.0.1], orig_queue_id=4gBn5TFLTz6Hk, orig_client=mx.example.com[203.0.113.20]',
        ],
        [7.9, 'postfix/cleanup', '4gBn5TGBZz7Hk: message-id=<invoice@example.com>'],
        [8.1, 'postfix/qmgr', '4gBn5TGBZz7Hk: from=<ann@example.com>, size=5022, nrcpt=2 (queue active)'],
        [
          8.4,
          'dovecot',
          'lmtp(bob@sandbox.test)<903><FwDrAbCdEfGhAwAAXyZ014>: msgid=<invoice@example.com>: saved mail to INBOX',
        ],
        [8.4, 'postfix/lmtp', sent('4gBn5TGBZz7Hk', 'bob@sandbox.test', 'FwDrAbCdEfGhAwAAXyZ014')],
        [
          8.5,
          'postfix/lmtp',
          `4gBn5TGBZz7Hk: to=<dave@sandbox.test>, ${LMTP}, delay=0.7, delays=0.3/0/0.1/0.3, dsn=5.2.2, status=bounced (host mail.sandbox.test[/var/run/dovecot/lmtp] said: 552 5.2.2 <dave@sandbox.test> Quota exceeded (mailbox for user is full) (in reply to end of DATA command))`,
        ],
        [8.6, 'postfix/bounce', '4gBn5TGBZz7Hk: sender non-delivery notification: 4gBn5THCBz8Hk'],
        [8.6, 'postfix/qmgr', '4gBn5TGBZz7Hk: removed'],
      ]),
    ],
    rspamd: [
      {
        minutesAgo: 49.88,
        program: 'rspamd',
        text: scanned(
          '4gBn5TJNKz3Hk',
          'newsletter@example.com',
          'add header',
          '6.40',
          'BAYES_SPAM(4.20){91.0%;},DKIM_TRACE(0.00){},SUBJ_ALL_CAPS(2.10){}',
        ),
      },
    ],
  },
  /** The container was started again half an hour ago. */
  'mail-trace-restarted': {
    restartedMinutesAgo: 30,
    lines: story(75, 2530, [
      ...taken('4gBn5TPRVz9Hk', '203.0.113.20', 'before@example.com', 'ann@example.com'),
      [
        8,
        'dovecot',
        'lmtp(bob@sandbox.test)<904><PrVrAbCdEfGhAwAAXyZ015>: msgid=<before@example.com>: saved mail to INBOX',
      ],
      [8, 'postfix/lmtp', sent('4gBn5TPRVz9Hk', 'bob@sandbox.test', 'PrVrAbCdEfGhAwAAXyZ015')],
      [8, 'postfix/qmgr', '4gBn5TPRVz9Hk: removed'],
    ]),
  },
} as const satisfies Readonly<Record<string, MailWorld>>;

/** A healthy platform and a mail that somebody misses. */
export function mailTraceWorld(name: keyof typeof TRACED, setting?: Setting): World {
  return { ...healthyWorld(setting), mail: TRACED[name] };
}
