import { stamped, type Written } from './written.ts';

const SESSION = '37ylC99cAWuqXgAAg+zDdQ';
const users = ['bob@example.com', 'carol', 'dave+lists@example.com', 'x.y@sub.example.org'];

/** Dovecot 2.3 by syslog and by its own log_path, and its sieve (Pigeonhole): src/lmtp, sieve-result.c, edit-mail. */
export const DOVECOT_LINES: readonly Written[] = [
  ...users.flatMap((user) =>
    stamped('dovecot', [
      [
        `lmtp(${user})<24234><${SESSION}>: msgid=<a-1@example.org>: saved mail to INBOX`,
        { kind: 'mailbox', user, session: SESSION, messageId: 'a-1@example.org', action: 'saved', mailbox: 'INBOX' },
      ],
      [
        `lmtp(${user})<24234><${SESSION}:R2>: msgid=<a-1@example.org>: saved mail to INBOX`,
        { kind: 'mailbox', user, session: SESSION },
      ],
      [
        `lmtp(${user})<24234><${SESSION}>: sieve: msgid=<a-1@example.org>: stored mail into mailbox 'Junk'`,
        { kind: 'mailbox', action: 'saved', mailbox: 'Junk' },
      ],
      [
        `lmtp(${user})<24234><${SESSION}>: sieve: msgid=<a-1@example.org>: fileinto action: stored mail into mailbox 'Lists/Postfix users'`,
        { kind: 'mailbox', action: 'saved', mailbox: 'Lists/Postfix users' },
      ],
      [
        `lmtp(${user})<24234><${SESSION}>: sieve: msgid=<a-1@example.org>: forwarded to <else@example.net>`,
        { kind: 'mailbox', action: 'forwarded', mailbox: 'else@example.net' },
      ],
      [
        `lmtp(${user})<24234><${SESSION}>: sieve: msgid=<a-1@example.org>: redirect action: forwarded to <else@example.net>`,
        { kind: 'mailbox', action: 'forwarded' },
      ],
      [
        `lmtp(${user})<24234><${SESSION}>: sieve: msgid=<a-1@example.org>: discard action: Marked message to be discarded if not explicitly delivered (discard action)`,
        { kind: 'mailbox', action: 'discarded' },
      ],
      [
        `lmtp(${user})<24234><${SESSION}>: sieve: msgid=<a-1@example.org>: sent vacation response to <ann@example.org>`,
        { kind: 'mailbox', action: 'answered' },
      ],
      [
        `lmtp(${user})<24234><${SESSION}>: sieve: msgid=<a-1@example.org>: rejected message from <ann@example.org> (reject)`,
        { kind: 'mailbox', action: 'rejected' },
      ],
      [
        `lmtp(${user})<24234><${SESSION}>: Error: sieve: msgid=<a-1@example.org>: redirect action: failed to redirect message to <forward@example.net>: smtp(127.0.0.1:587): RCPT TO failed: 451`,
        { kind: 'mailbox', action: 'failed' },
      ],
      [
        `lmtp(${user})<24234><${SESSION}>: Error: smtp-client: conn 127.0.0.1:587 [1]: connect(127.0.0.1:587) failed: Connection refused`,
        { kind: 'mailbox', action: 'failed' },
      ],
      [
        `lmtp(${user})<24234><${SESSION}>: msgid=<a-1@example.org>: save failed to open mailbox INBOX: Quota exceeded (mailbox for user is full)`,
        { kind: 'mailbox', action: 'failed' },
      ],
    ]),
  ),
  ...stamped('dovecot', [
    ['lmtp(24234): Connect from local', undefined],
    ['lmtp(24234): Disconnect from local: Logged out (state=READY)', undefined],
    [
      'imap-login: Login: user=<bob@example.com>, method=PLAIN, rip=198.51.100.60, lip=10.0.0.4, mpid=9, TLS, session=<x>',
      undefined,
    ],
    ['imap-login: Disconnected (no auth attempts in 0 secs): user=<>, rip=192.0.2.7, lip=10.0.0.4', undefined],
    ['imap(bob@example.com)<9><x>: Logged out in=100 out=200', undefined],
    ['auth: passwd-file(bob@example.com,198.51.100.60): Password mismatch', undefined],
    ['pop3-login: Warning: haproxy: Client not trusted (rip=::1)', undefined],
  ]),
  ...users.flatMap((user) =>
    ['Info', 'Info', 'Info'].map((level, at) => ({
      line: `Nov ${at + 18} 10:15:42 lmtp(${user})<24234><${SESSION}>: ${level}: msgid=<own-${at}@example.org>: saved mail to INBOX`,
      fact: { kind: 'mailbox' as const, user, messageId: `own-${at}@example.org` },
    })),
  ),
];

