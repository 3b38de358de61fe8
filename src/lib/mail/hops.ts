import type { MailProtocol } from '../site/site.ts';
import type { Phase, TranscriptLine } from './probe/report.ts';

/** The hops of the way that mail takes, from the listeners in the pod outwards; the last one is the whole way. */
export const HOPS = [
  'pod',
  'pod-proxy',
  'service',
  'node-health',
  'node-proxy',
  'haproxy-state',
  'haproxy',
  'nat',
  'public-ipv4',
  'public-ipv6',
  'second-mx',
  'roundtrip',
] as const;
export type Hop = (typeof HOPS)[number];

/** What a hop is called in tables and sentences. */
export const HOP_TITLES: Readonly<Record<Hop, string>> = {
  pod: 'pod, stock',
  'pod-proxy': 'pod, PROXY',
  service: 'service',
  'node-health': 'node health',
  'node-proxy': 'node, PROXY',
  'haproxy-state': 'HAProxy state',
  haproxy: 'HAProxy',
  nat: 'NAT',
  'public-ipv4': 'public IPv4',
  'public-ipv6': 'public IPv6',
  'second-mx': 'second MX',
  roundtrip: 'roundtrip',
};

/** What a cell of the matrix says. They map onto the five verdicts: see `verdictOf`. */
export const CELL_VERDICTS = ['OK', 'FAIL', 'EXPECTED-DROP', 'INCONCLUSIVE', 'SKIPPED'] as const;
export type CellVerdict = (typeof CELL_VERDICTS)[number];

/** A certificate on the wire. Times are ISO 8601. */
export type SeenCertificate = {
  readonly fingerprint: string;
  readonly names: readonly string[];
  readonly issuer: string;
  readonly notAfter?: string;
  readonly trusted: boolean;
  readonly nameMatches: boolean;
};

/** One port at one hop. `port` is the one that clients use; where it was asked is `endpoint`. */
export type Row = {
  readonly protocol: MailProtocol;
  readonly port: number;
  readonly hop: Hop;
  readonly endpoint: string;
  /** `required`: asked with a PROXY v2 header; `withheld`: without, where it is required; else `none`. */
  readonly proxy: 'required' | 'withheld' | 'none';
  readonly expected: string;
  readonly got: string;
  readonly ms?: number;
  readonly verdict: CellVerdict;
  /** A stable word, for all but OK and EXPECTED-DROP. */
  readonly reason?: string;
  /** The step of the conversation that the reason is about. */
  readonly phase?: Phase;
  readonly node?: string;
  /** It works, with less than there should be. */
  readonly degraded?: string;
  /** Another row that proves what this one could not. */
  readonly coveredBy?: 'roundtrip';
  readonly certificate?: SeenCertificate;
  readonly phases?: readonly { readonly phase: Phase; readonly ms: number }[];
  readonly transcript?: readonly TranscriptLine[];
};
