import { isIP } from 'node:net';
import { InfraError } from '../../errors.ts';

/** Strips the brackets that a URL puts around an IPv6 address. */
function bare(hostname: string): string {
  return hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname;
}

/**
 * Whether a host can only be this machine: 127.0.0.0/8, `::1`, or the name `localhost` (RFC 6761 reserves it and
 * everything below it). The IPv4-mapped form counts as what it maps to. No name is looked up.
 */
export function isLoopbackHost(hostname: string): boolean {
  const host = bare(hostname).toLowerCase().replace(/\.$/, '');
  if (isIP(host) === 4) return host.startsWith('127.');
  if (isIP(host) === 6) return host === '::1' || /^::ffff:(127\.|7f[0-9a-f]{2}:)/.test(host);
  return host === 'localhost' || host.endsWith('.localhost');
}

/**
 * Refuses, before a byte is sent, any address that is not this machine. In the sandbox and in every test `on` is
 * true, so that a rehearsal can never reach production. Errors: `network.not-loopback` (78).
 */
export function assertLoopback(url: string, on: boolean): void {
  if (!on) return;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed !== undefined && isLoopbackHost(parsed.hostname)) return;
  const shown = parsed === undefined ? 'an address that is not a URL' : `${parsed.protocol}//${parsed.host}`;
  throw new InfraError(
    'network.not-loopback',
    'config',
    `Refused to talk to ${shown}: only loopback addresses are allowed here.`,
    {
      hints: ['Leave the sandbox, or point the setting at a loopback address.'],
    },
  );
}
