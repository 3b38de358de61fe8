import type { Certificate, Wire } from './wire.ts';
import type { MailProtocol, MailWorld } from './world.ts';

/** Name in greetings. */
export const MAIL_HOST = 'mail.sandbox.test';

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';
/** smtpd_upstream_proxy_timeout and its like: 5 s. */
const PROXY_WAIT_MS = 5000;

/** One listener of the pod. `claimed` is what a PROXY header said. */
export type Serving = { readonly protocol: MailProtocol; readonly world: MailWorld; readonly certificate: Certificate };

/** A stock listener: Postfix's smtpd or postscreen, Dovecot's imap-login. */
export async function serve(wire: Wire, serving: Serving): Promise<void> {
  const { protocol, world, certificate } = serving;
  if (protocol === 'imaps') return serveImap(wire.secure(certificate), world.busy?.includes('imaps') === true);
  const secure = protocol === 'smtps' ? wire.secure(certificate) : wire;
  if (world.busy?.includes(protocol) === true) {
    secure.send('421 4.7.0 mail.sandbox.test Error: too many connections from you\r\n');
    return secure.end();
  }
  secure.send(`220 ${MAIL_HOST} ESMTP\r\n`);
  await converse(secure, serving, protocol === 'smtps');
}

/** The same behind PROXY version 2: no header of that kind, no word. Returns the address that the header claims. */
export async function takeProxyHeader(wire: Wire): Promise<string | undefined> {
  const head = await wire.start(16, PROXY_WAIT_MS);
  const isHeader = head.length === 16 && head.subarray(0, 12).toString('latin1') === SIGNATURE;
  const rest = isHeader ? await wire.start(head.readUInt16BE(14), PROXY_WAIT_MS) : Buffer.alloc(0);
  // What Postfix says to who has sent none in time; what is no header at all is not answered.
  if (rest.length === 0 && head.length === 0) wire.send(`421 4.3.2 ${MAIL_HOST} No system resources\r\n`);
  // LOCAL and unknown families make smtpd die: it expects an address.
  if (!isHeader || head[12] !== 0x21 || (head[13] !== 0x11 && head[13] !== 0x21)) {
    wire.end();
    return undefined;
  }
  return head[13] === 0x11 ? [...rest.subarray(0, 4)].join('.') : rest.subarray(0, 16).toString('hex');
}

async function converse(wire: Wire, serving: Serving, isSecure: boolean): Promise<void> {
  for (;;) {
    const line = await wire.line();
    if (line === undefined) return;
    const word = line.split(' ')[0]?.toUpperCase() ?? '';
    if (word === 'EHLO') wire.send(hello(serving, isSecure));
    else if (word === 'QUIT') {
      wire.send('221 2.0.0 Bye\r\n');
      return wire.end();
    } else if (word === 'STARTTLS' && !isSecure) {
      wire.send('220 2.0.0 Ready to start TLS\r\n');
      return converse(wire.secure(serving.certificate), serving, true);
    } else wire.send('500 5.5.2 Error: bad syntax\r\n');
  }
}

function hello({ protocol, world }: Serving, isSecure: boolean): string {
  const hasAuth = protocol !== 'smtp' && (isSecure || world.authBeforeTls === true);
  const lines = [MAIL_HOST, 'PIPELINING', 'SIZE 209715200', 'ETRN'];
  if (!isSecure) lines.push('STARTTLS');
  if (hasAuth) lines.push('AUTH PLAIN LOGIN');
  lines.push('ENHANCEDSTATUSCODES', '8BITMIME', 'DSN');
  return lines.map((text, at) => `250${at === lines.length - 1 ? ' ' : '-'}${text}\r\n`).join('');
}

async function serveImap(wire: Wire, isBusy: boolean): Promise<void> {
  if (isBusy) {
    wire.send('* BYE Too many connections\r\n');
    return wire.end();
  }
  wire.send('* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE AUTH=PLAIN] Dovecot ready.\r\n');
  for (;;) {
    const line = await wire.line();
    if (line === undefined) return;
    const [tag = '*', word = ''] = line.split(' ');
    if (word.toUpperCase() === 'LOGOUT') {
      wire.send(`* BYE Logging out\r\n${tag} OK Logout completed.\r\n`);
      return wire.end();
    }
    wire.send(`${tag} BAD Error in IMAP command received by server.\r\n`);
  }
}
