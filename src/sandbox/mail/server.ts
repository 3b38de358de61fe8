import { connect, isIPv4, type Socket } from 'node:net';
import { EDGE_CERTIFICATE, EDGE_KEY } from '../edge/certificate.ts';
import { SELF_SIGNED } from './certificate.ts';
import { type Serving, serve, takeProxyHeader } from './listeners.ts';
import { isPoolDown } from './pool.ts';
import { hasLoopback6, makeOpenings, type Openings, PLACES } from './ports.ts';
import { wireOn } from './wire.ts';
import { MAIL_PROTOCOLS, type MailPlace, type MailProtocol, type MailWorld } from './world.ts';

/** Ports of one protocol along the way. */
export type MailPortNumbers = {
  readonly port: number;
  readonly proxy: number;
  readonly nodePort: number;
  readonly healthPort: number | undefined;
};

/** One connection that reached a listener of the pod. */
export type MailVisit = {
  readonly protocol: MailProtocol;
  readonly listener: 'stock' | 'proxy';
  /** The address that a PROXY header claimed. */
  claimed: string | undefined;
  readonly commands: readonly string[];
};

/** The mail server and everything in front of it. */
export type MailStandIn = {
  readonly world: MailWorld;
  readonly ports: Readonly<Record<MailProtocol, MailPortNumbers>>;
  readonly hasIpv6: boolean;
  readonly visits: readonly MailVisit[];
  readonly close: () => Promise<void>;
};

/** Addresses that probes of infra and the balancer have in common: each forwarder names its own client. */
type Forward = { readonly host: string; readonly port: number; readonly header: boolean };

/** Starts the chain of a world: pod, Services, NodePorts, HAProxy, public addresses, second MX. */
export async function startMail(world: MailWorld): Promise<MailStandIn> {
  const openings = makeOpenings();
  const visits: MailVisit[] = [];
  const hasIpv6 = hasLoopback6();
  const made = await Promise.all(
    MAIL_PROTOCOLS.map(async (protocol) => [
      protocol,
      await startProtocol(protocol, { world, openings, visits, hasIpv6 }),
    ]),
  );
  return { world, ports: Object.fromEntries(made), hasIpv6, visits, close: () => openings.close() };
}

type Around = {
  readonly world: MailWorld;
  readonly openings: Openings;
  readonly visits: MailVisit[];
  readonly hasIpv6: boolean;
};

async function startProtocol(protocol: MailProtocol, around: Around): Promise<MailPortNumbers> {
  const { world, openings, hasIpv6 } = around;
  const clients = [PLACES.haproxy, PLACES.service, PLACES.public4, ...(hasIpv6 ? [PLACES.public6] : [])];
  const port = await openings.reserve([...clients, ...(protocol === 'smtp' ? [PLACES.secondMx] : [])]);
  const nodePort = await openings.reserve(PLACES.nodes);
  const healthPort = protocol === 'imaps' ? undefined : await openings.reserve(PLACES.nodes);
  const isClosed = (place: MailPlace): boolean => world.closed?.includes(`${place}:${protocol}`) === true;
  const leads = (listener: MailProtocol | `${MailProtocol}-proxy`): boolean =>
    world.unready !== true && world.missing?.includes(listener) !== true;
  const stock = visit(protocol, 'stock', around);
  const proxied = visit(protocol, 'proxy', around);
  const at = async (host: string, number: number, isOpen: boolean, act: (socket: Socket) => void): Promise<void> => {
    if (isOpen) await openings.open(host, number, act);
  };
  const toNode = { host: PLACES.nodes[0], port: nodePort, header: world.headerless?.includes(protocol) !== true };
  const toBalancer = { host: PLACES.haproxy, port, header: false };
  const hasNode = leads(`${protocol}-proxy`) && !isClosed('node');
  await Promise.all([
    at(PLACES.service, port, leads(protocol), stock),
    ...PLACES.nodes.map((host) => at(host, nodePort, hasNode, proxied)),
    ...(healthPort === undefined
      ? []
      : PLACES.nodes.map((host) => at(host, healthPort, leads(protocol) && !isClosed('health'), stock))),
    at(
      PLACES.haproxy,
      port,
      !isClosed('haproxy'),
      isPoolDown(world, protocol) ? (socket) => socket.end() : forward(toNode),
    ),
    at(PLACES.public4, port, !isClosed('public4') && !isClosed('haproxy'), forward(toBalancer)),
    at(PLACES.public6, port, hasIpv6 && !isClosed('public6') && !isClosed('haproxy'), forward(toBalancer)),
    at(PLACES.secondMx, port, protocol === 'smtp' && !isClosed('secondMx'), secondMx),
  ]);
  return { port, proxy: PROXY_PORTS[protocol], nodePort, healthPort };
}

/** Inside the pod nothing is dialled by anybody: these are only printed. */
const PROXY_PORTS: Readonly<Record<MailProtocol, number>> = {
  smtp: 2525,
  smtps: 4465,
  submission: 5587,
  imaps: 10_993,
};

function visit(protocol: MailProtocol, listener: MailVisit['listener'], { world, visits }: Around) {
  const own = world.certificate === 'self-signed' ? SELF_SIGNED : { cert: EDGE_CERTIFICATE, key: EDGE_KEY };
  const serving: Serving = { protocol, world, certificate: own };
  return (socket: Socket): void => {
    const wire = wireOn(socket);
    const seen: MailVisit = { protocol, listener, claimed: undefined, commands: wire.commands };
    visits.push(seen);
    const odd = listener === 'proxy' ? world.deaf : world.strict;
    const needsHeader = (listener === 'proxy') !== (odd?.includes(protocol) === true);
    const talk = async (): Promise<void> => {
      if (listener === 'proxy' && world.dying?.includes(protocol) === true) return wire.end();
      if (needsHeader) {
        seen.claimed = await takeProxyHeader(wire);
        if (seen.claimed === undefined) return;
      }
      await serve(wire, serving);
    };
    talk().catch(() => socket.destroy());
  };
}

/** HAProxy's `send-proxy-v2`, or plain translation of addresses. Without a server behind it the client is hung up on. */
function forward({ host, port, header }: Forward) {
  return (socket: Socket): void => {
    const upstream = connect({ host, port });
    upstream.on('error', () => socket.destroy()).on('close', () => socket.end());
    socket.on('close', () => upstream.end());
    if (header) upstream.write(proxyHeader(socket));
    socket.pipe(upstream);
    upstream.pipe(socket);
  };
}

/** PROXY v2 for the client of a socket; an IPv6 client is shown as the balancer's own address. */
function proxyHeader({ remoteAddress = '', remotePort = 1, localPort = 1 }: Socket): Buffer {
  const source = isIPv4(remoteAddress) ? remoteAddress : PLACES.haproxy;
  const body = Buffer.from([...source.split('.').map(Number), 127, 0, 30, 1, 0, 0, 0, 0]);
  body.writeUInt16BE(remotePort, 8);
  body.writeUInt16BE(localPort, 10);
  return Buffer.concat([Buffer.from('\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c', 'latin1'), body]);
}

function secondMx(socket: Socket): void {
  const wire = wireOn(socket);
  const certificate = { cert: EDGE_CERTIFICATE, key: EDGE_KEY };
  serve(wire, { protocol: 'smtp', world: {}, certificate }).catch(() => socket.destroy());
}
