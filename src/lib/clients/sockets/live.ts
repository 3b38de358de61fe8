import { connect as connectTcp, isIPv6, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { assertLoopback } from '../http/loopback.ts';
import type { Connection, Destination, Endpoint, Sockets } from './client.ts';
import { socketError, translated } from './errors.ts';
import { makeLineReader } from './reader.ts';
import { handshake, trustedContext } from './tls.ts';
import { makeTunnels } from './tunnel.ts';

/** What the live client needs. `env` is read for NODE_EXTRA_CA_CERTS: the site's own authorities. */
export type SocketsOptions = {
  readonly loopbackOnly: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** Sockets of this machine. See `Sockets`. */
export function makeSockets(options: SocketsOptions): Sockets {
  const made = new Map<'context', Promise<SecureContext | undefined>>();
  const context = (): Promise<SecureContext | undefined> => {
    const found = made.get('context') ?? trustedContext(options.env.NODE_EXTRA_CA_CERTS);
    made.set('context', found);
    return found;
  };
  const tunnels = makeTunnels(options);
  return {
    async connect(destination) {
      const shown = shownOf(destination);
      assertLoopback(`tcp://${shown}`, options.loopbackOnly);
      if (destination.from === undefined) return connectionOn(await open(destination, shown), shown, context);
      const stream = await tunnels.open(destination, destination.from, shown);
      return connectionThrough(stream, destination, shown, context);
    },
  };
}

/** `host:port`, an IPv6 address in brackets. */
function shownOf({ host, port }: Destination): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

async function open({ host, port, timeoutMs, signal }: Destination, shown: string): Promise<Socket> {
  signal?.throwIfAborted();
  // One attempt at one address: whoever counts connections must be able to rely on it.
  const socket = connectTcp({ host: host.replace(/^\[(.*)\]$/, '$1'), port, autoSelectFamily: false, noDelay: true });
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(socketError('sockets.timeout', shown, `not connected within ${timeoutMs} ms`)),
        timeoutMs,
      );
      const onAbort = (): void => reject(signal?.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      const settle = (error?: Error): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        if (error === undefined) resolve();
        else reject(translated(error, shown));
      };
      socket.once('connect', () => settle()).on('error', settle);
    });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  signal?.addEventListener('abort', () => socket.destroy(), { once: true });
  return socket;
}

type Context = () => Promise<SecureContext | undefined>;

function connectionOn(tcp: Socket, shown: string, context: Context): Connection {
  const local = endpoint(tcp.localAddress, tcp.localPort);
  return connectionOver(tcp, { local, remote: endpoint(tcp.remoteAddress, tcp.remotePort) }, shown, context);
}

/** Whoever connects on the other side does not say from which address. */
function connectionThrough(stream: Duplex, { host, port }: Destination, shown: string, context: Context): Connection {
  const remote = endpoint(host, port);
  return connectionOver(stream, { local: endpoint(remote.family === 6 ? '::' : '0.0.0.0', 0), remote }, shown, context);
}

function connectionOver(
  tcp: Duplex,
  { local, remote }: Pick<Connection, 'local' | 'remote'>,
  shown: string,
  context: Context,
): Connection {
  const state = { socket: tcp as Duplex, reader: makeLineReader(tcp, shown), sent: 0, receivedBefore: 0 };
  return {
    local,
    remote,
    get sent() {
      return state.sent;
    },
    get received() {
      return state.receivedBefore + state.reader.received;
    },
    async write(bytes) {
      const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
      await new Promise<void>((resolve, reject) => {
        state.socket.write(data, (error) => {
          if (error === null || error === undefined) resolve();
          else reject(translated(error, shown));
        });
      });
      state.sent += data.length;
    },
    readLine: ({ timeoutMs, maxBytes }) => state.reader.readLine(timeoutMs, maxBytes),
    async startTls({ serverName, timeoutMs }) {
      if (state.reader.waiting > 0) {
        throw socketError('sockets.early-data', shown, 'the server said more than its answer before TLS began');
      }
      const secure = await handshake({ socket: tcp, serverName, timeoutMs, context: await context(), shown });
      state.receivedBefore += state.reader.received;
      state.socket = secure.socket;
      state.reader = makeLineReader(secure.socket, shown);
      return secure.facts;
    },
    close() {
      state.socket.destroy();
      tcp.destroy();
    },
  };
}

function endpoint(address = '', port = 0): Endpoint {
  return { address, port, family: isIPv6(address) ? 6 : 4 };
}
