import { describe, onTestFinished, test } from 'vitest';
import { makeDns } from '../../src/lib/clients/dns/live.ts';
import { type Resolver, startDns } from '../../src/sandbox/dns/server.ts';
import { type DnsCaseEnv, dnsCases, ZONE } from './dns-cases.ts';

/** Nobody listens there, and no program is ever given that port by chance. */
const CLOSED = '127.0.0.1:1';

async function startEnv(): Promise<DnsCaseEnv> {
  const state: Resolver = { zone: ZONE, mode: 'answer' };
  const server = await startDns(state);
  onTestFinished(server.close);
  return {
    dns: makeDns({ loopbackOnly: true }),
    server: server.address,
    closed: CLOSED,
    play: (mode) => {
      state.mode = mode;
    },
  };
}

describe('dns client', () => {
  for (const each of dnsCases) test(each.name, async () => each.run(await startEnv()));
});
