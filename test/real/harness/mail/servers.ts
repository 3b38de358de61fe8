/** The mail server itself: Postfix, Dovecot, the balancer and the node ports between them. */
import { join } from 'node:path';
import { startElsewhere } from '../daemon.ts';
import { makeWorkspace } from '../workspace.ts';
import { type MailAddresses, pickAddresses } from './addresses.ts';
import { type Certificate, copyCertificate, type MailCertificates, makeCertificates } from './certificates.ts';
import { type Dovecot, startDovecot } from './dovecot.ts';
import { type End, type Forwarder, startForwarder } from './forwarder.ts';
import { type Balancer, startBalancer } from './haproxy.ts';
import { listening, shown } from './listens.ts';
import { type Postfix, startPostfix } from './postfix.ts';
import { type Relay, startRelay } from './relay.ts';

export const HOSTNAME = 'mail.example.test';

export interface MailServers {
  dir: string;
  home: string;
  addresses: MailAddresses;
  certificates: MailCertificates;
  /** Those that they show; each is read when its server starts, Dovecot's also a little later. */
  shown: Readonly<Record<'postfix' | 'dovecot', Certificate>>;
  postfix: Postfix;
  dovecot: Dovecot;
  balancer: Balancer;
  /** Takes what the server has for others. */
  relay: Relay;
  /** `smtp nodePort k8s-node1` and so on. */
  nodePorts: ReadonlyMap<string, Forwarder>;
  /** Where a listener of the pod is. */
  inPod(port: number): End;
  /** To be called whenever a listener has come or gone: the node ports refuse what the pod would refuse. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

const PROTOCOLS = ['smtp', 'smtps', 'submission', 'imaps'] as const;

export async function startMailServers(): Promise<MailServers> {
  // Ports of ::1 that were free a moment ago may be taken now.
  return startElsewhere(startOnce);
}

async function startOnce(): Promise<MailServers> {
  const { dir, home, remove } = await makeWorkspace('mail');
  const running: { stop(): Promise<void> }[] = [];
  const started = <T extends { stop(): Promise<void> }>(server: T): T => {
    running.push(server);
    return server;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((each) => each.stop()));
    await remove();
  };
  try {
    const addresses = await pickAddresses();
    const certificates = await makeCertificates(dir, HOSTNAME);
    const place = async (name: string): Promise<Certificate> => {
      const files = { certFile: join(dir, `${name}.crt`), keyFile: join(dir, `${name}.key`) };
      await copyCertificate(certificates.good, files);
      return files;
    };
    const shownBy = { postfix: await place('postfix'), dovecot: await place('dovecot') };
    const dovecot = started(await startDovecot({ dir, addresses, certificate: shownBy.dovecot }));
    const { auth, lmtp } = dovecot;
    const relay = started(await startRelay(addresses, certificates.good));
    const relayhost = `[${addresses.relay}]:${relay.port}`;
    const postfix = started(
      await startPostfix({
        dir,
        hostname: HOSTNAME,
        addresses,
        certificate: shownBy.postfix,
        auth,
        lmtp,
        relay: relayhost,
      }),
    );
    const nodePorts = await startNodePorts(addresses, started);
    const balancer = started(await startBalancer(dir, addresses));
    const inPod = (port: number): End => ({ address: addresses.pod, port });
    const settle = async (): Promise<void> => {
      const open = new Set(await listening());
      for (const each of nodePorts.values()) await each.follow((target) => open.has(shown(target)));
    };
    const servers = { postfix, dovecot, balancer, relay, nodePorts };
    return { dir, home, addresses, certificates, shown: shownBy, ...servers, inPod, settle, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startNodePorts(
  { nodes, pod, ports }: MailAddresses,
  started: (forwarder: Forwarder) => Forwarder,
): Promise<Map<string, Forwarder>> {
  const found = new Map<string, Forwarder>();
  for (const { name, address } of nodes)
    for (const protocol of PROTOCOLS) {
      const { port, proxy, nodePort, healthPort } = ports[protocol];
      const lead = async (kind: string, outside: number, inside: number): Promise<void> => {
        const forwarder = await startForwarder({ address, port: outside }, { address: pod, port: inside }, false);
        found.set(`${protocol} ${kind} ${name}`, started(forwarder));
      };
      await lead('nodePort', nodePort, proxy);
      if (protocol !== 'imaps') await lead('healthPort', healthPort, port);
    }
  return found;
}
