import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { describe, onTestFinished, test } from 'vitest';
import { makeSockets } from '../../src/lib/clients/sockets/live.ts';
import { EDGE_AUTHORITY, EDGE_CERTIFICATE, EDGE_KEY } from '../../src/sandbox/edge/certificate.ts';
import { type SocketScript, type SocketsEnv, socketsCases } from './sockets-cases.ts';

async function act(socket: Socket, script: SocketScript): Promise<void> {
  if (script === 'tls' || script === 'tls-then-says') {
    const secure = new TLSSocket(socket, { isServer: true, cert: EDGE_CERTIFICATE, key: EDGE_KEY });
    secure.on('error', () => undefined);
    if (script === 'tls-then-says') secure.write('inside\r\n');
    return;
  }
  for (const text of script.says) {
    socket.write(text);
    await turn();
  }
  if (script.end === 'close') socket.end();
  if (script.end === 'reset-when-heard') socket.once('data', () => socket.resetAndDestroy());
}

async function startEnv(): Promise<SocketsEnv> {
  const folder = await mkdtemp(join(tmpdir(), 'infra-sockets-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, EDGE_AUTHORITY);
  const state = { script: { says: [] } as SocketScript, heard: '', connections: 0 };
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    state.connections += 1;
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    if (typeof state.script === 'object') {
      socket.on('data', (chunk) => {
        state.heard += chunk.toString('latin1');
      });
    }
    void act(socket, state.script);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await rm(folder, { recursive: true });
  });
  return {
    sockets: makeSockets({ loopbackOnly: true, env: {} }),
    trusting: makeSockets({ loopbackOnly: true, env: { NODE_EXTRA_CA_CERTS: caFile } }),
    port: (server.address() as AddressInfo).port,
    // Nobody listens there, and no program is ever given that port by chance.
    closedPort: 1,
    play: (script) => {
      state.script = script;
    },
    heard: () => state.heard,
    connections: () => state.connections,
  };
}

describe('sockets client', () => {
  for (const each of socketsCases) test(each.name, async () => each.run(await startEnv()));
});
