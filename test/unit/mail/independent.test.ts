/** Servers and clients that others wrote: what infra says is understood, and its stand-in does not flatter. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { EDGE_AUTHORITY } from '../../../src/sandbox/edge/certificate.ts';
import { PLACES } from '../../../src/sandbox/mail/ports.ts';
import { startMail } from '../../../src/sandbox/mail/server.ts';
import { EXPIRED, GOOD, KEY } from './farm/certificates.ts';
import { ask } from './farm/farm.ts';

async function smtpServer(options: SMTPServerOptions): Promise<{ host: string; port: number }> {
  const server = new SMTPServer({ cert: GOOD, key: KEY, disableReverseLookup: true, logger: false, ...options });
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { host: '127.0.0.1', port: (listening.address() as AddressInfo).port };
}

test('a submission server by others: healthy', async () => {
  const report = await ask(await smtpServer({ name: 'mail.farm.test' }), { hidesAuth: false });
  expect(report.problems).toEqual([]);
  expect(report.extensions).toContain('STARTTLS');
  expect(report.phases.map(({ phase }) => phase)).toEqual(['connect', 'banner', 'ehlo', 'starttls', 'tls', 'quit']);
});

test('one over implicit TLS: healthy', async () => {
  const report = await ask(await smtpServer({ secure: true }), { tls: 'implicit' });
  expect(report.problems).toEqual([]);
});

test('one that hides STARTTLS', async () => {
  const report = await ask(await smtpServer({ disabledCommands: ['STARTTLS', 'AUTH'] }));
  expect(report.problems[0]).toMatchObject({ phase: 'starttls', reason: 'starttls-missing' });
});

test('one with an expired certificate', async () => {
  const report = await ask(await smtpServer({ cert: EXPIRED }), { hidesAuth: false });
  expect(report.problems).toEqual([expect.objectContaining({ phase: 'certificate', reason: 'certificate-expired' })]);
});

test.each(['submission', 'smtps'] as const)(
  'a mail client by others is content with the stand-in’s %s',
  async (name) => {
    const mail = await startMail({});
    onTestFinished(() => mail.close());
    const client = new SMTPConnection({
      host: PLACES.haproxy,
      port: mail.ports[name].port,
      secure: name === 'smtps',
      requireTLS: true,
      tls: { ca: EDGE_AUTHORITY, servername: 'mail.sandbox.test' },
    });
    await new Promise<void>((resolve, reject) => {
      client.once('error', reject);
      client.connect(() => resolve());
    });
    expect(client).toMatchObject({ secure: true });
    client.quit();
    await once(client, 'end');
    expect(mail.visits).toMatchObject([
      { listener: 'proxy', protocol: name, claimed: expect.stringMatching(/^127\./) },
    ]);
  },
);
