import { type MailLine, RELAY_SENDER } from '../mail/log.ts';
import type { MailWorld } from '../mail/world.ts';
import type { World } from '../world.ts';
import { authentikWorld, type Setting } from './authentik/build.ts';
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
  /** Somebody has set every server of one backend to maintenance, and forgotten it. */
  'mail-pool-forgotten': { maintenance: ['submission'] },
  /** The provider blocks one port on the way in. */
  'mail-provider-blocks': { closed: ['public4:smtps'] },
  /** HAProxy's checks knock at the PROXY port without an address, and its smtpd dies of it. */
  'mail-half-of-them': { dying: ['submission'], lines: dying() },
  /** postsrsd runs, spins, and has not bound its ports. */
  'mail-come-back-later': { roundtripMinutesAgo: 50, lines: spinning() },
  /** Somebody has taken send-proxy-v2 out of one backend. */
  'mail-waits-and-hangs-up': { headerless: ['submission'] },
  /** The option of the PROXY listeners was set for all of them. */
  'mail-inside-cut-off': { strict: ['smtp'] },
  /** Somebody has taken send-proxy-v2 out of HAProxy and pointed it to the stock ports. */
  'mail-everybody-is-us': { addressesLost: true },
  /** The key of the relay was changed there and not here; nothing waits for long yet. */
  'mail-nothing-leaves': { lines: refusing() },
  /** Somebody has emptied the map of passwords. */
  'mail-no-login': { postconf: { smtp_sasl_password_maps: '' } },
} as const satisfies Readonly<Record<string, MailWorld>>;

/** A healthy platform with one thing wrong in the mail server or on the way to it. */
export function mailWorld(name: keyof typeof MAIL, setting?: Setting): World {
  return { ...healthyWorld(setting), mail: { ...MAIL[name], seed: setting?.seed ?? 0 } };
}

/** CrowdSec has banned the range of the relay that the monitor sends by too. */
export function mailRelayBanned(setting?: Setting): World {
  const world = authentikWorld(
    'august',
    (scene) => {
      scene.decisions.push({ value: '198.51.100.200', scenario: 'crowdsecurity/postfix-spam' });
      scene.decisions.push({ value: RELAY_SENDER, scenario: 'crowdsecurity/postfix-spam' });
    },
    setting,
  );
  return { ...world, mail: { roundtripMinutesAgo: 70, seed: setting?.seed ?? 0 } };
}

function every(minutes: number, until: number, line: Omit<MailLine, 'minutesAgo'>): readonly MailLine[] {
  return Array.from({ length: Math.floor(until / minutes) }, (_, nth) => ({
    ...line,
    minutesAgo: 0.5 + nth * minutes,
  }));
}

function dying(): readonly MailLine[] {
  return [
    ...every(0.3, 100, {
      program: 'postfix/smtpd',
      text: 'fatal: smtpd_peer_hostaddr_to_sockaddr: cannot convert client address: Servname not supported for ai_socktype',
    }),
    ...every(1, 100, {
      program: 'postfix/master',
      text: 'warning: /usr/lib/postfix/sbin/smtpd: bad command startup -- throttling',
    }),
  ];
}

function spinning(): readonly MailLine[] {
  return [
    ...every(2, 50, {
      program: 'postfix/cleanup',
      text: 'warning: tcp:localhost:10001 lookup error: Connection timed out',
    }),
    ...every(2, 50, {
      program: 'postfix/cleanup',
      text: 'warning: 4gBn5T1zHk: sender_canonical_maps map lookup problem for "news@example.net" -- message not accepted, try again later',
    }),
    ...every(4, 50, {
      program: 'postfix/smtpd',
      text: 'proxy-reject: END-OF-MESSAGE: 451 4.3.0 Error: queue file write error; from=<news@example.net> to=<bob@sandbox.test> proto=ESMTP helo=<mx1.example.net>',
    }),
  ];
}

function refusing(): readonly MailLine[] {
  return every(6, 40, {
    program: 'postfix/smtp',
    text: '4gBn5T9zHk: to=<friend@example.com>, relay=smtp-relay.test[198.51.100.25]:587, delay=1.2, delays=0.1/0/1.1/0, dsn=4.7.8, status=deferred (SASL authentication failed; server smtp-relay.test[198.51.100.25] said: 535 5.7.8 Authentication failed)',
  });
}
