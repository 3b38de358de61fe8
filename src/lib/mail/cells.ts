import type { MailProtocol, Site } from '../site/site.ts';
import { HOPS, type Hop } from './hops.ts';
import { PROTOCOLS, portsOf } from './ports.ts';

/** What was asked for on the command line. */
export type Selection = {
  readonly hops: readonly Hop[];
  readonly protocols: readonly MailProtocol[];
  /** Every node of the pool, and the cells that must be dropped. */
  readonly deep: boolean;
};

/** One connection of a run. */
export type Cell = {
  readonly hop: Hop;
  readonly protocol: MailProtocol;
  /** The port that clients use. */
  readonly port: number;
  readonly host: string;
  readonly dial: number;
  /** `withheld`: a listener that requires PROXY is asked without, and must drop the connection. */
  readonly proxy: 'required' | 'withheld' | 'none';
  readonly node?: string;
  readonly serverName: string;
  readonly judgesCertificate: boolean;
};

/** A cell that nobody asks, and why. */
export type Unasked = {
  readonly hop: Hop;
  readonly protocol: MailProtocol;
  readonly port: number;
  readonly reason: string;
  readonly detail: string;
};

/** Connections and what is left out. `clusterIp` is known only when a cell of the Service may be dialled. */
export type CellPlan = { readonly cells: readonly Cell[]; readonly unasked: readonly Unasked[] };

type Wanted = { readonly site: Site; readonly serverName: string; readonly deep: boolean; readonly turn: number };

/**
 * The connections of a run: one for each port and hop, one node of the pool (`turn` decides which, so that runs take
 * turns) unless deep. Only NodePorts of PROXY listeners get a PROXY header: HAProxy adds its own to what it forwards.
 */
export function planCells(site: Site, serverName: string, selection: Selection, turn: number): CellPlan {
  const cells: Cell[] = [];
  const unasked: Unasked[] = [];
  const wanted: Wanted = { site, serverName, deep: selection.deep, turn };
  for (const hop of HOPS.filter((each) => selection.hops.includes(each))) {
    for (const protocol of PROTOCOLS.filter((each) => selection.protocols.includes(each))) {
      const port = portsOf(site)[protocol]?.port;
      if (port === undefined) continue;
      const found = connectionsAt(hop, protocol, wanted);
      if (typeof found === 'string') unasked.push({ hop, protocol, port, reason: 'not-configured', detail: found });
      else cells.push(...found);
    }
  }
  return { cells, unasked };
}

/** The connections of one cell, or the setting that is missing for it. Hops that are not dialled have none. */
function connectionsAt(hop: Hop, protocol: MailProtocol, wanted: Wanted): readonly Cell[] | string {
  const { site, serverName } = wanted;
  const { haproxy, public: open, secondMx } = site.mail;
  const ports = portsOf(site)[protocol];
  if (ports === undefined) return [];
  const base = { hop, protocol, port: ports.port, serverName, judgesCertificate: true, proxy: 'none' as const };
  const at = (host: string | undefined, setting: string): readonly Cell[] | string =>
    host === undefined ? setting : [{ ...base, host, dial: ports.port }];
  switch (hop) {
    case 'node-health':
      return onNodes(wanted, base, ports.healthPort, `mail.ports.${protocol}.healthPort`);
    case 'node-proxy':
      return onNodes(wanted, { ...base, proxy: 'required' }, ports.nodePort, `mail.ports.${protocol}.nodePort`);
    case 'haproxy':
      return at(haproxy.value, 'mail.haproxy');
    case 'public-ipv4':
      return at(open.value?.ipv4, 'mail.public.ipv4');
    case 'public-ipv6':
      return at(open.value?.ipv6, 'mail.public.ipv6');
    case 'second-mx': {
      if (protocol !== 'smtp') return [];
      if (secondMx.value === undefined) return 'mail.secondMx';
      const { host, port } = hostAndPort(secondMx.value, ports.port);
      return [{ ...base, host, dial: port, serverName: host, judgesCertificate: false }];
    }
    default:
      return [];
  }
}

type Base = Omit<Cell, 'host' | 'dial'>;

function onNodes(wanted: Wanted, base: Base, dial: number | undefined, setting: string): readonly Cell[] | string {
  const nodes = wanted.site.mail.nodes.value;
  if (nodes === undefined) return 'mail.nodes';
  if (dial === undefined) return setting;
  const one = nodes[wanted.turn % nodes.length];
  const chosen = wanted.deep ? nodes : one === undefined ? [] : [one];
  return chosen.flatMap(({ name, address }) => {
    const cell: Cell = { ...base, host: address, dial, node: name };
    return wanted.deep && base.proxy === 'required' ? [cell, { ...cell, proxy: 'withheld' as const }] : [cell];
  });
}

/** `mx2.example.com:2525`, `[2001:db8::1]:25`, or only a host. */
function hostAndPort(text: string, otherwise: number): { readonly host: string; readonly port: number } {
  const found = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(text);
  if (found === null) return { host: text.replace(/^\[(.*)\]$/, '$1'), port: otherwise };
  return { host: (found[1] ?? '').replace(/^\[(.*)\]$/, '$1'), port: Number(found[2]) };
}

/** `host:port` as it is written, an IPv6 address in brackets. */
export function endpointOf({ host, dial }: Pick<Cell, 'host' | 'dial'>): string {
  return host.includes(':') ? `[${host}]:${dial}` : `${host}:${dial}`;
}
