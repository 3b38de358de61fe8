/** What can break on the way in: each breaks one component of a healthy world, and says what infra has to find. */
import type { MailProtocol } from '../../../../src/lib/site/site.ts';
import { type Certificate, copyCertificate } from './certificates.ts';
import type { MailWorld } from './world.ts';

export interface Breakage {
  name: string;
  apply(mail: MailWorld): Promise<unknown>;
  /** Puts right what was broken. */
  mend?(mail: MailWorld): Promise<unknown>;
  args?: readonly string[];
  settings?(mail: MailWorld): Record<string, unknown>;
  breaks: readonly { code: string; hop: string; protocols: readonly string[]; reason: string }[];
  status?: number;
  /** Why some rows could not be told; default: all were. */
  untold?: readonly string[];
}

const ALL = ['smtp', 'smtps', 'submission', 'imaps'] as const;

const mendPostfix = async (mail: MailWorld): Promise<void> => {
  await mail.postfix.restart();
  await mail.settle();
};
/** A pod has both: a Postfix whose Dovecot has gone holds back its listeners for a minute, even when that is back. */
const dovecot = async (mail: MailWorld, changes: Parameters<MailWorld['dovecot']['restart']>[0]): Promise<void> => {
  await mail.dovecot.restart(changes);
  await mendPostfix(mail);
};
const mendDovecot = (mail: MailWorld): Promise<void> => dovecot(mail, {});
const mendBalancer = (mail: MailWorld): Promise<void> => mail.balancer.restart();
const mendFirewall = (mail: MailWorld): Promise<void> => mail.firewall.restore();

const postfix = async (mail: MailWorld, changes: Parameters<MailWorld['postfix']['restart']>[0]): Promise<void> => {
  await mail.postfix.restart(changes);
  await mail.settle();
};

/** They read it when they start. */
async function showCertificate(
  { shown }: MailWorld,
  certificate: Certificate,
  ...servers: readonly ('postfix' | 'dovecot')[]
): Promise<void> {
  for (const server of servers) await copyCertificate(certificate, shown[server]);
}

/** Node ports of one kind on these nodes lead nowhere, as where kube-proxy does not run. */
export async function kill(
  mail: MailWorld,
  kind: 'nodePort' | 'healthPort',
  protocols: readonly MailProtocol[],
  node = '',
): Promise<void> {
  for (const [name, door] of mail.nodePorts)
    if (protocols.some((each) => name.startsWith(`${each} ${kind} ${node}`))) await door.lead(undefined);
}

/** Leads all of them where they belong. */
export async function revive({ nodePorts, addresses, settle }: MailWorld): Promise<void> {
  for (const [name, door] of nodePorts) {
    const [protocol = '', kind] = name.split(' ');
    const { port, proxy } = addresses.ports[protocol as MailProtocol];
    await door.lead({ address: addresses.pod, port: kind === 'nodePort' ? proxy : port });
  }
  await settle();
}

