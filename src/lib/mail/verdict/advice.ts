import type { Site } from '../../site/site.ts';
import type { Hop, Row } from '../hops.ts';

/** Something to type or do next. `risk` as in operations; `costs`: what it interrupts. */
export type Advice = {
  readonly text: string;
  readonly command?: string;
  readonly risk: 'read' | 'write' | 'destroy';
  readonly costs?: string;
};

/** What a broken hop means, and what to do: looking first, the least intrusive remedy next. */
export type Explanation = { readonly code: string; readonly means: string; readonly next: readonly Advice[] };

/** Explains the first broken hop of a port. Commands are for this site. */
export function explain(row: Row, site: Site): Explanation {
  if (row.phase === 'certificate') return certificate(row);
  if (row.reason === 'auth-before-tls') return authBeforeTls(site);
  return BY_HOP[row.hop](row, site);
}

const read = (text: string, command: string): Advice => ({ text, command, risk: 'read' });

function logs(site: Site): Advice {
  const { namespace, pod } = site.mail;
  const command = `kubectl -n ${namespace.value} logs -l ${pod.selector.value} -c ${pod.container.value} --tail=-1 --since=15m`;
  return read('what the mail server says', command);
}

function inPod(site: Site, ...words: readonly string[]): string {
  const { namespace, service, pod } = site.mail;
  return `kubectl -n ${namespace.value} exec deploy/${service.value} -c ${pod.container.value} -- ${words.join(' ')}`;
}

function onHost(host: string | undefined, command: string): string {
  return host === undefined ? command : `ssh ${host} '${command}'`;
}

const SOCKSTAT = 'sockstat -l | grep haproxy';
const SERVERS = 'grep "server " /var/etc/haproxy/haproxy.cfg';

function balancerRestart(site: Site): Advice {
  return {
    text: 'last of all, restart HAProxy',
    command: onHost(site.mail.ssh.haproxy.value, 'pfSsh.php playback svc restart haproxy'),
    risk: 'write',
    costs: 'drops all mail connections and :443 for seconds',
  };
}

function nodePort(row: Row, site: Site): Explanation {
  return {
    code: 'mail.node.port',
    means: 'the pod listens, but the node does not lead to it: kube-proxy, the Service or the network of that node',
    next: [
      read('the same on every node', `infra mail check-ports --deep --hop node-health --port ${row.protocol}`),
      read('the NodePort Service', `kubectl -n ${site.mail.namespace.value} get svc,endpointslices`),
    ],
  };
}

/** It is reached, and does not behave. */
function listener(row: Row, site: Site): Explanation {
  return {
    code: 'mail.listener.broken',
    means:
      row.reason === 'proxy-expected'
        ? 'the stock listener waits for a PROXY header, which belongs to the other one: mail inside the cluster is cut off'
        : 'the listener is reached, but is not as it should be: a setting of Postfix, or Dovecot, which it asks for passwords',
    next: [logs(site), read('the settings of its listeners', inPod(site, 'postconf', '-P'))],
  };
}

