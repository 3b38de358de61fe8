import { isIP } from 'node:net';
import { InfraError } from '../../errors.ts';
import { assertLoopback } from '../http/loopback.ts';
import type { WebRequest } from './client.ts';

/** Where a request goes: what it says it wants, and the address that is dialled for it. */
export type WebTarget = {
  readonly url: URL;
  readonly host: string;
  readonly port: number;
  /** Name for the TLS handshake; none for an address, which SNI cannot carry. */
  readonly servername: string | undefined;
  /** For messages: `https://host/path`, and the dialled address where it differs. Never a query. */
  readonly shown: string;
};

/** Reads the URL and `connectTo`. With `loopbackOnly` the dialled address must be this machine. Errors: see `Web`. */
export function targetOf(request: WebRequest, loopbackOnly: boolean): WebTarget {
  const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw badAddress('The address to request is not an http or https URL without credentials.');
  }
  const dialled = request.connectTo === undefined ? url : dial(request.connectTo, url.protocol);
  // A tunnel dials nothing here: whoever opens it has asked this question of its own address.
  if (request.tunnel === undefined) assertLoopback(dialled.href, loopbackOnly);
  const name = bare(url.hostname);
  const by = request.tunnel?.by ?? request.connectTo;
  const via = by === undefined ? '' : ` by ${by}`;
  return {
    url,
    host: bare(dialled.hostname),
    port: Number(dialled.port) || (url.protocol === 'https:' ? 443 : 80),
    servername: isIP(name) === 0 ? name : undefined,
    shown: `${url.origin}${url.pathname}${via}`,
  };
}

function dial(connectTo: string, protocol: string): URL {
  const text = `${protocol}//${isIP(connectTo) === 6 ? `[${connectTo}]` : connectTo}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.pathname !== '/' || url.search !== '' || url.username !== '') {
    throw badAddress(`"${connectTo}" is not an address of the form host or host:port.`);
  }
  return url;
}

function bare(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

function badAddress(message: string): InfraError {
  return new InfraError('web.bad-address', 'config', message, {
    hints: ['infra config show names the setting and where it comes from.'],
  });
}
