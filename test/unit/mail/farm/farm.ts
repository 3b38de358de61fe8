import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { expect, onTestFinished } from 'vitest';
import { makeClock } from '../../../../src/lib/clients/clock/live.ts';
import { makeSockets } from '../../../../src/lib/clients/sockets/live.ts';
import { type ProbeRequest, probe } from '../../../../src/lib/mail/probe/probe.ts';
import { LIMITS, type Limits, type ProbeReport } from '../../../../src/lib/mail/probe/report.ts';
import { AUTHORITY, GOOD, KEY } from './certificates.ts';

/** What a connection brought: every chunk as it came in the clear, or decrypted when the server speaks TLS itself. */
export type Visit = { readonly chunks: Buffer[]; ended: boolean };

/** One side of a conversation, for a server that plays a part. */
export type Stage = {
  readonly socket: Socket;
  /** Sends text; CRLF is not added. */
  send(text: string | Buffer): void;
  /** Waits for the next line of the visitor; undefined when the visitor has gone. */
  line(): Promise<string | undefined>;
  /** Takes exactly this many bytes. */
  bytes(count: number): Promise<Buffer>;
  /** Goes on with TLS; lines are then those inside it. */
  secure(certificate?: string, key?: string): Promise<Stage>;
};

/** A running server of the farm and what it saw. */
export type Farm = { readonly host: string; readonly port: number; readonly visits: readonly Visit[] };

/** Starts a server that plays `act` for every connection. It is stopped when the test ends. */
export async function farm(act: (stage: Stage) => Promise<void> | void, host = '127.0.0.1'): Promise<Farm> {
  const visits: Visit[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    const visit: Visit = { chunks: [], ended: false };
    visits.push(visit);
    open.add(socket);
    socket
      .on('error', () => undefined)
      .on('close', () => {
        visit.ended = true;
        open.delete(socket);
      });
    void Promise.resolve(act(stageOn(socket, visit))).catch(() => undefined);
  });
  server.listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { host, port: (server.address() as AddressInfo).port, visits };
}

function stageOn(socket: Socket, visit: Visit): Stage {
  const state = { rest: Buffer.alloc(0), waiting: undefined as (() => void) | undefined, over: false };
  const wake = (): void => state.waiting?.();
  const onData = (chunk: Buffer): void => {
    visit.chunks.push(chunk);
    state.rest = Buffer.concat([state.rest, chunk]);
    wake();
  };
  const onEnd = (): void => {
    state.over = true;
    wake();
  };
  socket.on('data', onData).on('end', onEnd).on('close', onEnd);
  const more = async (): Promise<boolean> => {
    if (state.over) return false;
    await new Promise<void>((resolve) => {
      state.waiting = resolve;
    });
    state.waiting = undefined;
    return true;
  };
  return {
    socket,
    send: (text) => {
      socket.write(text);
    },
    async line() {
      for (;;) {
        const at = state.rest.indexOf('\r\n');
        if (at >= 0) {
          const line = state.rest.subarray(0, at).toString('latin1');
          state.rest = state.rest.subarray(at + 2);
          return line;
        }
        if (!(await more())) return undefined;
      }
    },
    async bytes(count) {
      while (state.rest.length < count) if (!(await more())) break;
      const taken = state.rest.subarray(0, count);
      state.rest = state.rest.subarray(count);
      return taken;
    },
    async secure(certificate = GOOD, key = KEY) {
      socket.off('data', onData).off('end', onEnd).off('close', onEnd);
      socket.pause();
      if (state.rest.length > 0) socket.unshift(state.rest);
      const tls = new TLSSocket(socket, { isServer: true, cert: certificate, key });
      tls.on('error', () => undefined);
      const stage = stageOn(tls, visit);
      await once(tls, 'secure');
      return stage;
    },
  };
}

/** The product's own limits but for those that a test waits for: what is not meant to be slow has all its time. */
export const within = (limits: Partial<Limits>): Partial<ProbeRequest> => ({ limits: { ...LIMITS, ...limits } });

/**
 * Probes a server of the farm as port 587 would be probed, and changes to that. Whatever the server does, the probe ends in
 * its time, and long before that where the test lets it wait for less.
 */
export async function ask(server: Pick<Farm, 'host' | 'port'>, more: Partial<ProbeRequest> = {}): Promise<ProbeReport> {
  const folder = await mkdtemp(join(tmpdir(), 'infra-farm-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'ca.pem');
  await writeFile(file, AUTHORITY);
  const sockets = makeSockets({ loopbackOnly: true, env: { NODE_EXTRA_CA_CERTS: file } });
  const report = await probe(
    { sockets, clock: makeClock() },
    {
      host: server.host,
      port: server.port,
      language: 'smtp',
      tls: 'starttls',
      proxy: false,
      serverName: 'mail.farm.test',
      judgesCertificate: true,
      hidesAuth: true,
      limits: LIMITS,
      ...more,
    },
  );
  const isShort = more.limits !== undefined;
  expect(report.ms).toBeLessThan(isShort ? LIMITS.replyMs : LIMITS.totalMs);
  return report;
}

/** What a healthy Postfix on port 587 does, from the greeting on. */
export async function submission(stage: Stage, certificate?: string, key?: string): Promise<void> {
  stage.send('220 mail.farm.test ESMTP\r\n');
  await stage.line();
  stage.send('250-mail.farm.test\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 SMTPUTF8\r\n');
  await stage.line();
  stage.send('220 2.0.0 Ready to start TLS\r\n');
  await farewell(await stage.secure(certificate, key));
}

/** Answers QUIT. */
export async function farewell(stage: Stage): Promise<void> {
  while ((await stage.line()) !== 'QUIT');
  stage.send('221 2.0.0 Bye\r\n');
  stage.socket.end();
}

/** All that came in on the connections, in order. */
export function heard({ visits }: Farm): readonly string[] {
  return visits.flatMap(({ chunks }) => chunks.map((chunk) => chunk.toString('latin1')));
}
