/** Addresses that only probes claim (RFC 5737, RFC 3849): what we sent ourselves proves nothing about senders. */
const OWN = /^(?:192\.0\.2\.|2001:db8:)/i;

/** How often whom a log names as the other side. Addresses of the balancer and the nodes are not senders'. */
export type ClientCounts = {
  /** Connections and accepted messages whose sender's address is known. */
  readonly senders: number;
  /** Those that show the balancer or a node instead, on a listener that requires PROXY or with a message that was accepted. */
  readonly lost: number;
  /** A few of the addresses that were shown instead. */
  readonly shown: readonly string[];
};

/** Counts while the lines of a log pass. */
export type ClientTally = { see(line: string): void; result(): ClientCounts };

const MOST_SHOWN = 5;
/** `postfix/smtpd-proxy25/postscreen[411]: CONNECT from [a]:port`, `postfix/smtpd[8]: ID: client=name[a]` (postscreen(8), smtpd(8)). */
const CONNECT = /(\S+)\/postscreen\[\d+\]: CONNECT from \[([0-9a-f.:]+)\]/i;
const ACCEPTED = /\/smtpd\[\d+\]: [0-9a-z]+: client=\S*\[([0-9a-f.:]+)\]/i;

/** `inside` tells the addresses of the balancer and of the nodes from all others. */
export function tallyClients(inside: (address: string) => boolean): ClientTally {
  const counts = { senders: 0, lost: 0 };
  const shown = new Set<string>();
  return {
    see(line) {
      const [, program, connected] = CONNECT.exec(line) ?? [];
      const address = connected ?? ACCEPTED.exec(line)?.[1];
      if (address === undefined || OWN.test(address)) return;
      if (!inside(address)) {
        counts.senders += 1;
        return;
      }
      // The stock listener is asked by health checks and by the cluster: there such an address is right.
      if (connected !== undefined && !/proxy/i.test(program ?? '')) return;
      counts.lost += 1;
      if (shown.size < MOST_SHOWN) shown.add(address);
    },
    result: () => ({ ...counts, shown: [...shown].sort() }),
  };
}

/** The balancer, the nodes, and their neighbours in the same /24: kube-proxy and HAProxy show none but these. */
export function insideOf(addresses: readonly string[]): (address: string) => boolean {
  const nets = new Set(addresses.map(netOf));
  return (address) => nets.has(netOf(address));
}

function netOf(address: string): string {
  return address.includes(':') ? address : address.split('.').slice(0, 3).join('.');
}
