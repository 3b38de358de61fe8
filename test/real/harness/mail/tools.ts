/** The programs that a mail server is made of, and what to say when they cannot run here. */
import { type RealTool, skipReason } from '../tools.ts';

const SERVERS = [
  ...['postfix', 'dovecot', 'dovecotLmtp', 'dovecotImap', 'haproxy', 'socat', 'ss', 'openssl'],
] as const satisfies readonly RealTool[];
const WORLD = [...SERVERS, 'sshd', 'ssh', 'etcd', 'apiserver', 'kwok'] as const satisfies readonly RealTool[];
const NAMES = ['nsd', 'unbound', 'ss', 'openssl'] as const satisfies readonly RealTool[];

/**
 * Why these tests cannot run, or undefined. Postfix is started by root only, and name servers have a port that only root
 * may take.
 */
export function mailSkipReason(test: string, what: 'servers' | 'world' | 'names'): string | undefined {
  const isRoot = process.getuid?.() === 0;
  const missing = skipReason(...{ servers: SERVERS, world: WORLD, names: NAMES }[what]);
  if (!isRoot && process.env.INFRA_REQUIRE_REAL === '1') throw new Error('mail servers are started by root only');
  const reason = missing ?? (isRoot ? undefined : 'mail servers are started by root only');
  if (reason !== undefined) console.warn(`${test} is skipped: ${reason}`);
  return reason;
}
