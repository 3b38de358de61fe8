import type { Cause } from '../../../diagnosis/cause.ts';
import { BEHIND_NODES, NOT_ARRIVING } from './effects.ts';
import { inCode, look, verify, where } from './where.ts';

export const POSTSRSD: Cause = {
  code: 'mail.postsrsd',
  layer: 'server',
  title: 'postsrsd does not answer: Postfix tells every sender to come back later',
  explains: [
    'server.srs-unreachable',
    'queue.own-trouble',
    'second-queue.primary-refuses',
    'second-queue.waiting',
    ...NOT_ARRIVING,
  ],
  remedies(judged) {
    const { inPod, namespace, service } = where(judged);
    return [
      look('are 10001 and 10002 bound? supervisorctl says RUNNING all the same', inPod('ss -ltn')),
      look('is it on at all? It must be 0 here', inPod('printenv ENABLE_SRS')),
      {
        phase: 'now',
        text: 'start postsrsd anew',
        command: inPod('supervisorctl restart postsrsd'),
        risk: 'write',
      },
      {
        phase: 'now',
        text: 'where that does not help: the pod',
        command: `kubectl -n ${namespace} rollout restart deployment ${service}`,
        risk: 'destroy',
        destroys: 'every mail connection for a minute',
      },
      verify('server'),
      inCode('ENABLE_SRS = "0" in the mail server’s stack: version 1.10 spins without binding its ports', 'postsrsd'),
    ];
  },
};

export const LOCAL_FRAMES: Cause = {
  code: 'mail.proxy.local-frames',
  layer: 'server',
  title: 'health checks send PROXY frames without an address to a PROXY port: its smtpd dies again and again',
  explains: [
    'server.local-frames',
    'server.program-dies',
    'node-proxy.no-answer',
    'mail.proxy.not-accepted',
    ...BEHIND_NODES,
  ],
  remedies(judged) {
    const { logs, onBalancer } = where(judged);
    return [
      look('how often', `${logs} | grep -c 'Servname not supported'`),
      look(
        'which port each server line checks: it must be the health port',
        onBalancer('grep -n "check port\\|send-proxy" /var/etc/haproxy/haproxy.cfg'),
      ),
      {
        phase: 'now',
        text: 'set the check port of 465 and 587 to their health ports, in HAProxy’s own pages; applying reloads it without dropping connections',
        risk: 'write',
      },
      verify('server,node'),
      inCode(
        'the script that builds HAProxy’s backends names the health ports 30145 to 30147 as check ports',
        'local-frames',
      ),
    ];
  },
};

export const CLIENT_ADDRESS_LOST: Cause = {
  code: 'mail.proxy.client-address-lost',
  layer: 'haproxy',
  title: 'the mail server sees the balancer instead of the senders: block lists, SPF and bans judge ourselves',
  explains: ['server.addresses-lost', 'server.proxy-header-missing', 'ban.ours', 'mail.banned', ...NOT_ARRIVING],
  remedies(judged) {
    const { logs, onBalancer, onFirewall } = where(judged);
    return [
      look('whom the log names', `${logs} | grep -E 'proxy.*CONNECT from|client='`),
      look(
        'every server line of mail must have send-proxy-v2',
        onBalancer('grep -n "server .*:3012" /var/etc/haproxy/haproxy.cfg'),
      ),
      look(
        'the redirections must lead to the balancer, not to a node or an older load balancer',
        onFirewall('pfctl -sn | grep rdr'),
      ),
      look('has CrowdSec banned the balancer meanwhile?', 'infra diagnose mail --only mail.outside.bans'),
      verify('haproxy'),
      inCode(
        'send-proxy-v2 and the node ports 30125 to 30128 belong together, in the script that builds the backends',
        'client-address-lost',
      ),
    ];
  },
};

export const RELAY_CREDENTIALS: Cause = {
  code: 'mail.relay.credentials',
  layer: 'outbound',
  title: 'the relay does not let us in: no mail leaves',
  explains: [
    'server.relay-refuses',
    'relay.no-login',
    'queue.relay-credentials',
    'queue.many',
    'queue.waiting',
    'mail.queue.stuck',
  ],
  remedies(judged) {
    const { inPod, logs, namespace, service } = where(judged);
    return [
      look('what the relay says', `${logs} | grep -i 'SASL authentication failed'`),
      look(
        'is there a login for this relay? It prints a name only',
        inPod('postmap -s texthash:/etc/postfix/sasl_passwd | cut -d: -f1'),
      ),
      look('the same in Vault', 'vault kv get -field=mailserver_sasl_passwd secret/platform | cut -d: -f1,2'),
      {
        phase: 'now',
        text: 'make a new key at the relay, put it into Vault, apply the mail server’s stack',
        command: 'infra stack apply mailserver',
        risk: 'write',
      },
      {
        phase: 'now',
        text: 'then send what waits',
        command: inPod('postqueue -f'),
        risk: 'write',
      },
      verify('outbound'),
      inCode(
        `the stack has to restart deployment ${service} in ${namespace} when the key changes`,
        'relay-credentials',
      ),
    ];
  },
};

export const QUEUE_STUCK: Cause = {
  code: 'mail.queue.stuck',
  layer: 'outbound',
  title: 'accepted mail waits and does not get on',
  explains: [
    ...['postfix-down', 'not-handed-on', 'local-delivery', 'own-trouble', 'many', 'waiting'].map(
      (each) => `queue.${each}`,
    ),
    ...['postfix-down', 'not-handed-on', 'own-trouble', 'many', 'waiting', 'primary-refuses'].map(
      (each) => `second-queue.${each}`,
    ),
  ],
  remedies(judged) {
    const { inPod, logs } = where(judged);
    return [
      look('what waits, for how long, and the reasons', 'infra mail queue'),
      look('one of them in full', inPod('postcat -vhq <id>')),
      look('what the mail server says', `${logs} | grep -E 'status=(deferred|bounced)'`),
      {
        phase: 'now',
        text: 'when the reason is gone: try all of it again',
        command: inPod('postqueue -f'),
        risk: 'write',
      },
      verify('outbound'),
    ];
  },
  alerts: [
    {
      alert: 'BackupMxQueueStuck',
      expr: 'backup_mx_queue_length > 0',
      for: '2h',
      severity: 'warning',
      summary: 'the second MX holds mail that the first one does not take',
    },
  ],
};

export const BANNED: Cause = {
  code: 'mail.banned',
  layer: 'nat',
  title: 'CrowdSec bans an address that mail depends on',
  explains: [
    'ban.ours',
    'ban.vantage',
    'haproxy.unreachable',
    'public4.unreachable',
    'public6.unreachable',
    ...NOT_ARRIVING,
  ],
  remedies(judged) {
    const [decision] = judged?.caused('mail.banned') ?? [];
    const address = decision?.detail?.split(', ')[0] ?? '<address>';
    const cscli = (command: string): string => `kubectl -n crowdsec exec deploy/crowdsec-lapi -- cscli ${command}`;
    return [
      look('why: the lines that it was banned for', cscli(`alerts list --ip ${address}`)),
      {
        phase: 'now',
        text: 'take the ban back; the firewall follows within a minute',
        command: cscli(`decisions delete --ip ${address}`),
        risk: 'write',
      },
      verify('nat,roundtrip'),
      inCode('put the relay’s ranges and our own addresses on CrowdSec’s allow list', 'banned'),
    ];
  },
};
