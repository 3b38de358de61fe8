import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Where things stand on loopback: every address of 127.0.0.0/8 is this machine. */
export const PLACES = {
  haproxy: '127.0.30.1',
  nodes: ['127.0.30.101', '127.0.30.102', '127.0.30.103', '127.0.30.104'],
  service: '127.0.33.1',
  public4: '127.0.31.1',
  public6: '::1',
  secondMx: '127.0.32.1',
} as const;

/** Who plays with a port listens on it here: the addresses above are shared by all that run at the same time. */
const RESERVATIONS = '127.0.34.1';

/** Whether this machine has an IPv6 loopback address. */
export function hasLoopback6(): boolean {
  return Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === PLACES.public6));
}

/** Open listeners and their connections, to be closed together. */
export type Openings = {
  /** Listens with `act` at an address; false when somebody else has that port there, or there is no such address. */
  open(host: string, port: number, act: (socket: Socket) => void): Promise<boolean>;
  /** A port that is free at all these addresses, and nobody else's until this is closed. Throws when many tries found none. */
  reserve(hosts: readonly string[]): Promise<number>;
  close(): Promise<void>;
};

/** Makes an empty set of listeners. */
export function makeOpenings(): Openings {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const openings: Openings = {
    async open(host, port, act) {
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
        act(socket);
      });
      try {
        server.listen(port, host);
        await once(server, 'listening');
      } catch {
        return false;
      }
      servers.push(server);
      return true;
    },
    async reserve(hosts) {
      for (let attempt = 0; attempt < 50; attempt += 1) {
        const port = 20_000 + Math.floor(Math.random() * 12_000);
        const isMine = await openings.open(RESERVATIONS, port, (socket) => socket.destroy());
        if (!isMine) continue;
        const tried = await Promise.all(hosts.map((host) => isFree(host, port)));
        if (tried.every(Boolean)) return port;
      }
      throw new Error(`No port is free at ${hosts.join(', ')}.`);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
    },
  };
  return openings;
}

async function isFree(host: string, port: number): Promise<boolean> {
  const openings = makeOpenings();
  const isOpen = await openings.open(host, port, (socket) => socket.destroy());
  await openings.close();
  return isOpen;
}
