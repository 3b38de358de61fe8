import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/** Below what the kernel gives to outgoing connections (net.ipv4.ip_local_port_range: from 32768 on). */
const FROM = 12_000;
const BELOW = 32_000;

/**
 * Free ports of 127.0.0.1 for programs that have to be told theirs. None that the kernel may give to somebody's outgoing
 * connection before the program listens; which ones is left to chance, so that two who ask at a time get different ones.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(FROM, BELOW);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address.port;
}

/** On every address: what listens on 0.0.0.0 has it too. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}
