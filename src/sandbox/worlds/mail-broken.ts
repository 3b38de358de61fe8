import type { MailWorld } from '../mail/world.ts';
import type { World } from '../world.ts';
import type { Setting } from './authentik/build.ts';
import { healthyWorld } from './healthy.ts';

/** What is wrong with mail in each of its worlds; everything else is healthy. */
const MAIL = {
  /** HAProxy failed to bind one port; this machine's provider blocks port 25 besides. */
  'mail-smtps-refused': { closed: ['haproxy:smtps', 'public4:smtp', 'public6:smtp', 'secondMx:smtp'] },
  /** Nothing is wrong but the place from which one looks. */
  'mail-port-25-blocked': { closed: ['public4:smtp', 'public6:smtp', 'secondMx:smtp'] },
  /** The script that adds the PROXY listeners did not run when the pod started. */
  'mail-outside-only': { missing: ['smtp-proxy', 'smtps-proxy', 'submission-proxy'] },
  /** Postfix came up without the stock port 25; the health checks of the balancer fail with it. */
  'mail-smtp-gone': { missing: ['smtp'] },
  /** A PROXY listener lost its option and takes the header for commands. */
  'mail-submission-odd': { deaf: ['submission'] },
  /** The pod runs and is not ready. */
  'mail-unready': { unready: true },
  /** The health NodePort of one protocol is gone: HAProxy takes every server of it out. */
  'mail-submission-closed': { closed: ['health:submission'] },
  /** The rules still lead to the old load balancer. */
  'mail-nat-old-target': {
    redirectedTo: '<mailserver>',
    closed: ['public4:smtp', 'public4:smtps', 'public4:submission', 'public4:imaps'],
  },
  /** The HAProxy in front of the IPv6 address did not start. */
  'mail-ipv6-dark': { closed: ['public6:smtp', 'public6:smtps', 'public6:submission', 'public6:imaps'] },
  /** The mail server made a certificate for itself. */
  'mail-certificate': { certificate: 'self-signed' },
  /** A setting was lost. */
  'mail-auth-in-the-clear': { authBeforeTls: true },
  /** Somebody else has used up this address's connections. */
  'mail-busy': { busy: ['smtp', 'submission'] },
  /** All ports answer, and nothing comes round. */
  'mail-not-arriving': { roundtripMinutesAgo: 95 },
  /** The firewall does not know our key. */
  'mail-no-ssh': { sshRefused: true },
} as const satisfies Readonly<Record<string, MailWorld>>;

/** A healthy platform with one thing wrong in the mail server or on the way to it. */
export function mailWorld(name: keyof typeof MAIL, setting?: Setting): World {
  return { ...healthyWorld(setting), mail: MAIL[name] };
}
