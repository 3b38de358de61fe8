import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { InfraError } from '../../errors.ts';
import { assertLoopback } from '../http/loopback.ts';
import type { Dns, DnsAnswer, DnsQuestion } from './client.ts';
import { reverseName } from './reverse-name.ts';

/** What the live client needs. */
export type DnsOptions = { readonly loopbackOnly: boolean };

/** Codes of c-ares that are answers or known failures, and what they are called here. */
const FAILURES: Readonly<Record<string, readonly [code: string, text: string]>> = {
  ETIMEOUT: ['dns.timeout', 'no answer in time'],
  ECANCELLED: ['dns.timeout', 'no answer in time'],
  ECONNREFUSED: ['dns.unreachable', 'nothing answers there'],
  EREFUSED: ['dns.refused', 'the server refuses the question (REFUSED)'],
  ESERVFAIL: ['dns.servfail', 'the server could not find out (SERVFAIL)'],
  EBADRESP: ['dns.malformed', 'the answer is not DNS'],
  EFORMERR: ['dns.malformed', 'the server did not understand the question (FORMERR)'],
  ENOTIMP: ['dns.malformed', 'the server does not know this type (NOTIMP)'],
};

/** Questions over c-ares, a fresh resolver each, because a resolver keeps answers. See `Dns`. */
export function makeDns(options: DnsOptions): Dns {
  return {
    async resolve(question) {
      // Two tries inside the time given: one lost packet is no finding.
      const resolver = new Resolver({ timeout: Math.max(1, Math.floor(question.timeoutMs / 3)), tries: 2 });
      if (question.server !== undefined) setServer(resolver, question.server);
      for (const server of resolver.getServers()) assertLoopback(addressOf(server), options.loopbackOnly);
      const timer = setTimeout(() => resolver.cancel(), question.timeoutMs);
      try {
        const records = await ask(resolver, question);
        // An alias into a zone that the server does not hold comes alone, which c-ares calls an empty success.
        return records.length === 0 ? { state: 'no-data' } : { state: 'answer', records };
      } catch (error) {
        return answerOrThrow(error, question);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** A server of a resolver, `1.2.3.4`, `1.2.3.4:53`, `::1` or `[::1]:53`, as a URL. */
function addressOf(server: string): string {
  return isIP(server) === 6 ? `dns://[${server}]` : `dns://${server}`;
}

function setServer(resolver: Resolver, server: string): void {
  try {
    resolver.setServers([server]);
  } catch (cause) {
    throw new InfraError('dns.bad-server', 'config', `"${server}" is not the address of a DNS server.`, {
      hints: ['Give an address and, where it is not 53, a port: 1.1.1.1 or 127.0.0.1:5353.'],
      cause,
    });
  }
}

async function ask(resolver: Resolver, { name, type }: DnsQuestion): Promise<readonly string[]> {
  switch (type) {
    case 'A':
      return await resolver.resolve4(name);
    case 'AAAA':
      return await resolver.resolve6(name);
    case 'CNAME':
      return await resolver.resolveCname(name);
    case 'NS':
      return await resolver.resolveNs(name);
    case 'PTR':
      return await resolver.resolvePtr(isIP(name) === 0 ? name : reverseName(name));
    case 'TXT':
      return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
    case 'MX': {
      const found = await resolver.resolveMx(name);
      return found.map(({ priority, exchange }) => `${priority} ${exchange}`);
    }
  }
}

function answerOrThrow(error: unknown, { name, type, server }: DnsQuestion): DnsAnswer {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'ENOTFOUND') return { state: 'nxdomain' };
  if (code === 'ENODATA') return { state: 'no-data' };
  const known = FAILURES[code];
  const whom = server ?? 'the system’s DNS server';
  if (known !== undefined) {
    throw new InfraError(known[0], 'unavailable', `${type} ${name}, asked of ${whom}: ${known[1]}.`);
  }
  if (code === '') throw error;
  throw new InfraError('dns.unreachable', 'unavailable', `${type} ${name}, asked of ${whom}: ${code}.`);
}
