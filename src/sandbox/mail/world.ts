import type { Zone } from '../dns/server.ts';
import type { MailLine } from './log.ts';
import type { MonitorEnd } from './monitor.ts';
import type { QueueWorld } from './queue.ts';

/** What mail is spoken over here, in the order of the ports. */
export const MAIL_PROTOCOLS = ['smtp', 'smtps', 'submission', 'imaps'] as const;
export type MailProtocol = (typeof MAIL_PROTOCOLS)[number];

/** A place where a port can be closed. `health` and `node` are those of every node. */
export type MailPlace = 'health' | 'node' | 'haproxy' | 'public4' | 'public6' | 'secondMx';

/** A state of the mail server and of the way to it. Left out: as it should be. */
export type MailWorld = {
  /** Listeners that the pod does not have; those with PROXY come from a script at its start. */
  readonly missing?: readonly (MailProtocol | `${MailProtocol}-proxy`)[];
  /** PROXY listeners that take the header for what a client says. */
  readonly deaf?: readonly MailProtocol[];
  /** PROXY listeners whose program dies with each connection. */
  readonly dying?: readonly MailProtocol[];
  /** Nothing listens there. */
  readonly closed?: readonly `${MailPlace}:${MailProtocol}`[];
  /** The pod is not ready: the Services lead nowhere. */
  readonly unready?: boolean;
  /** Ports whose stock and PROXY listeners greet with 421. */
  readonly busy?: readonly MailProtocol[];
  /** Offer AUTH before TLS on the submission port. */
  readonly authBeforeTls?: boolean;
  /** What the listeners show instead of the certificate of the site. */
  readonly certificate?: 'self-signed';
  /** Ports that the firewall does not redirect; or where to. */
  readonly notRedirected?: readonly MailProtocol[];
  readonly redirectedTo?: string;
  /** The balancer's host does not let us in over ssh. */
  readonly sshRefused?: boolean;
  /** When the last mail came round; default 12. */
  readonly roundtripMinutesAgo?: number;
  /** How a mail ends that the monitor sends around now; default came-round. */
  readonly monitor?: MonitorEnd;
  /** Varies names, counts and noise. */
  readonly seed?: number;
  /** What the mail server logs besides the usual. */
  readonly lines?: readonly MailLine[];
  /** The container was started again then: what it logged before is in its previous log. */
  readonly restartedMinutesAgo?: number;
  /** What the file of rspamd's log in the pod holds. */
  readonly rspamd?: readonly MailLine[];
  /** The log shows the balancer's addresses instead of the senders'. */
  readonly addressesLost?: boolean;
  /** Protocols whose connections HAProxy gives on without a PROXY header. */
  readonly headerless?: readonly MailProtocol[];
  /** Stock listeners that wait for a PROXY header. */
  readonly strict?: readonly MailProtocol[];
  /** Servers that somebody has set to maintenance in HAProxy, by protocol. */
  readonly maintenance?: readonly MailProtocol[];
  /** What `postconf` says of the way out, where it is not as it should be. */
  readonly postconf?: Readonly<Record<string, string>>;
  /** What is wrong with the records. */
  readonly records?: RecordEdits;
  /** What waits in the pod's queue and in that of the second MX; left out: nothing. */
  readonly queue?: QueueWorld;
  readonly secondMxQueue?: QueueWorld;
  /** The second MX does not let us in over ssh. */
  readonly secondMxRefused?: boolean;
};

/** Entries of the zone that are otherwise than they should be; an empty entry has no records. */
export type RecordEdits = {
  /** At every server; `internal` and `authoritative` come on top. */
  readonly everywhere?: Zone;
  readonly internal?: Zone;
  readonly authoritative?: Zone;
  /** What answers where the policy of MTA-STS should be: the site that answers every name. */
  readonly policy?: 'wildcard';
  /** Why the public address has another name. */
  readonly ptrWaiver?: string;
  /** The internal server answers nothing. */
  readonly internalSilent?: boolean;
};
