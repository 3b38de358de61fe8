/** What happens to a mail server in a week, played in a minute on the real programs; each scene leaves its lines in their logs. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { proxyHeader } from '../../../../src/lib/mail/proxy-protocol.ts';
import { until } from '../until.ts';
import { message, plain, talk } from './client.ts';
import { ACCOUNTS } from './dovecot.ts';
import type { End } from './forwarder.ts';
import { BEHIND_ANOTHER, NOWHERE } from './haproxy.ts';
import type { MailServers } from './servers.ts';

/** What is played, and what its log must hold for it to count as having happened. */
export interface Scene {
  name: string;
  play(mail: MailServers): Promise<unknown>;
  postfix?: readonly RegExp[];
  dovecot?: readonly RegExp[];
  haproxy?: readonly RegExp[];
}

const ALICE = 'alice@example.test';
const HELLO = 'EHLO sender.example.org';
const IMAP = /^(?:\* (?:OK|BYE)|\S+ (?:OK|NO|BAD))[^\r\n]*\r\n/m;

const claim = (source: string, destination: string): Uint8Array =>
  proxyHeader({ source: { address: source, port: 41_000 }, destination: { address: destination, port: 25 } });
const V4 = claim('198.51.100.7', '203.0.113.76');
const V6 = claim('2001:db8:7::25', '2001:db8:76::2');
/** What a health check sends: version 2, LOCAL, no addresses. */
const LOCAL = Uint8Array.from([...V4.slice(0, 12), 0x20, 0x00, 0x00, 0x00]);

const stock = (mail: MailServers, protocol: 'smtp' | 'smtps' | 'submission' | 'imaps'): End =>
  mail.inPod(mail.addresses.ports[protocol].port);
const proxied = (mail: MailServers, protocol: 'smtp' | 'smtps' | 'submission' | 'imaps'): End =>
  mail.inPod(mail.addresses.ports[protocol].proxy);
const behind = (mail: MailServers, port: number): End => ({ address: mail.addresses.balancer, port });

/** Signs in as a mailbox and hands over one message. */
const submit = (mail: MailServers, to: string, id: string): Promise<string> =>
  talk({
    to: stock(mail, 'submission'),
    from: mail.addresses.sender,
    say: [
      HELLO,
      'STARTTLS',
      HELLO,
      `AUTH PLAIN ${plain(ALICE, ACCOUNTS[ALICE] ?? '')}`,
      ...message(ALICE, to, id),
      'QUIT',
    ],
  });

const imap = (to: End, say: readonly string[], first?: Uint8Array): Promise<string> =>
  talk({ to, tls: 'implicit', complete: IMAP, say, ...(first === undefined ? {} : { first }) });

/** Waits until the log has it: what Postfix does later belongs to the scene. */
async function logged(mail: MailServers, wanted: RegExp): Promise<void> {
  await until(`Postfix to log ${wanted}`, async () => (wanted.test(await mail.postfix.log()) ? true : undefined), 60);
}

/** The health check of one node fails, then succeeds again. */
async function loseAndFind({ balancer, addresses, nodePorts }: MailServers, node: string): Promise<void> {
  const { healthPort, port } = addresses.ports.smtp;
  const said = (how: string) =>
    until(`HAProxy to find ${node} ${how}`, async () =>
      new RegExp(`Server mailserver_nodes_smtp/${node} is ${how}`).test(await balancer.log()) ? true : undefined,
    );
  const health = nodePorts.get(`smtp healthPort ${node}`);
  if (health === undefined) throw new Error(`${node} has no health port ${healthPort}`);
  await health.lead(undefined);
  await said('DOWN');
  await health.lead({ address: addresses.pod, port });
  await said('UP');
}

