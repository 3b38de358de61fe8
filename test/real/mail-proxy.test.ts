/**
 * The PROXY header that infra sends, taken by Postfix (postscreen and smtpd), Dovecot and HAProxy, over IPv4 and IPv6:
 * they talk on, and what they log as the client is the address that the header claims.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeClock } from '../../src/lib/clients/clock/live.ts';
import { makeSockets } from '../../src/lib/clients/sockets/live.ts';
import { type ProbeRequest, probe } from '../../src/lib/mail/probe/probe.ts';
import { CLAIMED } from '../../src/lib/mail/proxy-protocol.ts';
import { message, talk } from './harness/mail/client.ts';
import { type End, type Forwarder, startForwarder } from './harness/mail/forwarder.ts';
import { BEHIND_ANOTHER } from './harness/mail/haproxy.ts';
import { HOSTNAME, type MailServers, startMailServers } from './harness/mail/servers.ts';
import { mailSkipReason } from './harness/mail/tools.ts';
import { freePorts } from './harness/ports.ts';
import { until } from './harness/until.ts';

const reason = mailSkipReason('mail-proxy.test.ts', 'servers');

/** A listener that requires the header, how it is spoken to, and how its log names a client. */
interface Listener {
  name: string;
  at(mail: MailServers): End;
  how: Pick<ProbeRequest, 'language' | 'tls'>;
  log(mail: MailServers): Promise<string>;
  /** What the log has of a client. */
  line(address: string, port: number): string;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const LISTENERS: readonly Listener[] = [
  {
    name: 'postscreen',
    at: (mail) => mail.inPod(mail.addresses.ports.smtp.proxy),
    how: { language: 'smtp', tls: 'starttls' },
    log: (mail) => mail.postfix.log(),
    line: (address, port) =>
      `postfix/smtpd-proxy25/postscreen\\[\\d+\\]: CONNECT from \\[${escaped(address)}\\]:${port} to`,
  },
  {
    name: 'smtpd with STARTTLS',
    at: (mail) => mail.inPod(mail.addresses.ports.submission.proxy),
    how: { language: 'smtp', tls: 'starttls' },
    log: (mail) => mail.postfix.log(),
    line: (address) => `postfix/submission-proxy/smtpd\\[\\d+\\]: connect from \\S+\\[${escaped(address)}\\]`,
  },
  {
    name: 'smtpd with TLS from the start',
    at: (mail) => mail.inPod(mail.addresses.ports.smtps.proxy),
    how: { language: 'smtp', tls: 'implicit' },
    log: (mail) => mail.postfix.log(),
    line: (address) => `postfix/submissions-proxy/smtpd\\[\\d+\\]: connect from \\S+\\[${escaped(address)}\\]`,
  },
  {
    name: 'Dovecot',
    at: (mail) => mail.inPod(mail.addresses.ports.imaps.proxy),
    how: { language: 'imap', tls: 'implicit' },
    log: (mail) => mail.dovecot.log(),
    line: (address) => `imap-login: Info: .*rip=${escaped(address)}, lip=`,
  },
  {
    name: 'HAProxy with accept-proxy',
    at: (mail) => ({ address: mail.addresses.balancer, port: BEHIND_ANOTHER }),
    how: { language: 'smtp', tls: 'starttls' },
    log: (mail) => mail.balancer.log(),
    line: (address, port) => `^${escaped(address)}:${port} \\[[^\\]]+\\] mail_behind_another mailserver_nodes_smtp/`,
  },
];

describe.skipIf(reason !== undefined)('a PROXY v2 header', { timeout: 600_000 }, () => {
  let mail: MailServers;
  const clients = { sockets: makeSockets({ loopbackOnly: true, env: {} }), clock: makeClock() };
  beforeAll(async () => {
    mail = await startMailServers();
    clients.sockets = makeSockets({ loopbackOnly: true, env: { NODE_EXTRA_CA_CERTS: mail.certificates.caFile } });
  }, 600_000);
  afterAll(() => mail?.stop());

  const ask = ({ address, port }: End, how: Pick<ProbeRequest, 'language' | 'tls'>) =>
    probe(clients, {
      ...{ host: address, port, serverName: HOSTNAME, proxy: true, hidesAuth: true, judgesCertificate: true },
      ...how,
    });

  const logged = (listener: Listener, wanted: string): Promise<true> =>
    until(`${listener.name} to log ${wanted}`, async () =>
      new RegExp(wanted, 'm').test(await listener.log(mail)) ? true : undefined,
    );

  describe.each(LISTENERS)('to $name', (listener) => {
    test('over IPv4: it talks on, and logs the address that was claimed', async () => {
      const report = await ask(listener.at(mail), listener.how);
      expect(report.problems).toEqual([]);
      expect(report.tls).toMatchObject({ trusted: true, nameMatches: true });
      await logged(listener, listener.line(CLAIMED.ipv4, CLAIMED.port));
    });

    test('over IPv6: the same', async () => {
      const [port = 0] = await freePorts(1);
      const door: Forwarder = await startForwarder({ address: '::1', port }, listener.at(mail), false);
      try {
        const report = await ask({ address: '::1', port }, listener.how);
        expect(report.problems).toEqual([]);
        await logged(listener, listener.line(CLAIMED.ipv6, CLAIMED.port));
      } finally {
        await door.stop();
      }
    });
  });

  const said = (log: string, id: string): string => {
    const queueId = new RegExp(`cleanup\\[\\d+\\]: (\\w+): message-id=<${escaped(id)}>`).exec(log)?.[1];
    return new RegExp(`smtpd\\[\\d+\\]: ${queueId}: client=\\S*\\[([^\\]]+)\\]`).exec(log)?.[1] ?? 'nobody';
  };

  async function clientOf(id: string): Promise<string> {
    const { balancer, ports, sender } = mail.addresses;
    const to = { address: balancer, port: ports.smtp.port };
    await talk({
      to,
      from: sender,
      say: ['EHLO sender.example.org', ...message('', 'alice@example.test', id), 'QUIT'],
    });
    return until('the message to be logged', async () => {
      const client = said(await mail.postfix.log(), id);
      return client === 'nobody' ? undefined : client;
    });
  }

  test('from HAProxy tells the mail server who sent a mail; without it that is a node', async () => {
    expect(await clientOf('known@sender.example.org')).toBe(mail.addresses.sender);
    await mail.balancer.restart({ withoutHeader: ['smtp'], sendTo: { smtp: mail.addresses.ports.smtp.healthPort } });
    expect(mail.addresses.nodes.map(({ address }) => address)).toContain(await clientOf('lost@sender.example.org'));
  });
});
