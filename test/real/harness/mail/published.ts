/** A log as it may be shown: places of this machine and of this run are replaced by those of the site that infra was made for. */
import type { MailServers } from './servers.ts';

/** More lines than this of one of these kinds say nothing new. */
const NOISE = [
  /imap-login: Info: Disconnected: Connection closed \((?:no auth attempts in 0|disconnected before auth)/,
  /warning: connect to TCP map/,
  /Health check for server \S+ succeeded/,
];
const ENOUGH = 8;

export function published(log: string, { dir, addresses }: MailServers): string {
  const { ports, nodes } = addresses;
  const places: readonly (readonly [from: string, to: string])[] = [
    [`${dir}/dovecot/lmtp-socket`, '/run/dovecot/lmtp'],
    [`${dir}/dovecot/auth`, '/run/dovecot/auth'],
    [`${dir}/postfix`, '/etc/postfix'],
    [`${dir}/haproxy.cfg`, '/etc/haproxy/haproxy.cfg'],
    [dir, '/var/mail'],
    [addresses.pod, '10.244.0.25'],
    ...nodes.map(({ address }, at) => [address, `10.0.20.${101 + at}`] as const),
    [addresses.publicIpv4, '203.0.113.76'],
    [addresses.secondMx, '203.0.113.215'],
    [addresses.relay, '203.0.113.90'],
    [addresses.sender, '198.51.100.200'],
    // Last: it is the beginning of others.
    [addresses.balancer, '10.0.20.1'],
    [`:${ports.smtp.port}`, ':25'],
    [`:${ports.smtps.port}`, ':465'],
    [`:${ports.submission.port}`, ':587'],
    [`:${ports.imaps.port}`, ':993'],
  ];
  const text = places.reduce(
    (shown, [from, to]) => shown.replaceAll(new RegExp(`${escaped(from)}(?!\\d)`, 'g'), to),
    log,
  );
  const seen = new Map<RegExp, number>();
  return text
    .split('\n')
    .filter((line) => {
      const kind = NOISE.find((pattern) => pattern.test(line));
      if (kind === undefined) return true;
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      return (seen.get(kind) ?? 0) <= ENOUGH;
    })
    .join('\n');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