export const SCENES: readonly Scene[] = [
  {
    name: 'mail comes in, plain, over TLS, through the balancer, over IPv6',
    play: async (mail) => {
      const [to, from] = [stock(mail, 'smtp'), mail.addresses.sender];
      const one = (id: string) => message('bob@sender.example.org', ALICE, `${id}@sender.example.org`);
      const balanced = behind(mail, mail.addresses.ports.smtp.port);
      await Promise.all([
        talk({ to, from, say: [HELLO, ...one('plain-1'), ...one('plain-2'), 'QUIT'] }),
        talk({ to, from, say: [HELLO, 'STARTTLS', HELLO, ...one('tls-1'), 'QUIT'] }),
        talk({ to: balanced, from, say: [HELLO, 'STARTTLS', HELLO, ...one('balanced-1'), 'QUIT'] }),
        talk({ to: proxied(mail, 'smtp'), first: V4, say: [HELLO, ...one('v4-1'), 'QUIT'] }),
        talk({ to: proxied(mail, 'smtp'), first: V6, say: [HELLO, ...one('v6-1'), 'QUIT'] }),
      ]);
      await talk({ to: behind(mail, BEHIND_ANOTHER), first: V6, say: [HELLO, ...one('twice-1'), 'QUIT'] });
      await logged(mail, /twice-1.*status=sent.*removed/s);
    },
    postfix: [
      /postscreen\[\d+\]: CONNECT from \[2001:db8:7::25\]:41000/,
      /PASS NEW/,
      /status=sent \(250 2\.0\.0 <alice@example\.test> \S+ Saved\)/,
    ],
    dovecot: [/lmtp\(alice@example\.test\)<\S+>: Info: msgid=<v6-1@sender\.example\.org>: saved mail to INBOX/],
    haproxy: [/mail_smtp mailserver_nodes_smtp\/k8s-node\d \d+\/\d+\/\d+ \d+ -- /],
  },
  {
    name: 'a bounce, an empty sender, and one message for several',
    play: async (mail) => {
      const to = proxied(mail, 'smtp');
      await talk({ to, first: V4, say: [HELLO, ...message('', ALICE, 'dsn-1@sender.example.org'), 'QUIT'] });
      const [mailFrom = '', rcpt = '', ...data] = message(
        'bob@sender.example.org',
        ALICE,
        'several-1@sender.example.org',
      );
      await talk({ to, first: V4, say: [HELLO, mailFrom, rcpt, 'RCPT TO:<spam@example.test>', ...data, 'QUIT'] });
      await logged(mail, /several-1/);
    },
    postfix: [/qmgr\[\d+\]: \w+: from=<>,/, /nrcpt=2 \(queue active\)/],
  },
  {
    name: 'visitors through the balancer, some of whom only look in',
    play: async (mail) => {
      const at = (protocol: 'smtp' | 'smtps' | 'submission' | 'imaps'): End =>
        behind(mail, mail.addresses.ports[protocol].port);
      const from = mail.addresses.sender;
      await Promise.all(
        Array.from({ length: 6 }).flatMap(() => [
          talk({ to: at('smtp'), from, say: [HELLO, 'QUIT'] }),
          talk({ to: at('smtp'), from, say: [], complete: /^220-/m }),
          talk({ to: at('submission'), from, say: [HELLO, 'STARTTLS', HELLO, 'QUIT'] }),
          talk({ to: at('submission'), from, say: [HELLO] }),
          talk({ to: at('smtps'), from, tls: 'implicit', say: [HELLO, 'QUIT'] }),
          talk({ to: at('smtps'), from, say: [], complete: /(?:)/ }),
          talk({ to: at('imaps'), from, tls: 'implicit', complete: IMAP, say: ['a LOGOUT'] }),
          talk({
            to: at('imaps'),
            from,
            tls: 'implicit',
            complete: IMAP,
            say: [`a LOGIN ${ALICE} ${ACCOUNTS[ALICE]}`],
          }),
          talk({ to: at('imaps'), from, say: [], complete: /(?:)/ }),
        ]),
      );
    },
    dovecot: [/imap-login: Info: Aborted login by logging out|Aborted login/],
    haproxy: [/mail_submission mailserver_nodes_submission\/\S+ \d+\/\d+\/\d+ \d+ (?:--|CD) /],
  },
  {
    name: 'recipients that are not here, and somebody who wants to relay',
    play: (mail) =>
      Promise.all(
        ['nobody@example.test', 'someone@elsewhere.example.org', 'no-at-sign'].map((rcpt) =>
          talk({
            to: proxied(mail, 'smtp'),
            first: V4,
            say: [HELLO, 'MAIL FROM:<bob@sender.example.org>', `RCPT TO:<${rcpt}>`, 'QUIT'],
          }),
        ),
      ),
    postfix: [
      /NOQUEUE: reject: RCPT from unknown\[198\.51\.100\.7\]: 550 5\.1\.1/,
      /554 5\.7\.1 <someone@elsewhere\.example\.org>: Relay access denied/,
    ],
  },
  {
    name: 'who talks too early, in the wrong language, or hangs up',
    play: async (mail) => {
      Promise.all([
        talk({ to: proxied(mail, 'smtp'), first: Buffer.concat([V4, Buffer.from(`${HELLO}\r\n`)]), say: ['QUIT'] }),
        talk({
          to: proxied(mail, 'smtp'),
          first: Buffer.concat([V4, Buffer.from('GET / HTTP/1.1\r\n')]),
          say: ['QUIT'],
        }),
        talk({ to: stock(mail, 'smtp'), first: V4, say: ['QUIT'] }),
        talk({ to: proxied(mail, 'smtp'), first: V6, say: [], complete: /^220-/m }),
        talk({ to: stock(mail, 'smtp'), say: [HELLO, 'MAIL FROM:<a@sender.example.org>'] }),
        talk({ to: stock(mail, 'submission'), say: [HELLO, 'MAIL FROM:<a@sender.example.org>', 'QUIT'] }),
        talk({ to: stock(mail, 'submission'), say: ['GET / HTTP/1.1', 'QUIT'] }),
        talk({ to: stock(mail, 'submission'), say: [`${HELLO}\r\nMAIL FROM:<a@sender.example.org>\r\n`, 'QUIT'] }),
      ]);
      await logged(mail, /lost connection after MAIL/);
    },
    postfix: [
      /PREGREET \d+ after \S+ from \[198\.51\.100\.7\]/,
      /HANGUP after/,
      /lost connection after MAIL/,
      /non-SMTP command/,
    ],
  },
  {
    name: 'connections to the PROXY listeners without a proper header',
    play: (mail) =>
      Promise.all(
        (['smtp', 'smtps', 'submission', 'imaps'] as const).flatMap((protocol) => {
          const to = proxied(mail, protocol);
          return [
            talk({ to, say: [] }),
            talk({ to, first: 'EHLO sender.example.org\r\n', say: [] }),
            talk({ to, first: 'PROXY UNKNOWN\r\n', say: [], complete: protocol === 'imaps' ? /(?:)/ : /^\d/m }),
            talk({ to, first: V4.slice(0, 20), say: [], complete: /(?:)/ }),
            talk({ to, say: [], complete: /(?:)/ }),
          ];
        }),
      ),
    postfix: [/haproxy read: time(?:d out|out| limit exceeded)/, /haproxy read: (?:unexpected )?EOF/],
  },
  {
    name: 'a health check with the command LOCAL',
    play: (mail) =>
      Promise.all([
        talk({ to: proxied(mail, 'smtp'), first: LOCAL, say: [HELLO, 'QUIT'] }),
        talk({ to: proxied(mail, 'submission'), first: LOCAL, say: [HELLO, 'QUIT'] }),
        talk({ to: proxied(mail, 'smtps'), first: LOCAL, tls: 'implicit', say: [HELLO, 'QUIT'] }),
        imap(proxied(mail, 'imaps'), ['a LOGOUT'], LOCAL),
      ]),
  },
  {
    name: 'TLS that does not come about',
    play: (mail) =>
      Promise.all([
        talk({ to: stock(mail, 'smtps'), first: `${HELLO}\r\n`, say: [] }),
        talk({ to: proxied(mail, 'smtps'), first: Buffer.concat([V4, Buffer.from(`${HELLO}\r\n`)]), say: [] }),
        talk({ to: stock(mail, 'smtps'), first: V4, say: [] }),
        talk({ to: stock(mail, 'imaps'), first: 'a1 LOGIN alice alice\r\n', say: [], complete: IMAP }),
        talk({ to: stock(mail, 'imaps'), first: V4, say: [], complete: IMAP }),
        talk({ to: stock(mail, 'imaps'), say: [], complete: /(?:)/ }),
      ]),
    postfix: [/SSL_accept error from unknown/, /warning: TLS library problem: error:\w+:SSL routines:/],
    dovecot: [/TLS handshaking: SSL_accept\(\) failed: error:\w+:SSL routines:/],
  },
  {
    name: 'sign-ins, right and wrong',
    play: async (mail) => {
      const wrong = [plain(ALICE, 'wrong'), plain('nobody@example.test', 'wrong'), 'bm90LWJhc2U2NA=='];
      await Promise.all([
        ...wrong.map((each) =>
          talk({
            to: stock(mail, 'submission'),
            from: mail.addresses.sender,
            say: [HELLO, 'STARTTLS', HELLO, `AUTH PLAIN ${each}`, 'QUIT'],
          }),
        ),
        ...wrong.map((each) =>
          talk({ to: proxied(mail, 'smtps'), first: V4, tls: 'implicit', say: [HELLO, `AUTH PLAIN ${each}`, 'QUIT'] }),
        ),
        imap(proxied(mail, 'imaps'), [`a LOGIN ${ALICE} wrong`, 'b LOGOUT'], V4),
        imap(
          proxied(mail, 'imaps'),
          ['a LOGIN nobody@example.test wrong', 'b LOGIN nobody@example.test wrong', 'c LOGOUT'],
          V6,
        ),
        imap(stock(mail, 'imaps'), [`a LOGIN ${ALICE} ${ACCOUNTS[ALICE]}`, 'b SELECT INBOX', 'c LOGOUT']),
        imap(
          proxied(mail, 'imaps'),
          [
            `a LOGIN ${ALICE} ${ACCOUNTS[ALICE]}`,
            'b SELECT INBOX',
            'c STORE 1 +FLAGS \\Deleted',
            'd EXPUNGE',
            'e LOGOUT',
          ],
          V4,
        ),
        imap(behind(mail, mail.addresses.ports.imaps.port), [
          `a LOGIN spam@example.test ${ACCOUNTS['spam@example.test']}`,
          'b LOGOUT',
        ]),
        imap(behind(mail, mail.addresses.ports.imaps.port), []),
        imap(stock(mail, 'imaps'), ['a NOTHING', 'b NOTHING', 'c NOTHING', 'd LOGOUT']),
      ]);
    },
    postfix: [/warning: unknown\[\S+\]: SASL PLAIN authentication failed:/],
    dovecot: [
      /imap-login: Info: Login: user=<alice@example\.test>, method=PLAIN, rip=198\.51\.100\.7,/,
      /auth failed, \d+ attempts/,
    ],
  },
  {
    name: 'mail for others: taken, put off, refused, and no credentials for the relay',
    play: async (mail) => {
      const { relay, postfix } = mail;
      await submit(mail, 'carol@elsewhere.example.org', 'out-1@example.test');
      await logged(mail, /to=<carol@\S+ relay=\S+ .*status=sent/);
      await relay.be(550);
      await submit(mail, 'gone@elsewhere.example.org', 'out-2@example.test');
      await logged(mail, /dsn=5\.1\.1, status=bounced/);
      await relay.be(451);
      await submit(mail, 'carol@elsewhere.example.org', 'out-3@example.test');
      await logged(mail, /status=deferred \(host \S+ said: 451/);
      await relay.be('no-credentials');
      await submit(mail, 'carol@elsewhere.example.org', 'out-4@example.test');
      await logged(mail, /SASL authentication failed/);
      await relay.be('absent');
      await submit(mail, 'dave@elsewhere.example.org', 'out-5@example.test');
      await logged(mail, /Connection refused/);
      await postfix.command('postsuper', '-h', 'ALL');
      await postfix.command('postsuper', '-r', 'ALL');
      await postfix.command('postqueue', '-f');
      await logged(mail, /Requeued: \d/);
    },
    postfix: [
      /status=bounced/,
      /sender non-delivery notification: \w+/,
      /status=deferred \(SASL authentication failed; server \S+ said: 535/,
      /status=deferred \(connect to \S+: Connection refused\)/,
    ],
  },
];

/** The same with servers that are set up wrongly; each ends with everything as it should be. */
export const BROKEN: readonly Scene[] = [
  {
    name: 'Dovecot is down while mail comes in',
    play: async (mail) => {
      await mail.dovecot.stop();
      await mail.settle();
      await talk({
        to: proxied(mail, 'smtp'),
        first: V4,
        say: [HELLO, ...message('bob@sender.example.org', ALICE, 'down-1@sender.example.org'), 'QUIT'],
      });
      await logged(mail, /status=deferred \(connect to \S+: (?:No such file|Connection refused)/);
      await submit(mail, 'carol@elsewhere.example.org', 'down-2@example.test');
      await until('HAProxy to notice', async () =>
        /mailserver_nodes_imaps has no server/.test(await mail.balancer.log()) ? true : undefined,
      );
      await mail.dovecot.restart({ trusted: '192.0.2.0/24' });
      await mail.settle();
      await imap(proxied(mail, 'imaps'), [], V4);
      await mail.dovecot.restart({ proxy: 'ignored' });
      await imap(proxied(mail, 'imaps'), [], V4);
      await mail.dovecot.restart();
      await talk({
        to: proxied(mail, 'smtp'),
        first: V4,
        say: [HELLO, ...message('bob@sender.example.org', 'full@example.test', 'full-1@sender.example.org'), 'QUIT'],
      });
      await logged(mail, /to=<full@example\.test>,.*status=/);
    },
    postfix: [
      /status=deferred \(connect to \S+: Connection refused\)/,
      /warning: SASL: Connect to Dovecot auth socket '\S+' failed: Connection refused/,
    ],
    dovecot: [/haproxy: Client not trusted \(rip=/],
    haproxy: [
      /Server mailserver_nodes_imaps\/k8s-node1 is DOWN, reason: /,
      /backend mailserver_nodes_imaps has no server available!/,
    ],
  },
  {
    name: 'the map of rewritten senders does not answer, and too many come at once',
    play: async (mail) => {
      const from = mail.addresses.sender;
      const main = { sender_canonical_maps: 'tcp:127.0.0.1:9', sender_canonical_classes: 'envelope_sender' };
      await mail.postfix.restart({ main });
      await talk({
        to: stock(mail, 'smtp'),
        from,
        say: [HELLO, ...message('bob@sender.example.org', ALICE, 'srs-1@sender.example.org'), 'QUIT'],
      });
      const limits = { smtpd_client_connection_rate_limit: '2', postscreen_pre_queue_limit: '100' };
      await mail.postfix.restart({ main: limits });
      for (let count = 0; count < 4; count += 1)
        await talk({ to: proxied(mail, 'submission'), first: V4, say: [HELLO, 'QUIT'] });
      await mail.postfix.restart({ main: { smtpd_recipient_restrictions: 'check_policy_service inet:127.0.0.1:9' } });
      await talk({
        to: stock(mail, 'smtp'),
        from,
        say: [HELLO, ...message('bob@sender.example.org', ALICE, 'policy-1@sender.example.org'), 'QUIT'],
      });
      await mail.postfix.restart({ main: { virtual_mailbox_maps: 'nothing:here' } });
      await talk({
        to: stock(mail, 'smtp'),
        from,
        say: [HELLO, ...message('bob@sender.example.org', ALICE, 'fatal-1@sender.example.org'), 'QUIT'],
      });
      await mail.postfix.restart();
    },
    postfix: [
      /connect to TCP map 127\.0\.0\.1:9: Connection refused/,
      /map lookup problem/,
      /Connection rate limit exceeded: \d+ from unknown\[198\.51\.100\.7\] for service/,
      /unsupported dictionary type: nothing/,
    ],
  },
  {
    name: 'the balancer loses its servers, or its header',
    play: async (mail) => {
      const { balancer, addresses } = mail;
      const from = addresses.sender;
      const to = behind(mail, addresses.ports.smtp.port);
      await Promise.all(
        (['smtp', 'smtps', 'submission', 'imaps'] as const).map((protocol) =>
          talk({ to: behind(mail, addresses.ports[protocol].port), from, say: [], complete: /(?:)/ }),
        ),
      );
      await talk({ to: behind(mail, NOWHERE), from, say: [] });
      await talk({ to: behind(mail, BEHIND_ANOTHER), from, first: 'EHLO sender.example.org\r\n', say: [] });
      await Promise.all(addresses.nodes.map((node) => loseAndFind(mail, node.name)));
      for (const { name } of addresses.nodes) await balancer.tell(`disable server mailserver_nodes_smtps/${name}`);
      await talk({ to: behind(mail, addresses.ports.smtps.port), from, say: [] });
      await balancer.restart({ withoutHeader: ['smtp', 'imaps'] });
      await talk({ to, from, say: [HELLO, 'QUIT'] });
      await imap(behind(mail, addresses.ports.imaps.port), []);
      const { healthPort } = addresses.ports.smtp;
      await balancer.restart({ withoutHeader: ['smtp'], sendTo: { smtp: healthPort }, logsChecks: true });
      await talk({
        to,
        from,
        say: [HELLO, ...message('bob@sender.example.org', ALICE, 'lost-1@sender.example.org'), 'QUIT'],
      });
      await balancer.stop();
      const taken = createServer().listen(NOWHERE, addresses.balancer);
      await once(taken, 'listening');
      await balancer.restart().catch(() => undefined);
      await new Promise((done) => taken.close(done));
      await balancer.restart();
    },
    haproxy: [
      /\[ALERT\]\s+\(\d+\) : Binding \[\S+\] for frontend mail_nowhere: cannot bind socket \(Address already in use\)/,
      /is DOWN, reason: Layer4 connection problem/,
      /is UP, reason: Layer4 check passed/,
      /mailserver_nodes_nowhere\/\S+ .* SC /,
    ],
  },
];