export const BREAKAGES: readonly Breakage[] = [
  {
    name: 'Postfix without its submission listener',
    apply: (mail) => postfix(mail, { listeners: { submission: undefined } }),
    mend: mendPostfix,
    breaks: [{ code: 'mail.listener.missing', hop: 'pod', protocols: ['submission'], reason: 'not-listening' }],
  },
  {
    name: 'Postfix without the PROXY listeners that are added when the pod starts',
    apply: (mail) =>
      postfix(mail, { listeners: { proxySmtp: undefined, proxySmtps: undefined, proxySubmission: undefined } }),
    mend: mendPostfix,
    breaks: [
      {
        ...{ code: 'mail.postfix.overlay-not-applied', hop: 'pod-proxy', reason: 'not-listening' },
        protocols: ['smtp', 'smtps', 'submission'],
      },
    ],
  },
  {
    name: 'Dovecot stopped',
    apply: async (mail) => {
      await mail.dovecot.stop();
      await mail.settle();
    },
    mend: mendDovecot,
    // Postfix asks it for passwords, and hangs up where somebody could sign in at once.
    breaks: [
      { code: 'mail.listener.missing', hop: 'pod', protocols: ['imaps'], reason: 'not-listening' },
      { code: 'mail.listener.broken', hop: 'node-health', protocols: ['smtps'], reason: 'closed' },
    ],
  },
  {
    name: 'Dovecot without its PROXY listener',
    apply: (mail) => dovecot(mail, { proxy: 'absent' }),
    mend: mendDovecot,
    breaks: [
      { code: 'mail.postfix.overlay-not-applied', hop: 'pod-proxy', protocols: ['imaps'], reason: 'not-listening' },
    ],
  },
  {
    name: 'a Service without a ready endpoint',
    apply: (mail) => mail.cluster.setReady(false),
    mend: (mail) => mail.cluster.setReady(true),
    breaks: [{ code: 'mail.service.no-endpoints', hop: 'service', protocols: ALL, reason: 'no-endpoints' }],
  },
  {
    name: 'dead health ports of the nodes',
    apply: (mail) => kill(mail, 'healthPort', ['smtps']),
    mend: revive,
    breaks: [{ code: 'mail.node.port', hop: 'node-health', protocols: ['smtps'], reason: 'refused' }],
  },
  {
    name: 'dead node ports',
    apply: (mail) => kill(mail, 'nodePort', ['submission']),
    mend: revive,
    breaks: [{ code: 'mail.node.port', hop: 'node-proxy', protocols: ['submission'], reason: 'refused' }],
  },
  {
    name: 'PROXY listeners that do not know PROXY',
    apply: async (mail) => {
      const plain = { smtpd_upstream_proxy_protocol: '', postscreen_upstream_proxy_protocol: '' };
      const wrapped = { smtpd_tls_wrappermode: 'yes' };
      await mail.dovecot.restart({ proxy: 'ignored' });
      await postfix(mail, {
        listeners: {
          proxySmtp: { settings: plain },
          proxySmtps: { settings: { ...plain, ...wrapped } },
          proxySubmission: { settings: plain },
        },
      });
    },
    mend: mendDovecot,
    breaks: [{ code: 'mail.proxy.not-accepted', hop: 'node-proxy', protocols: ALL, reason: 'proxy-refused' }],
  },
  {
    name: 'stock listeners that expect PROXY',
    apply: (mail) =>
      postfix(mail, {
        listeners: {
          smtp: { settings: { postscreen_upstream_proxy_protocol: 'haproxy' } },
          submission: { settings: { smtpd_upstream_proxy_protocol: 'haproxy' } },
        },
      }),
    mend: mendPostfix,
    breaks: [
      {
        ...{ code: 'mail.listener.broken', hop: 'node-health', reason: 'proxy-expected' },
        protocols: ['smtp', 'submission'],
      },
    ],
  },
  {
    name: 'HAProxy without a server for one port',
    apply: async (mail) => {
      for (const { name } of mail.addresses.nodes)
        await mail.balancer.tell(`disable server mailserver_nodes_smtps/${name}`);
    },
    mend: mendBalancer,
    breaks: [{ code: 'mail.haproxy.backend-down', hop: 'haproxy-state', protocols: ['smtps'], reason: 'backend-down' }],
  },
  {
    name: 'HAProxy stopped',
    apply: (mail) => mail.balancer.stop(),
    mend: mendBalancer,
    breaks: [{ code: 'mail.haproxy.down', hop: 'haproxy', protocols: ALL, reason: 'refused' }],
    untold: ['unreachable'],
  },
  {
    name: 'HAProxy that sends no PROXY header',
    apply: (mail) => mail.balancer.restart({ withoutHeader: ALL }),
    mend: mendBalancer,
    breaks: [
      { code: 'mail.proxy.not-sent', hop: 'haproxy', protocols: ['smtp', 'submission'], reason: 'proxy-expected' },
      { code: 'mail.haproxy.down', hop: 'haproxy', protocols: ['smtps'], reason: 'tls' },
      { code: 'mail.haproxy.down', hop: 'haproxy', protocols: ['imaps'], reason: 'closed' },
    ],
  },
  {
    name: 'a NAT rule to the target of before',
    apply: (mail) => mail.firewall.lead(['smtp'], mail.addresses.former),
    mend: mendFirewall,
    breaks: [{ code: 'mail.nat', hop: 'nat', protocols: ['smtp'], reason: 'nat-target' }],
  },
  {
    name: 'no NAT rule',
    apply: (mail) => mail.firewall.lead(['imaps', 'smtp'], undefined),
    mend: mendFirewall,
    breaks: [{ code: 'mail.nat', hop: 'nat', protocols: ['smtp', 'imaps'], reason: 'nat-missing' }],
  },
  {
    name: 'a public IPv4 address that nobody answers at, asked by another host',
    apply: (mail) => mail.firewall.unplug(),
    mend: mendFirewall,
    args: ['--from', 'balancer', '--hop', 'public-ipv4', '--hop', 'second-mx'],
    breaks: [{ code: 'mail.public.ipv4', hop: 'public-ipv4', protocols: ALL, reason: 'refused' }],
  },
  {
    name: 'a public IPv4 address that nobody answers at, asked from inside',
    apply: (mail) => mail.firewall.unplug(),
    mend: mendFirewall,
    breaks: [],
    status: 3,
    untold: ['no-hairpin'],
  },
  {
    name: 'HAProxy without the IPv6 address',
    apply: (mail) => mail.balancer.restart({ ipv6: false }),
    mend: mendBalancer,
    breaks: [{ code: 'mail.public.ipv6', hop: 'public-ipv6', protocols: ALL, reason: 'refused' }],
  },
  {
    name: 'a certificate that has expired',
    apply: async (mail) => {
      await showCertificate(mail, mail.certificates.expired, 'postfix', 'dovecot');
      await mendDovecot(mail);
    },
    breaks: [{ code: 'mail.certificate', hop: 'node-health', protocols: ALL, reason: 'certificate-expired' }],
  },
  {
    name: 'a certificate for another name, at one of two servers',
    apply: async (mail) => {
      await showCertificate(mail, mail.certificates.good, 'postfix');
      await showCertificate(mail, mail.certificates.otherName, 'dovecot');
      await mendDovecot(mail);
    },
    mend: async (mail) => {
      await showCertificate(mail, mail.certificates.good, 'dovecot');
      await mendDovecot(mail);
    },
    breaks: [{ code: 'mail.certificate', hop: 'node-proxy', protocols: ['imaps'], reason: 'certificate-name' }],
  },
  {
    name: 'AUTH before TLS',
    apply: (mail) =>
      postfix(mail, {
        main: { smtpd_tls_auth_only: 'no' },
        listeners: { submission: { settings: { smtpd_tls_security_level: 'may', smtpd_sasl_auth_enable: 'yes' } } },
      }),
    mend: mendPostfix,
    breaks: [
      { code: 'mail.auth-before-tls', hop: 'node-health', protocols: ['submission'], reason: 'auth-before-tls' },
    ],
  },
  {
    name: 'no STARTTLS',
    apply: (mail) => postfix(mail, { main: { smtpd_tls_security_level: 'none' } }),
    mend: mendPostfix,
    breaks: [{ code: 'mail.listener.broken', hop: 'node-health', protocols: ['smtp'], reason: 'starttls-missing' }],
  },
  {
    name: 'a client that has come too often',
    apply: (mail) => postfix(mail, { main: { smtpd_client_connection_rate_limit: '1' } }),
    mend: mendPostfix,
    args: ['--port', 'submission'],
    breaks: [],
    status: 3,
    untold: ['rate-limited'],
  },
  {
    name: 'no second MX, asked from a host that gets out on port 25',
    apply: (mail) => postfix(mail, { listeners: { secondMx: undefined } }),
    mend: mendPostfix,
    args: ['--from', 'balancer', '--hop', 'public-ipv4', '--hop', 'second-mx'],
    breaks: [{ code: 'mail.second-mx', hop: 'second-mx', protocols: ['smtp'], reason: 'refused' }],
  },
  {
    name: 'no mail for an hour',
    apply: (mail) => mail.cluster.setRoundtrip(new Date(Date.now() - 3_600_000)),
    mend: (mail) => mail.cluster.setRoundtrip(new Date()),
    breaks: [{ code: 'mail.roundtrip.stale', hop: 'roundtrip', protocols: ['smtp'], reason: 'stale' }],
  },
  {
    name: 'a balancer with a host key that nobody knows, and a firewall that accepts no key',
    apply: () => Promise.resolve(),
    settings: () => ({ ssh: { haproxy: 'stranger', nat: 'nobody' } }),
    breaks: [],
    status: 3,
    untold: ['host-key', 'forbidden'],
  },
];