const scan = (action: string, flag: string, score: string, more = ''): string =>
  `rspamd_task_write_log: id: <m-1@example.org>, qid: <4gBn5T3PVKz8Hk>, ip: 203.0.113.20, from: <ann@example.org>, (default: ${flag} (${action}): [${score}/11.00] [BAYES_SPAM(5.10){99.99%;},R_SPF_ALLOW(-0.20){+ip4:203.0.113.20;},MIME_GOOD(-0.10){text/plain;},ARC_NA(0.00){}]), len: 4711, time: 212.901ms, dns req: 31, digest: <c0ffeec0ffee>, rcpts: <bob@example.com>, mime_rcpts: <bob@example.com>${more}`;

const VERDICTS: readonly (readonly [action: string, flag: string, score: string])[] = [
  ['no action', 'F', '-0.30'],
  ['greylist', 'F', '4.20'],
  ['add header', 'T', '6.40'],
  ['rewrite subject', 'T', '8.00'],
  ['soft reject', 'F', '3.00'],
  ['reject', 'T', '17.30'],
];

/** rspamd's log_format of a task, from its file (console format) and by syslog: docs of rspamd, configuration/logging. */
export const RSPAMD_LINES: readonly Written[] = [
  ...VERDICTS.flatMap(([action, flag, score]) => {
    const fact = {
      kind: 'scan' as const,
      action,
      score: Number(score),
      limit: 11,
      queueId: '4gBn5T3PVKz8Hk',
      messageId: 'm-1@example.org',
      address: '203.0.113.20',
      symbols: ['BAYES_SPAM 5.1', 'R_SPF_ALLOW -0.2', 'MIME_GOOD -0.1'],
    };
    const own = ['rspamd_proxy', 'normal', 'controller'].flatMap((worker) =>
      ['', ', settings_id: outbound', ', user: dave@example.com'].map((more) => ({
        line: `2026-11-20 10:15:42 #310(${worker}) <6b07a1>; ${worker === 'rspamd_proxy' ? 'proxy' : 'task'}; ${scan(action, flag, score, more)}`,
        fact,
      })),
    );
    return [
      ...own,
      ...own.map(({ line }) => ({
        line: `2026-11-20T10:15:43.100000001Z ${line}`,
        fact,
      })),
      ...stamped('rspamd[310]', [[`<6b07a1>; task; ${scan(action, flag, score)}`, fact]]),
      ...stamped('rspamd[310]', [[`(rspamd_proxy) <6b07a1>; proxy; ${scan(action, flag, score)}`, fact]]),
    ];
  }),
  ...['soft reject', 'reject'].flatMap((forced) =>
    stamped('rspamd[310]', [
      [
        `<6b07a1>; task; rspamd_task_write_log: id: <m-2@example.org>, qid: <4gBn5T3PVKz8Hk>, ip: 203.0.113.20, from: <ann@example.org>, (default: S (${forced}): [0.00/11.00] []), len: 100, time: 1.0ms, dns req: 0, digest: <c0>, rcpts: <a@b>, mime_rcpts: <a@b>, forced: ${forced} "Try again later"; score=nan (set by greylisting)`,
        { kind: 'scan', action: forced, messageId: 'm-2@example.org', symbols: [] },
      ],
    ]),
  ),
  ...['undef', 'undefined'].flatMap((word) =>
    stamped('rspamd[310]', [
      [
        `<6b07a1>; task; rspamd_task_write_log: id: <${word}>, qid: <${word}>, ip: 203.0.113.20, (default: F (no action): [1.00/11.00] [ONE_SYMBOL(1.00){}]), len: 100, time: 1.0ms`,
        { kind: 'scan', symbols: ['ONE_SYMBOL 1'] },
      ],
    ]),
  ),
  ...[
    'rspamd_proxy; proxy_accept_socket: accepted milter connection from 127.0.0.1 port 44944',
    'task; spf_symbol_callback: SPF failed, quitting',
    'cfg; rspamd_init_lua_filters: init lua module greylist from /usr/share/rspamd/plugins/greylist.lua; digest: 1234',
    'upstreams; rspamd_resolve_addrs: address resolution for redis failed: Name or service not known',
    'rspamd_redis_stat_keys: cannot get keys to gather stat: No route to host',
    'lua; lua_redis.lua:1074: cannot upload script to 172.22.1.249: timeout while connecting the server',
    'main; main: rspamd 3.10.2 is loading configuration, build id: release',
    'task; rspamd_task_timeout: processing of task time out: 8.0s spent',
    'proxy; rspamd_milter_process_command: got connection from 203.0.113.20:41025',
    'monitored; rspamd_monitored_propagate_error: invalid return on resolving zen.spamhaus.org',
  ].flatMap((text) => [
    { line: `2026-11-20 10:15:42 #310(rspamd_proxy) <6b07a1>; ${text}`, fact: undefined },
    { line: `2026-11-20 10:15:42 #7(main) <main>; ${text}`, fact: undefined },
    ...stamped('rspamd[310]', [[text, undefined]]),
  ]),
];

