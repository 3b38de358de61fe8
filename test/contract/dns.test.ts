import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, onTestFinished, test } from 'vitest';
import { makeDns } from '../../src/lib/clients/dns/live.ts';
import { type Resolver, startDns } from '../../src/sandbox/dns/server.ts';
import { type DnsCaseEnv, dnsCases, ZONE } from './dns-cases.ts';

/** A UDP port of this machine where nothing listens any more. */
async function closedPort(): Promise<string> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return `127.0.0.1:${port}`;
}

async function startEnv(): Promise<DnsCaseEnv> {
  const state: Resolver = { zone: ZONE, mode: 'answer' };
  const server = await startDns(state);
  onTestFinished(server.close);
  return {
    dns: makeDns({ loopbackOnly: true }),
    server: server.address,
    closed: await closedPort(),
    play: (mode) => {
      state.mode = mode;
    },
  };
}

describe('dns client', () => {
  for (const each of dnsCases) test(each.name, async () => each.run(await startEnv()));
});