const BY_HOP: Readonly<Record<Hop, (row: Row, site: Site) => Explanation>> = {
  pod: (_, site) => ({
    code: 'mail.listener.missing',
    means: 'Postfix or Dovecot does not listen there: the mail server itself is broken',
    next: [read('what listens', inPod(site, 'ss', '-ltn')), logs(site)],
  }),
  'pod-proxy': (_, site) => ({
    code: 'mail.postfix.overlay-not-applied',
    means: 'the listener that expects PROXY was not added when the pod started; mail inside the cluster still works',
    next: [read('are its listeners there?', inPod(site, 'postconf', '-M')), logs(site)],
  }),
  service: (row, site) => ({
    code: 'mail.service.no-endpoints',
    means:
      row.reason === 'no-endpoints'
        ? 'no mail server pod is ready, so nobody is sent any traffic'
        : 'the Service does not lead to the mail server',
    next: [
      read('pods and why they are not ready', `kubectl -n ${site.mail.namespace.value} get pods -o wide`),
      read(
        'what the Service selects',
        `kubectl -n ${site.mail.namespace.value} get svc ${site.mail.service.value} -o yaml`,
      ),
    ],
  }),
  'node-health': (row, site) =>
    row.phase === undefined || row.phase === 'connect' ? nodePort(row, site) : listener(row, site),
  'node-proxy': (row, site) =>
    row.phase === 'connect'
      ? nodePort(row, site)
      : {
          code: 'mail.proxy.not-accepted',
          means:
            'the PROXY listener is reached, but does not take the PROXY header and answer: everybody outside is cut off',
          next: [
            read('the same on every node', `infra mail check-ports --deep --hop node-proxy --port ${row.protocol}`),
            logs(site),
          ],
        },
  'haproxy-state': (_, site) => ({
    code: 'mail.haproxy.backend-down',
    means: 'HAProxy takes connections and has nobody to give them to: its health checks fail, or it was told so',
    next: [
      read(
        'state of every server',
        onHost(site.mail.ssh.haproxy.value, `echo "show servers state" | socat ${site.mail.haproxySocket.value} stdio`),
      ),
      read('the health ports it checks', 'infra mail check-ports --deep --hop node-health'),
    ],
  }),
  haproxy: (row, site) =>
    row.reason === 'proxy-expected'
      ? {
          code: 'mail.proxy.not-sent',
          means: 'HAProxy gives the connection on without a PROXY header, and the listener behind it waits for one',
          next: [read('its servers need send-proxy-v2', onHost(site.mail.ssh.haproxy.value, SERVERS)), logs(site)],
        }
      : {
          code: 'mail.haproxy.down',
          means:
            row.reason === 'refused'
              ? 'HAProxy does not listen there'
              : 'HAProxy takes the connection, and the mail server is not behind it',
          next: [read('what HAProxy listens on', onHost(site.mail.ssh.haproxy.value, SOCKSTAT)), balancerRestart(site)],
        },
  nat: (_, site) => ({
    code: 'mail.nat',
    means: 'the firewall does not send what comes from the Internet to the balancer',
    next: [read('the rules', onHost(site.mail.ssh.nat.value, 'pfctl -sn | grep rdr'))],
  }),
  'public-ipv4': (_, site) => ({
    code: 'mail.public.ipv4',
    means: 'everything inside works, and the Internet does not get in: the WAN, its firewall or the provider',
    next: [read('the rules', onHost(site.mail.ssh.nat.value, 'pfctl -sn | grep rdr'))],
  }),
  'public-ipv6': (_, site) => ({
    code: 'mail.public.ipv6',
    means: 'the way in over IPv6 is broken; senders fall back to IPv4',
    next: [read('does HAProxy hold the IPv6 address?', onHost(site.mail.ssh.haproxy.value, 'sockstat -6 -l'))],
  }),
  'second-mx': (_, site) => ({
    code: 'mail.second-mx',
    means: 'mail still comes in directly; should that fail, nobody keeps it',
    next: [
      read('where it should be', `dig MX ${(site.mail.hostname.value ?? '').replace(/^[^.]+\./, '')} +short @1.1.1.1`),
    ],
  }),
  roundtrip: (row, site) => ({
    code: 'mail.roundtrip.stale',
    means:
      row.reason === 'failed' || row.reason === 'stale'
        ? 'every port may answer and mail still does not arrive: DNS, the queue, the spam filter or a ban'
        : 'nobody has proved yet that mail arrives',
    next: [
      read('its jobs', `kubectl -n ${site.mail.namespace.value} get cronjob,jobs`),
      read('the queue', inPod(site, 'postqueue', '-p')),
    ],
  }),
};

function certificate(row: Row): Explanation {
  return {
    code: 'mail.certificate',
    means: 'the port works, and every client that checks certificates refuses it',
    next: [
      read(
        'the certificate on the wire',
        row.protocol === 'smtp' || row.protocol === 'submission'
          ? `openssl s_client -starttls smtp -connect ${row.endpoint} </dev/null | openssl x509 -noout -subject -enddate -ext subjectAltName`
          : `openssl s_client -connect ${row.endpoint} </dev/null | openssl x509 -noout -subject -enddate -ext subjectAltName`,
      ),
    ],
  };
}

function authBeforeTls(site: Site): Explanation {
  return {
    code: 'mail.auth-before-tls',
    means: 'a client that does not insist on TLS sends its password in the clear',
    next: [read('it must be yes', inPod(site, 'postconf', 'smtpd_tls_auth_only'))],
  };
}
