/** A mail client for tests: says what it is told to, one command after the answer to the one before. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { End } from './forwarder.ts';

export interface Talk {
  to: End;
  /** The address that it comes from. */
  from?: string;
  /** What goes before everything else: a PROXY header, or garbage. */
  first?: Uint8Array | string;
  tls?: 'implicit';
  /** Commands. STARTTLS is followed by TLS; what ends in CRLF is sent as it is, and one `''` only listens. */
  say: readonly string[];
  /** How a complete answer looks; default: the last line of an SMTP reply. */
  complete?: RegExp;
}

const DEADLINE_MS = 20_000;

/** Everything that the server has said, to the end of the connection or of the commands. Never throws for a hang-up. */
export async function talk({ to, from, first, tls, say, complete = /^\d{3}(?: .*)?\r\n/m }: Talk): Promise<string> {
  const state = { heard: '', whole: '', ended: false, wake: (): void => undefined };
  const tcp = connect({ host: to.address, port: to.port, ...(from === undefined ? {} : { localAddress: from }) });
  let socket: Socket = tcp;
  const listen = (): void => {
    socket.on('data', (chunk: Buffer) => {
      state.heard += chunk.toString('latin1');
      state.whole += chunk.toString('latin1');
      state.wake();
    });
    const end = (): void => {
      state.ended = true;
      state.wake();
    };
    socket.on('close', end).on('end', end).on('error', end);
  };
  const secure = (): Promise<void> =>
    new Promise((resolve) => {
      tcp.removeAllListeners('data');
      socket = connectTls({ socket: tcp, rejectUnauthorized: false, servername: 'mail.example.test' }, resolve);
      listen();
      socket.once('close', () => resolve());
    });
  const answer = async (): Promise<void> => {
    const deadline = Date.now() + DEADLINE_MS;
    while (!complete.test(state.heard) && !state.ended && Date.now() < deadline)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - Date.now());
        state.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
  };
  await new Promise<void>((resolve) => tcp.once('connect', resolve).once('error', () => resolve()));
  if (tls === undefined) listen();
  else tcp.on('error', () => undefined);
  if (first !== undefined) tcp.write(first);
  if (tls === 'implicit') await secure();
  try {
    await answer();
    for (const command of say) {
      if (state.ended) break;
      const wasTold = state.heard;
      state.heard = '';
      if (command !== '') socket.write(command.endsWith('\r\n') ? command : `${command}\r\n`);
      await answer();
      if (command === 'STARTTLS' && /^220/m.test(state.heard)) await secure();
      if (wasTold === '' && state.ended) break;
    }
  } finally {
    socket.destroy();
    tcp.destroy();
  }
  return state.whole;
}

/** The commands that hand over one message. */
export function message(from: string, to: string, id: string, body = 'Hello.'): string[] {
  const headers = [
    `Message-ID: <${id}>`,
    `From: ${from}`,
    `To: ${to}`,
    'Subject: test',
    'Date: Sat, 21 Nov 2026 08:00:00 +0000',
  ];
  return [`MAIL FROM:<${from}>`, `RCPT TO:<${to}>`, 'DATA', `${[...headers, '', body, '.'].join('\r\n')}\r\n`];
}

/** The argument of AUTH PLAIN. */
export function plain(user: string, password: string): string {
  return Buffer.from(`\0${user}\0${password}`).toString('base64');
}
