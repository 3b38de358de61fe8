import type { Cause } from '../../../diagnosis/cause.ts';
import { BEHIND_NODES, BEHIND_SERVER } from './effects.ts';
import { inCode, look, verify, where } from './where.ts';

export const LISTENER_MISSING: Cause = {
  code: 'mail.listener.missing',
  layer: 'pod',
  title: 'Postfix or Dovecot does not listen',
  explains: [
    'pod.not-listening',
    'pod.proxy-not-listening',
    'pod.not-ready',
    'server.no-mailboxes',
    'queue.local-delivery',
    'queue.postfix-down',
    'mail.queue.stuck',
    'service.not-leading',
    'mail.service.no-endpoints',
    // Dovecot down: Postfix hangs up where it would ask it for passwords.
    'mail.listener.broken',
    'mail.proxy.not-accepted',
    ...BEHIND_SERVER,
  ],
  remedies(judged) {
    const { inPod, logs, namespace, service } = where(judged);
    return [
      look('what listens, and which service should', inPod('ss -ltnp')),
      look('are both running?', inPod('supervisorctl status')),
      look('why one of them does not start', `${logs} | grep -E 'fatal|panic|Fatal'`),
      {
        phase: 'now',
        text: 'when its log says nothing else: start the pod anew',
        command: `kubectl -n ${namespace} rollout restart deployment ${service}`,
        risk: 'destroy',
        destroys: 'every mail connection for a minute, and what the log of the old pod would have told',
      },
      verify('pod'),
      inCode(
        'mend the configuration that keeps it from starting: for 10993 dovecot.cf, for the others postfix-main.cf and user-patches.sh',
        'listener-missing',
      ),
    ];
  },
  alerts: [
    {
      alert: 'MailServerDown',
      expr: 'kube_deployment_status_replicas_available{namespace="mailserver",deployment="mailserver"} == 0',
      for: '5m',
      severity: 'critical',
      summary: 'no mail server pod is available',
    },
  ],
};

export const OVERLAY_NOT_APPLIED: Cause = {
  code: 'mail.postfix.overlay-not-applied',
  layer: 'pod',
  title: 'the listeners that expect PROXY were not added when the pod started',
  explains: ['pod.proxy-not-listening', 'node-proxy.unreachable', 'node-proxy.no-answer', ...BEHIND_NODES],
  remedies(judged) {
    const { inPod, logs, namespace, service } = where(judged);
    return [
      look('whether master.cf has them', inPod('postconf -M')),
      look('why the script did not run', `${logs.replace('--since=15m', '--since=24h')} | grep -i user-patches`),
      {
        phase: 'now',
        text: 'start the pod anew: the script runs at its start',
        command: `kubectl -n ${namespace} rollout restart deployment ${service}`,
        risk: 'destroy',
        destroys: 'every mail connection for a minute',
      },
      verify('pod,node'),
      inCode('user-patches.sh has to be mounted, executable, and must not end early', 'overlay-not-applied'),
    ];
  },
};

export const SERVICE_NO_ENDPOINTS: Cause = {
  code: 'mail.service.no-endpoints',
  layer: 'service',
  title: 'the Service leads to no mail server that is ready',
  explains: ['service.not-leading', 'pod.not-ready', 'pod.missing', ...BEHIND_SERVER],
  remedies(judged) {
    const { logs, namespace, service } = where(judged);
    return [
      look('why the pod is not ready', `kubectl -n ${namespace} describe pods -l app=${service}`),
      look('whom the Service selects', `kubectl -n ${namespace} get svc ${service} -o yaml`),
      look('what the mail server says', logs),
      verify('pod,service'),
      inCode('selector and ports of the Service, and the readiness of the pod', 'no-endpoints'),
    ];
  },
  alerts: [
    {
      alert: 'MailServerNotReady',
      expr: 'kube_deployment_status_replicas_available{namespace="mailserver",deployment="mailserver"} == 0',
      for: '5m',
      severity: 'critical',
      summary: 'no mail server pod is ready',
    },
  ],
};

export const LISTENER_BROKEN: Cause = {
  code: 'mail.listener.broken',
  layer: 'server',
  title: 'a stock listener is reached and is not as it should be: a setting of Postfix, or Dovecot, which it asks',
  explains: [
    'node-health.no-answer',
    'service.no-answer',
    'node-proxy.no-answer',
    'mail.proxy.not-accepted',
    ...BEHIND_NODES,
  ],
  remedies(judged) {
    const { inPod, logs } = where(judged);
    return [
      look('what the mail server says', logs),
      look('its listeners’ options: a stock one must not expect PROXY', inPod('postconf -P')),
      look('does Dovecot run? Postfix asks it for passwords', inPod('supervisorctl status')),
      verify('server,node'),
      inCode('the options belong to the PROXY listeners alone, in user-patches.sh', 'listener-broken'),
    ];
  },
};

export const NODE_PORT: Cause = {
  code: 'mail.node.port',
  layer: 'node',
  title: 'a node does not lead to the mail server, which listens',
  explains: ['node-health.unreachable', 'node-proxy.unreachable', ...BEHIND_NODES],
  remedies(judged) {
    const { namespace } = where(judged);
    return [
      look('the same on every node', 'infra mail check-ports --deep --hop node-health --hop node-proxy'),
      look('the NodePort Service: its ports, its target ports', `kubectl -n ${namespace} get svc -o wide`),
      look('kube-proxy on that node', 'kubectl -n kube-system get pods -l k8s-app=kube-proxy -o wide'),
      verify('node'),
      inCode('the ports of the NodePort Service are in the mail server’s stack', 'node-port'),
    ];
  },
};

export const PROXY_NOT_ACCEPTED: Cause = {
  code: 'mail.proxy.not-accepted',
  layer: 'node',
  title: 'a PROXY listener is reached and does not take the PROXY header: everybody outside is cut off',
  explains: ['node-proxy.no-answer', 'server.proxy-untrusted', 'server.proxy-header-missing', ...BEHIND_NODES],
  remedies(judged) {
    const { inPod, logs } = where(judged);
    return [
      look(
        'which options the listeners have: smtpd_upstream_proxy_protocol or postscreen_upstream_proxy_protocol',
        inPod('postconf -P'),
      ),
      look('for 10993: whose headers Dovecot takes', inPod('doveconf haproxy_trusted_networks')),
      look('what the mail server says', logs),
      verify('node'),
      inCode('the option belongs to the listener in user-patches.sh, for 10993 in dovecot.cf', 'not-accepted'),
    ];
  },
};
