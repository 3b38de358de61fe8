/** Debian's HAProxy as the balancer: a frontend a port, a PROXY v2 header for the nodes, an admin socket. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serversOf } from '../../../../src/lib/mail/evidence/haproxy-state.ts';
import type { MailProtocol } from '../../../../src/lib/site/site.ts';
import { type Daemon, startDaemon } from '../daemon.ts';
import { run } from '../run.ts';
import { realTool } from '../tools.ts';
import { until } from '../until.ts';
import type { MailAddresses } from './addresses.ts';
import { listens } from './listens.ts';

/** What a test may change; whatever is left out is as it should be. */
export interface BalancerChanges {
  /** Default true: it also listens on the public IPv6 address. */
  ipv6?: boolean;
  /** Protocols whose servers get no PROXY header. */
  withoutHeader?: readonly MailProtocol[];
  /** Where a protocol is sent instead of to its node port. */
  sendTo?: Partial<Record<MailProtocol, number>>;
  /** It then writes every change of a check, and the reason there instead of where a server goes down. */
  logsChecks?: boolean;
}

export interface Balancer {
  socket: string;
  log(): Promise<string>;
  /** One command to its admin socket. */
  tell(command: string): Promise<string>;
  restart(changes?: BalancerChanges): Promise<void>;
  /** Waits until its checks have found every server: they take a second to notice that one is back. */
  allUp(): Promise<void>;
  stop(): Promise<void>;
}

/** Ports of the balancer besides those of the site: one that requires a PROXY header, one without a server. */
export const BEHIND_ANOTHER = 2525;
export const NOWHERE = 2526;

const PROTOCOLS = ['smtp', 'smtps', 'submission', 'imaps'] as const;

export async function startBalancer(dir: string, addresses: MailAddresses): Promise<Balancer> {
  const config = join(dir, 'haproxy.cfg');
  const socket = join(dir, 'haproxy.socket');
  const state: { daemon?: Daemon; starts: number } = { starts: 0 };
  // It takes the append flag from its output: two of them would write over each other.
  const logFile = (start: number): string => join(dir, `haproxy-${start}.log`);
  const tell = async (command: string): Promise<string> =>
    (await run(realTool('socat'), [socket, 'stdio'], { input: `${command}\n` })).stdout;
  const start = async (changes: BalancerChanges): Promise<void> => {
    await writeFile(config, configOf(addresses, changes, socket));
    state.starts += 1;
    const binds = PROTOCOLS.map((each) => ({ address: addresses.balancer, port: addresses.ports[each].port }));
    state.daemon = await startDaemon({
      name: 'haproxy',
      program: realTool('haproxy'),
      args: ['-db', '-f', config],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TZ: 'UTC' },
      log: logFile(state.starts),
      ready: () => listens(binds),
      signal: 'SIGINT',
    });
  };
  const stop = async (): Promise<void> => {
    await state.daemon?.stop();
  };
  await start({});
  return {
    socket,
    log: async () => {
      const files = Array.from({ length: state.starts }, (_, at) => readFile(logFile(at + 1), 'utf8').catch(() => ''));
      return (await Promise.all(files)).join('');
    },
    tell,
    restart: async (changes = {}) => {
      await stop();
      await start(changes);
    },
    allUp: async () => {
      await until('HAProxy to find every server', async () => {
        const servers = serversOf(await tell('show servers state')) ?? [];
        return servers.length > 0 && servers.every(({ isUp }) => isUp) ? true : undefined;
      });
    },
    stop,
  };
}

function configOf(addresses: MailAddresses, changes: BalancerChanges, socket: string): string {
  const { balancer, publicIpv6, ports, nodes } = addresses;
  const pools = PROTOCOLS.map((protocol) => {
    const { port, nodePort, healthPort } = ports[protocol];
    const header = changes.withoutHeader?.includes(protocol) === true ? '' : ' send-proxy-v2';
    const target = changes.sendTo?.[protocol] ?? nodePort;
    // IMAPS is checked where it is sent to, with the header that HAProxy sends for a check of its own.
    const check = protocol === 'imaps' ? 'check' : `check port ${healthPort}`;
    const plain = protocol === 'imaps' && header !== '' ? ' check-send-proxy' : '';
    const servers = nodes.map(
      ({ name, address }) => `  server ${name} ${address}:${target}${header} ${check}${plain} inter 1s fall 2 rise 1`,
    );
    const v6 = changes.ipv6 === false ? [] : [`  bind [${publicIpv6}]:${port}`];
    return [
      `frontend mail_${protocol}`,
      `  bind ${balancer}:${port}`,
      ...v6,
      `  default_backend mailserver_nodes_${protocol}`,
      `backend mailserver_nodes_${protocol}`,
      ...servers,
    ].join('\n');
  });
  const { nodePort } = ports.smtp;
  // Takes connections that already have a header, as a balancer behind another one does.
  const second = [
    'frontend mail_behind_another',
    `  bind ${balancer}:${BEHIND_ANOTHER} accept-proxy`,
    '  default_backend mailserver_nodes_smtp',
    // One that nobody stands behind.
    'frontend mail_nowhere',
    `  bind ${balancer}:${NOWHERE}`,
    '  default_backend mailserver_nodes_nowhere',
    'backend mailserver_nodes_nowhere',
    ...nodes.map(({ name, address }) => `  server ${name} ${address}:${nodePort + 100}`),
  ];
  return `global
  log stdout format raw local0
  stats socket ${socket} mode 600 level admin
  maxconn 200
  hard-stop-after 1s
defaults
  mode tcp
  log global
  option tcplog
${changes.logsChecks === true ? '  option log-health-checks\n' : ''}  retries 0
  timeout connect 2s
  timeout client 60s
  timeout server 60s
${[...pools, ...second].join('\n')}
`;
}
