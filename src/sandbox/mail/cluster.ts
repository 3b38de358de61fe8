import type { ExecAnswer } from '../kubernetes/exec.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { rspamdLog } from './log.ts';
import { MONITOR, monitorSpec } from './monitor.ts';
import { PLACES } from './ports.ts';
import { queueExec } from './queue.ts';
import type { MailStandIn } from './server.ts';
import { MAIL_PROTOCOLS, type MailWorld } from './world.ts';

const NAMESPACE = 'mailserver';
const POD = 'mailserver-7d9c5b8f6-x2x4z';
const CREATED = '2026-01-05T08:00:00Z';

/** What the API server knows of the mail server. `now` is what the roundtrip's age counts from. */
export function mailObjects(mail: MailStandIn, now: Date): readonly KubeObject[] {
  const meta = (name: string, labels: Readonly<Record<string, string>> = { app: NAMESPACE }) => ({
    name,
    namespace: NAMESPACE,
    creationTimestamp: CREATED,
    labels: { ...labels },
  });
  const isReady = mail.world.unready !== true;
  const ports = MAIL_PROTOCOLS.map((name) => ({ name, port: mail.ports[name].port, protocol: 'TCP' }));
  const cameRound = new Date(now.getTime() - (mail.world.roundtripMinutesAgo ?? 12) * 60_000);
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: NAMESPACE, creationTimestamp: CREATED },
      status: { phase: 'Active' },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: meta(POD),
      spec: { nodeName: 'k8s-node1', containers: [{ name: 'docker-mailserver', image: 'docker-mailserver:15' }] },
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
        containerStatuses: [containerStatus(mail.world, now)],
      },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: meta(NAMESPACE), spec: { clusterIP: PLACES.service, ports } },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: meta('mailserver-abcde', { 'kubernetes.io/service-name': NAMESPACE }),
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.244.1.25'], conditions: { ready: isReady } }],
      ports,
    },
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: meta(MONITOR, {}),
      spec: monitorSpec(mail.world.monitor ?? 'came-round'),
      status: { lastSuccessfulTime: cameRound.toISOString().replace(/\.\d+Z$/, 'Z') },
    },
  ];
}

/** A container that was started again begins a new log; that of one without a restart goes back to its start. */
function containerStatus({ restartedMinutesAgo, unready }: MailWorld, now: Date) {
  const minutes = restartedMinutesAgo ?? 179.5;
  const startedAt = new Date(now.getTime() - minutes * 60_000).toISOString().replace(/\.\d+Z$/, 'Z');
  const restartCount = restartedMinutesAgo === undefined ? 0 : 1;
  return { name: 'docker-mailserver', restartCount, ready: unready !== true, state: { running: { startedAt } } };
}

/** `ss -ltn` and `postqueue -j` in the pod. */
export function mailExec({ ports, world }: MailStandIn): readonly ExecAnswer[] {
  const open = MAIL_PROTOCOLS.flatMap((name) => [
    ...(world.missing?.includes(name) === true ? [] : [ports[name].port]),
    ...(world.missing?.includes(`${name}-proxy`) === true ? [] : [ports[name].proxy]),
  ]);
  const row = (local: string, peer: string): string =>
    `LISTEN 0      100    ${local.padStart(22)} ${peer.padStart(17)}`;
  const lines = [
    'State  Recv-Q Send-Q     Local Address:Port     Peer Address:Port',
    row('127.0.0.1:11332', '0.0.0.0:*'),
    ...open.flatMap((port) => [row(`0.0.0.0:${port}`, '0.0.0.0:*'), row(`[::]:${port}`, '[::]:*')]),
  ];
  const stdout = `${lines.join('\n')}\n`;
  const place = { namespace: NAMESPACE, pod: 'mailserver-*', container: 'docker-mailserver' };
  return [
    { ...place, command: ['ss', '-ltn'], stdout },
    {
      ...place,
      command: ['postconf', '*'],
      run: (command: readonly string[]) => ({
        stdout: postconf(command.slice(1), world.postconf),
        stderr: '',
        exitCode: 0,
      }),
    },
    {
      ...place,
      command: ['tail', '-c', '*'],
      run: () => ({ stdout: rspamdLog(world), stderr: '', exitCode: 0 }),
    },
    ...queueExec(world.queue ?? []).map((each) => ({ ...place, ...each })),
  ];
}

const SETTINGS: Readonly<Record<string, string>> = {
  relayhost: '[smtp-relay.test]:587',
  smtp_sasl_auth_enable: 'yes',
  smtp_sasl_password_maps: 'texthash:/etc/postfix/sasl_passwd',
};

/** `postconf` for some parameters, a line each. */
function postconf(names: readonly string[], edits: MailWorld['postconf'] = {}): string {
  return names.map((name) => `${name} = ${{ ...SETTINGS, ...edits }[name] ?? ''}\n`).join('');
}
