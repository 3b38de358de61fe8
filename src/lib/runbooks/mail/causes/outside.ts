import type { Cause, Remedy } from '../../../diagnosis/cause.ts';
import type { Judgements } from '../../../diagnosis/runbook.ts';
import { BEHIND_HAPROXY, NOT_ARRIVING } from './effects.ts';
import { inCode, look, verify, where } from './where.ts';

/** One dead bind is repaired by all of them being dropped: it comes last, and says so. */
function restartHaproxy(judged: Judgements | undefined): Remedy {
  return {
    phase: 'now',
    text: 'last of all, restart HAProxy',
    command: where(judged).onBalancer('pfSsh.php playback svc restart haproxy'),
    risk: 'destroy',
    destroys: 'all mail connections and :443, every web site behind it, for seconds',
  };
}

export const HAPROXY_BACKEND_DOWN: Cause = {
  code: 'mail.haproxy.backend-down',
  layer: 'haproxy',
  title: 'HAProxy holds every server of a backend to be down, and they answer',
  explains: ['balancer.backend-down', 'haproxy.no-answer', ...BEHIND_HAPROXY],
  remedies(judged) {
    const { onBalancer } = where(judged);
    return [
      look(
        'srv_admin_state: 1 and 4 are maintenance, by hand or by configuration',
        onBalancer('echo "show servers state" | socat /tmp/haproxy.socket stdio'),
      ),
      look('the health ports that it checks, on every node', 'infra mail check-ports --deep --hop node-health'),
      {
        phase: 'now',
        text: 'where a server is in maintenance and should not be',
        command: onBalancer('echo "set server <backend>/<server> state ready" | socat /tmp/haproxy.socket stdio'),
        risk: 'write',
      },
      verify('haproxy'),
      inCode('the check port of each server line belongs to the stock listener, never to a PROXY one', 'backend-down'),
    ];
  },
};

export const HAPROXY_DOWN: Cause = {
  code: 'mail.haproxy.down',
  layer: 'haproxy',
  title: 'HAProxy does not take connections for a mail port, or does not pass them on',
  explains: ['haproxy.unreachable', 'haproxy.no-answer', ...BEHIND_HAPROXY],
  remedies(judged) {
    const { onBalancer } = where(judged);
    return [
      look('which ports it holds: a single one can be missing', onBalancer('sockstat -l | grep haproxy')),
      look(
        'who else holds the port, and what HAProxy said when it could not',
        onBalancer('sockstat -l; tail -50 /var/log/haproxy.log'),
      ),
      look(
        'whether its configuration is valid, and has send-proxy-v2',
        onBalancer('haproxy -c -f /var/etc/haproxy/haproxy.cfg'),
      ),
      restartHaproxy(judged),
      verify('haproxy'),
      inCode(
        'the frontends of mail belong to the script that builds them, so that they survive a restart',
        'haproxy-down',
      ),
    ];
  },
};

export const PROXY_NOT_SENT: Cause = {
  code: 'mail.proxy.not-sent',
  layer: 'haproxy',
  title: 'HAProxy gives connections on without a PROXY header, and the listener behind it waits for one',
  // A listener that speaks TLS from its first byte says nothing of a header: it looks as if HAProxy did not pass it on.
  explains: ['haproxy.no-answer', 'mail.haproxy.down', 'server.proxy-header-missing', ...BEHIND_HAPROXY],
  remedies(judged) {
    const { onBalancer } = where(judged);
    return [
      look(
        'every server line of mail needs send-proxy-v2',
        onBalancer('grep -n "server .*send-proxy" /var/etc/haproxy/haproxy.cfg'),
      ),
      {
        phase: 'now',
        text: 'add send-proxy-v2 to the servers, in HAProxy’s own pages; applying reloads it without dropping connections',
        risk: 'write',
      },
      verify('haproxy'),
      inCode('send-proxy-v2 belongs to the script that builds HAProxy’s backends', 'not-sent'),
    ];
  },
};

