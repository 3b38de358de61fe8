import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Answer, Exchange, Handle } from './exchange.ts';
import { createInjections, type Injection, type Injections } from './injection.ts';

/** A request that arrived. Tokens and bodies are not kept. `path` carries its query. */
export type SeenRequest = { readonly method: string; readonly path: string };

/** A stand-in that listens on loopback. */
export type Listener = {
  readonly url: string;
  /** The same over TLS, on another port; `url` itself without a certificate. */
  readonly tlsUrl: string;
  readonly port: number;
  readonly requests: SeenRequest[];
  readonly inject: Injections['inject'];
  readonly close: () => Promise<void>;
};

/** How a stand-in takes over a connection (WebSocket exec). */
export type Upgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => void;

export type ListenOptions = {
  readonly injections?: readonly Injection[];
  readonly upgrade?: Upgrade;
  /** Answer over TLS too; PEM. */
  readonly tls?: { readonly key: string; readonly cert: string };
};

/** Starts a handler on 127.0.0.1, a free port or two. `close` also ends open connections. */
export async function listen(handle: Handle, options: ListenOptions = {}): Promise<Listener> {
  const injections = createInjections(options.injections);
  const requests: SeenRequest[] = [];
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    requests.push({ method: request.method ?? '', path: request.url ?? '' });
    respond(request, response, handle, injections).catch((error: unknown) => {
      // The client went away in mid-answer, or the stand-in has a defect: either way this connection is over.
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(String(error instanceof Error ? error.stack : error));
    });
  };
  const plain = createServer(onRequest);
  const secure = options.tls === undefined ? undefined : createTlsServer(options.tls, onRequest);
  answerList(plain, requests, handle, injections);
  const { upgrade } = options;
  for (const server of upgrade === undefined ? [] : [plain, secure]) {
    server?.on('upgrade', (request, socket, head) => {
      requests.push({ method: request.method ?? '', path: request.url ?? '' });
      upgrade?.(request, socket as Socket, head);
    });
  }
  const [open, openSecure] = await Promise.all([bind(plain), secure === undefined ? undefined : bind(secure)]);
  const url = `http://127.0.0.1:${open.port}`;
  return {
    url,
    tlsUrl: openSecure === undefined ? url : `https://127.0.0.1:${openSecure.port}`,
    port: open.port,
    requests,
    inject: injections.inject,
    close: async () => {
      await Promise.all([open.close(), openSecure?.close()]);
    },
  };
}

async function bind(server: Server) {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { port: (server.address() as AddressInfo).port, close };
}

/** Vault's LIST is no method to Node's parser: the head is read by hand and the connection closed after the answer. */
function answerList(server: Server, requests: SeenRequest[], handle: Handle, injections: Injections): void {
  server.on('clientError', (error: Error & { rawPacket?: Buffer }, socket) => {
    const [first = '', ...lines] = (error.rawPacket ?? Buffer.alloc(0)).toString('latin1').split('\r\n');
    const target = /^LIST (\S+) HTTP\/1\.1$/.exec(first)?.[1];
    if (target === undefined) {
      socket.destroy();
      return;
    }
    requests.push({ method: 'LIST', path: target });
    const url = new URL(target, 'http://stand-in');
    const fields = lines.slice(0, lines.indexOf('')).map((line) => /^([^:]+):\s*(.*)$/.exec(line));
    const headers = Object.fromEntries(fields.map((field) => [(field?.[1] ?? '').toLowerCase(), field?.[2] ?? '']));
    const ask = { method: 'LIST', path: target.split('?')[0] ?? '/', query: url.searchParams, headers, body: '' };
    const answered = (async () => (await injections.answer(ask)) ?? (await handle(ask)))();
    answered.then(
      (answer) => {
        if (answer === 'close' || typeof answer.body !== 'string') {
          socket.destroy();
          return;
        }
        const head = { ...answer.headers, 'content-length': Buffer.byteLength(answer.body), connection: 'close' };
        const text = Object.entries(head).map(([name, value]) => `${name}: ${value}`);
        socket.end(`HTTP/1.1 ${answer.status} -\r\n${text.join('\r\n')}\r\n\r\n${answer.body}`);
      },
      () => socket.destroy(),
    );
  });
}

/** The request of a Node server as an `Exchange`, its body not read. */
export function toExchange(request: IncomingMessage, body: string): Exchange {
  const url = new URL(request.url ?? '/', 'http://stand-in');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  return { method: request.method ?? 'GET', path, query: url.searchParams, headers, body };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  handle: Handle,
  injections: Injections,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const ask = toExchange(request, Buffer.concat(chunks).toString('utf8'));
  const injected = await injections.answer(ask);
  if (injected === 'close') {
    request.socket.destroy();
    return;
  }
  await write(response, injected ?? (await handle(ask)));
}

async function write(response: ServerResponse, answer: Answer): Promise<void> {
  response.writeHead(answer.status, answer.headers);
  if (typeof answer.body === 'string') {
    response.end(answer.body);
    return;
  }
  response.flushHeaders();
  await pipeline(Readable.from(answer.body), response);
}
