/** Where everything of one mail server listens: addresses of 127/8 that this run alone has, ports that need no privilege. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import type { MailProtocol } from '../../../../src/lib/site/site.ts';
import { portOf } from '../ports.ts';

/** The ports of one protocol, by what the way in calls them. */
interface Ports {
  /** Of clients: at the pod's stock listener, the balancer and the public addresses. */
  port: number;
  proxy: number;
  nodePort: number;
  /** Leads to the stock listener. */
  healthPort: number;
}

export interface MailAddresses {
  pod: string;
  nodes: readonly { name: string; address: string }[];
  balancer: string;
  publicIpv4: string;
  /** The only IPv6 address that every machine has. */
  publicIpv6: '::1';
  secondMx: string;
  /** Where the server hands on what is for others. */
  relay: string;
  /** An address that mail comes from, and nothing listens on. */
  sender: string;
  /** What the NAT led to before there was a balancer; nothing listens there. */
  former: string;
  nameServer: string;
  secondNameServer: string;
  resolver: string;
  internalResolver: string;
  /** Where a policy of MTA-STS is served. */
  web: string;
  ports: Readonly<Record<MailProtocol, Ports>>;
}

export async function pickAddresses(): Promise<MailAddresses> {
  const net = `127.${randomInt(64, 192)}.${randomInt(0, 256)}`;
  // ::1 is everybody's, so that its ports have to be free ones.
  const [smtp = 0, smtps = 0, submission = 0, imaps = 0] = await freeIpv6Ports(4);
  return {
    pod: `${net}.50`,
    nodes: [
      { name: 'k8s-node1', address: `${net}.101` },
      { name: 'k8s-node2', address: `${net}.102` },
    ],
    balancer: `${net}.1`,
    publicIpv4: `${net}.76`,
    publicIpv6: '::1',
    secondMx: `${net}.215`,
    relay: `${net}.90`,
    sender: `${net}.200`,
    former: `${net}.202`,
    nameServer: `${net}.53`,
    secondNameServer: `${net}.63`,
    web: `${net}.80`,
    resolver: `${net}.54`,
    internalResolver: `${net}.55`,
    ports: {
      smtp: { port: smtp, proxy: 2525, nodePort: 30125, healthPort: 30145 },
      smtps: { port: smtps, proxy: 4465, nodePort: 30126, healthPort: 30146 },
      submission: { port: submission, proxy: 5587, nodePort: 30127, healthPort: 30147 },
      imaps: { port: imaps, proxy: 10993, nodePort: 30128, healthPort: 30148 },
    },
  };
}

async function freeIpv6Ports(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '::1', resolve));
      return server;
    }),
  );
  const ports = servers.map(portOf);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