export const NAT: Cause = {
  code: 'mail.nat',
  layer: 'nat',
  title: 'the firewall does not send what comes from the Internet to the balancer',
  explains: [
    'nat.missing',
    'nat.target',
    'public4.unreachable',
    'public4.no-answer',
    'public4.certificate',
    ...NOT_ARRIVING,
  ],
  remedies(judged) {
    const { onFirewall } = where(judged);
    return [
      look('the rules', onFirewall('pfctl -sn | grep rdr')),
      look(
        'whether a filter rule lets them pass',
        onFirewall('pfctl -sr | grep -E "smtp|submission|imaps|= 25|= 465|= 587|= 993"'),
      ),
      {
        phase: 'now',
        text: 'point the redirections of 25, 465, 587 and 993 to the balancer, in the firewall’s own pages',
        risk: 'write',
      },
      verify('nat,public'),
      inCode('the script that sets the redirections names the balancer’s address', 'nat'),
    ];
  },
};

export const PUBLIC_IPV4: Cause = {
  code: 'mail.public.ipv4',
  layer: 'public',
  title: 'everything inside works, and the Internet does not get in over IPv4',
  explains: ['public4.unreachable', 'public4.no-answer', ...NOT_ARRIVING],
  remedies(judged) {
    const { onFirewall } = where(judged);
    return [
      look(
        'does anything arrive at the WAN interface while somebody outside connects?',
        onFirewall('tcpdump -ni <wan> -c 5 tcp dst port 25 or 465 or 587 or 993'),
      ),
      look('whether a filter rule drops it', onFirewall('pfctl -sr')),
      look('from another place', 'infra mail check-ports --from <host outside> --hop public-ipv4'),
      {
        phase: 'now',
        text: 'nothing arrives: ask the provider; it arrives: the firewall’s rules of the WAN interface',
        risk: 'read',
      },
      verify('public'),
    ];
  },
};

export const PUBLIC_IPV6: Cause = {
  code: 'mail.public.ipv6',
  layer: 'public',
  title: 'everything inside works, and the Internet does not get in over IPv6',
  explains: ['public6.unreachable', 'public6.no-answer'],
  remedies(judged) {
    const { onBalancer, domain } = where(judged);
    return [
      look(
        'does anybody hold the IPv6 address? One port that cannot be bound keeps all of them away',
        onBalancer('sockstat -6 -l'),
      ),
      look('is the address still there, and its way out?', onBalancer('ifconfig; netstat -rn -f inet6')),
      {
        phase: 'now',
        text: `if it lasts: take the AAAA record of the mail server of ${domain} away, senders then use IPv4 at once`,
        risk: 'write',
      },
      verify('public'),
      inCode('the service that listens on IPv6 has to wait for the address at boot', 'public-ipv6'),
    ];
  },
};

export const SECOND_MX: Cause = {
  code: 'mail.second-mx',
  layer: 'public',
  title: 'the second MX does not take mail: nobody would keep it while the first is away',
  explains: ['second-mx.unreachable', 'second-mx.no-answer'],
  remedies(judged) {
    const { domain } = where(judged);
    return [
      look('where it should be', `dig +short MX ${domain}`),
      look('from another place', 'infra mail check-ports --from <host outside> --hop second-mx'),
      verify('public'),
    ];
  },
};

export const ROUNDTRIP_STALE: Cause = {
  code: 'mail.roundtrip.stale',
  layer: 'roundtrip',
  title: 'mail from outside does not come round',
  explains: ['roundtrip.stale', 'roundtrip.never'],
  remedies(judged) {
    const { inPod, logs, namespace } = where(judged);
    return [
      look(
        'what the monitor said: ERROR is the relay’s API, IMAP its own login, FAILED the way of the mail',
        `kubectl -n ${namespace} logs -l job-name --tail=50 --prefix`,
      ),
      look('where its last mail is', 'infra mail trace --last'),
      look('what was refused', `${logs} | grep -E 'reject|milter-hold|quarantine'`),
      look('the queue', inPod('postqueue -p')),
      {
        phase: 'now',
        text: 'send one now, and see which half fails',
        command: 'infra mail roundtrip --send',
        risk: 'write',
      },
      verify('roundtrip'),
    ];
  },
  alerts: [
    {
      alert: 'EmailRoundtripStale',
      expr: 'time() - email_roundtrip_last_success_timestamp > 3600',
      for: '20m',
      severity: 'warning',
      summary: 'no mail has come round for an hour',
    },
  ],
};
