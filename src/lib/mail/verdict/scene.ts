import type { MailProtocol } from '../../site/site.ts';
import type { Asked } from '../gather.ts';
import type { Hop } from '../hops.ts';

/** What all connections together say about the place they were made from. */
export type Scene = {
  /** An address of the inside network answered, be it with a refusal: this vantage is inside, or has a way in. */
  readonly isInside: boolean;
  /** Another port of the same hop could be connected to. */
  hasSibling(hop: Hop, protocol: MailProtocol): boolean;
  /** Port 25 of some machine outside could be connected to: nobody on the way blocks it. */
  readonly reachesPort25: boolean;
  /** Something outside could be connected to. */
  readonly reachesOutside: boolean;
};

const INSIDE: readonly Hop[] = ['node-health', 'node-proxy', 'haproxy'];
const OUTSIDE: readonly Hop[] = ['public-ipv4', 'public-ipv6', 'second-mx'];

/** Reads the scene from connections alone. */
export function sceneOf(asked: readonly Asked[]): Scene {
  const connected = asked.filter(({ report }) => report.connected);
  const answered = asked.filter(({ report }) => report.connected || report.problems[0]?.reason === 'refused');
  // From inside, the public addresses may only lead back in: they prove nothing of the way out.
  const isInside = answered.some(({ cell }) => INSIDE.includes(cell.hop));
  return {
    isInside,
    hasSibling: (hop, protocol) => connected.some(({ cell }) => cell.hop === hop && cell.protocol !== protocol),
    reachesPort25: connected.some(
      ({ cell }) => cell.hop === 'second-mx' || (!isInside && OUTSIDE.includes(cell.hop) && cell.protocol === 'smtp'),
    ),
    reachesOutside: connected.some(({ cell }) => OUTSIDE.includes(cell.hop)),
  };
}
