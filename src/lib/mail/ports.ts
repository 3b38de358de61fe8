import type { MailPorts, MailProtocol } from '../site/site.ts';
import type { MailSite } from './mail-site.ts';

/** The protocols in the order of their ports. */
export const PROTOCOLS = ['smtp', 'smtps', 'submission', 'imaps'] as const satisfies readonly MailProtocol[];

/** How a protocol is spoken. `standard` is its port by RFC 5321, RFC 8314 and RFC 6409. */
export type Speech = {
  readonly language: 'smtp' | 'imap';
  readonly tls: 'starttls' | 'implicit';
  /** Whether AUTH must not be offered before TLS. */
  readonly hidesAuth: boolean;
  readonly standard: number;
};

export const SPEECH: Readonly<Record<MailProtocol, Speech>> = {
  smtp: { language: 'smtp', tls: 'starttls', hidesAuth: false, standard: 25 },
  smtps: { language: 'smtp', tls: 'implicit', hidesAuth: false, standard: 465 },
  submission: { language: 'smtp', tls: 'starttls', hidesAuth: true, standard: 587 },
  imaps: { language: 'imap', tls: 'implicit', hidesAuth: false, standard: 993 },
};

/** The ports of the site; without `mail.ports` the standard ones, of which nothing on the way in is known. */
export function portsOf(site: Pick<MailSite, 'mail'>): Readonly<Partial<Record<MailProtocol, MailPorts>>> {
  const standard = Object.fromEntries(PROTOCOLS.map((each) => [each, { port: SPEECH[each].standard }]));
  return site.mail.ports.value ?? standard;
}
