/** The programs that a mail server is made of. */
import type { RealTool } from '../tools.ts';

export const MAIL_TOOLS = [
  ...['postfix', 'dovecot', 'dovecotLmtp', 'dovecotImap', 'haproxy', 'socat', 'ss', 'openssl'],
] as const satisfies readonly RealTool[];

/** Those, and what stands around it. */
export const MAIL_WORLD_TOOLS = [
  ...MAIL_TOOLS,
  ...['sshd', 'ssh', 'etcd', 'apiserver', 'kwok'],
] as const satisfies readonly RealTool[];
