/** The relay that takes what is for others, in whatever mood a test wants it. */
import { readFileSync } from 'node:fs';
import { SMTPServer } from 'smtp-server';
import type { MailAddresses } from './addresses.ts';
import type { Certificate } from './certificates.ts';

/** `absent`: nobody listens. A number: what it answers to RCPT. */
export type Mood = 'takes' | 'absent' | 'no-credentials' | 451 | 550;

export interface Relay {
  port: number;
  be(mood: Mood): Promise<void>;
  stop(): Promise<void>;
}

const ANSWERS = {
  451: '4.7.1 Please try again later',
  550: '5.1.1 The email account that you tried to reach does not exist',
} as const;

export async function startRelay(addresses: MailAddresses, certificate: Certificate): Promise<Relay> {
  const port = 2525;
  const state: { server?: SMTPServer } = {};
  const be = async (mood: Mood): Promise<void> => {
    const { server } = state;
    delete state.server;
    await new Promise<void>((done) => (server === undefined ? done() : server.close(() => done())));
    if (mood === 'absent') return;
    const next = new SMTPServer({
      name: 'smtp-relay.example.net',
      banner: 'relay ready',
      key: readFileSync(certificate.keyFile),
      cert: readFileSync(certificate.certFile),
      authOptional: true,
      closeTimeout: 100,
      onAuth: (_, __, done) =>
        mood === 'no-credentials'
          ? done(Object.assign(new Error('5.7.8 Authentication failed'), { responseCode: 535 }))
          : done(null, { user: 'relay' }),
      onRcptTo: (_, __, done) =>
        typeof mood === 'number' ? done(Object.assign(new Error(ANSWERS[mood]), { responseCode: mood })) : done(),
      onData: (stream, _, done) => void stream.on('end', () => done(null)).resume(),
    });
    next.on('error', () => undefined); // Somebody hung up: no matter of the relay's.
    await new Promise<void>((resolve) => next.listen(port, addresses.relay, resolve));
    state.server = next;
  };
  await be('takes');
  return { port, be, stop: () => be('absent') };
}