const POOLS = ['smtp', 'smtps', 'submission', 'imaps'];

/** HAProxy 2.x with `option tcplog` (configuration manual, 8.2.2) and its words about servers, by syslog and raw. */
export const HAPROXY_LINES: readonly Written[] = [
  ...POOLS.flatMap((pool, at) =>
    ['203.0.113.20', '2001:db8::20'].flatMap((address) => {
      const client = { address, port: 41_000 + at };
      const text = `${address}:${41_000 + at} [20/Nov/2026:10:15:42.1${at}0] mail_${pool} mailserver_nodes_${pool}/k8s-node${at + 1} 1/0/1063 1733 -- 1/1/0/0/0 0/0`;
      const fact = {
        kind: 'balanced' as const,
        client,
        frontend: `mail_${pool}`,
        server: `k8s-node${at + 1}`,
        termination: '--',
      };
      const broken = text
        .replace(' -- ', ' SC ')
        .replace(/k8s-node\d/, '<NOSRV>')
        .replace('1/0/1063', '1/-1/1063')
        .replace(' 1733 ', ' 0 ');
      return [
        { line: text, fact },
        { line: `2026-11-20T10:15:43.1Z ${text}`, fact },
        ...stamped('haproxy[24152]', [
          [text, fact],
          [text.replace(`mail_${pool} `, `mail_${pool}~ `), fact],
          [broken, { kind: 'balanced', server: '<NOSRV>', termination: 'SC' }],
        ]),
      ];
    }),
  ),
  ...POOLS.flatMap((pool) =>
    [
      `Server mailserver_nodes_${pool}/node1 is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.`,
      `Server mailserver_nodes_${pool}/node1 is UP, reason: Layer4 check passed, check duration: 0ms. 2 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.`,
      `Health check for server mailserver_nodes_${pool}/node1 failed, reason: Layer4 timeout, check duration: 2001ms, status: 1/3 UP.`,
      `Health check for server mailserver_nodes_${pool}/node1 succeeded, reason: Layer4 check passed, check duration: 0ms, status: 3/3 UP.`,
      `[WARNING]  (24152) : Server mailserver_nodes_${pool}/node1 is going DOWN for maintenance. 0 active and 0 backup servers left.`,
      `[ALERT]    (24152) : backend 'mailserver_nodes_${pool}' has no server available!`,
    ].flatMap((text) => [{ line: text, fact: undefined }, ...stamped('haproxy[24152]', [[text, undefined]])]),
  ),
];
