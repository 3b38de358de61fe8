/** What kube-proxy and the firewall do, on loopback: whoever comes to one end is led to another. */
import { connect, createServer, isIP, type Server, type Socket } from 'node:net';

/** One end of TCP. */
export interface End {
  address: string;
  port: number;
}

export interface Forwarder {
  /** From now on it leads there; undefined: nobody listens. */
  lead(target: End | undefined): Promise<void>;
  /** Listens only while its target does: a program cannot refuse a connection for somebody else, as a kernel can. */
  follow(isOpen: (target: End) => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** `keepsSource`: the target sees who came, as behind a firewall; else it sees `from`, as behind a node port. */
export async function startForwarder(from: End, target: End, keepsSource: boolean): Promise<Forwarder> {
  const open = new Set<Socket>();
  const state: { server?: Server; target: End | undefined } = { target };
  const serve = (client: Socket): void => {
    const { target: to } = state;
    if (to === undefined) return void client.destroy();
    const source = keepsSource ? (client.remoteAddress ?? from.address) : from.address;
    // Between the families nobody can keep an address.
    const own = isIP(source) === isIP(to.address) ? { localAddress: source } : {};
    const server = connect({ host: to.address, port: to.port, ...own });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      open.add(one);
      one.on('close', () => open.delete(one));
      // Who is cut off here is cut off there.
      one.on('error', () => other.destroy());
      one.pipe(other);
    }
  };
  const close = async (): Promise<void> => {
    const { server } = state;
    delete state.server;
    for (const socket of open) socket.destroy();
    await new Promise<void>((done) => (server === undefined ? done() : server.close(() => done())));
  };
  const listen = async (): Promise<void> => {
    if (state.server !== undefined) return;
    const server = createServer(serve);
    await new Promise<void>((resolve, reject) =>
      server.once('error', reject).listen({ host: from.address, port: from.port }, resolve),
    );
    state.server = server;
  };
  const lead = (to: End | undefined): Promise<void> => {
    state.target = to;
    return to === undefined ? close() : listen();
  };
  await lead(target);
  return {
    lead,
    follow: (isOpen) => (state.target !== undefined && isOpen(state.target) ? listen() : close()),
    stop: close,
  };
}
