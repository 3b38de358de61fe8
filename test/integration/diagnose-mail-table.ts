/** What a diagnosis of mail has to say of a world, whatever the seed. */
export type Expected = {
  readonly world: string;
  readonly status: 'ok' | 'warn' | 'fail' | 'unknown';
  /** The root cause, confirmed; absent: none may be named. */
  readonly cause?: string;
  /** Layers that have to be cleared, and may not be. */
  readonly cleared?: readonly string[];
  readonly notCleared?: string;
  /** Questions without an answer: every one of them, and why. */
  readonly unknown?: Readonly<Record<string, string>>;
};

const broken = (world: string, cause: string, more: Partial<Expected> = {}): Expected => ({
  ...{ world, cause, status: 'fail' },
  ...more,
});
const inside = ['pod', 'service', 'node'];

/** Every world of mail. */
export const TABLE: readonly Expected[] = [
  { world: 'healthy', status: 'ok' },
  { world: 'mail-port-25-blocked', status: 'ok' },
  broken('mail-smtps-refused', 'mail.haproxy.down', { cleared: [...inside, 'nat'], notCleared: 'haproxy' }),
  broken('mail-outside-only', 'mail.postfix.overlay-not-applied', { cleared: ['service', 'nat'], notCleared: 'pod' }),
  broken('mail-smtp-gone', 'mail.listener.missing', { cleared: ['nat'], notCleared: 'pod' }),
  broken('mail-submission-odd', 'mail.proxy.not-accepted', { cleared: ['pod', 'service', 'nat'], notCleared: 'node' }),
  broken('mail-unready', 'mail.service.no-endpoints', { cleared: ['pod', 'nat'], notCleared: 'service' }),
  broken('mail-submission-closed', 'mail.node.port', { cleared: ['pod', 'service', 'nat'], notCleared: 'node' }),
  broken('mail-nat-old-target', 'mail.nat', {
    ...{ cleared: [...inside, 'haproxy'], notCleared: 'nat' },
    unknown: { 'mail.outside.ipv4': 'no-hairpin' },
  }),
  broken('mail-ipv6-dark', 'mail.public.ipv6', { cleared: [...inside, 'haproxy', 'nat', 'public'] }),
  broken('mail-certificate', 'mail.certificate', { cleared: ['pod', 'service', 'nat'] }),
  broken('mail-auth-in-the-clear', 'mail.auth-before-tls', { cleared: ['pod', 'service', 'nat'] }),
  broken('mail-not-arriving', 'mail.roundtrip.stale', { cleared: [...inside, 'haproxy', 'nat'] }),
  {
    ...{ world: 'mail-busy', status: 'unknown' },
    unknown: Object.fromEntries(
      ['node.health', 'node.with-proxy', 'haproxy.ports', 'outside.ipv4', 'outside.ipv6'].map((id) => [
        `mail.${id}`,
        'rate-limited',
      ]),
    ),
  },
  {
    ...{ world: 'mail-no-ssh', status: 'unknown' },
    unknown: { 'mail.haproxy.pool': 'forbidden', 'mail.nat.rules': 'forbidden' },
  },
  broken('mail-dns-nowhere', 'mail.dns.mx', { cleared: [...inside, 'haproxy', 'nat'] }),
  broken('mail-dns-forged', 'mail.dns.spf'),
  broken('mail-dns-old-key', 'mail.dns.dkim', { status: 'warn' }),
  broken('mail-dns-own-mail-quarantined', 'mail.dns.internal'),
  { world: 'mail-dns-provider-name', status: 'ok' },
  broken('mail-dns-provider-name-unknown', 'mail.dns.ptr', { status: 'warn' }),
  broken('mail-dns-policy', 'mail.dns.mta-sts', { status: 'warn' }),
  { world: 'mail-dns-just-changed', status: 'warn' },
  {
    ...{ world: 'mail-dns-inside-silent', status: 'unknown' },
    unknown: Object.fromEntries(
      ['mx', 'address', 'spf', 'dkim', 'dmarc', 'mta-sts', 'block-list'].map((thing) => [
        `mail.records.${thing}`,
        'timeout',
      ]),
    ),
  },
  {
    ...{ world: 'mail-dns-list-refuses', status: 'unknown' },
    unknown: { 'mail.records.block-list': 'refused' },
  },
  broken('mail-dns-rejected', 'mail.dns.block-list'),
  broken('mail-pool-forgotten', 'mail.haproxy.backend-down', { cleared: inside, notCleared: 'haproxy' }),
  broken('mail-provider-blocks', 'mail.public.ipv4', { cleared: [...inside, 'haproxy', 'nat'], notCleared: 'public' }),
  broken('mail-half-of-them', 'mail.proxy.local-frames', { cleared: ['pod', 'service', 'nat'], notCleared: 'node' }),
  broken('mail-waits-and-hangs-up', 'mail.proxy.not-sent', { cleared: [...inside, 'nat'], notCleared: 'haproxy' }),
  broken('mail-inside-cut-off', 'mail.listener.broken', { cleared: ['pod', 'service', 'nat'], notCleared: 'node' }),
  broken('mail-come-back-later', 'mail.postsrsd', { cleared: [...inside, 'haproxy', 'nat'] }),
  broken('mail-everybody-is-us', 'mail.proxy.client-address-lost', { cleared: inside }),
  broken('mail-nothing-leaves', 'mail.relay.credentials', { cleared: [...inside, 'haproxy', 'nat'] }),
  broken('mail-no-login', 'mail.relay.credentials', { cleared: [...inside, 'haproxy', 'nat'] }),
  broken('mail-relay-banned', 'mail.banned', { cleared: [...inside, 'haproxy', 'public'] }),
  broken('mail-queue-local', 'mail.queue.stuck'),
  broken('mail-queue-relay', 'mail.relay.credentials'),
  broken('mail-queue-second-mx', 'mail.queue.stuck'),
  broken('mail-queue-postfix-down', 'mail.queue.stuck'),
  { world: 'mail-queue-slow-receivers', status: 'warn' },
  { world: 'mail-queue-held', status: 'warn' },
  { world: 'mail-queue-garbled', status: 'unknown', unknown: { 'mail.queue.here': 'malformed' } },
  { world: 'mail-queue-second-mx-shut', status: 'unknown', unknown: { 'mail.queue.second-mx': 'forbidden' } },
  broken('mail-round-not-arriving', 'mail.roundtrip.stale'),
  {
    ...{ world: 'exec-forbidden', status: 'unknown' },
    unknown: Object.fromEntries(
      ['roundtrip.last', 'pod.listeners', 'outside.bans', 'queue.here', 'relay.settings'].map((id) => [
        `mail.${id}`,
        'forbidden',
      ]),
    ),
  },
  {
    ...{ world: 'logs-forbidden', status: 'unknown' },
    unknown: {
      'mail.roundtrip.last': 'forbidden',
      'mail.server.logs': 'forbidden',
      'mail.server.clients': 'blocked',
    },
  },
];
