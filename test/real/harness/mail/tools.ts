/** The programs that a mail server is made of. */
import type { RealTool } from '../tools.ts';

export const MAIL_TOOLS = [
  ...['postfix', 'dovecot', 'dovecotLmtp', 'dovecotImap', 'haproxy', 'socat', 'ss', 'openssl'],
] as const satisfies readonly RealTool[];
