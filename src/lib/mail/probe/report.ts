import type { TlsFacts } from '../../clients/sockets/client.ts';

/** The steps of a conversation with a mail server, in their order. IMAP has no `ehlo` and no `starttls`. */
export const PHASES = ['connect', 'proxy', 'banner', 'ehlo', 'starttls', 'tls', 'certificate', 'quit'] as const;
export type Phase = (typeof PHASES)[number];

/** One line of the conversation, printable and cut; binary is told by its length. */
export type TranscriptLine = {
  readonly phase: Phase;
  readonly from: 'infra' | 'server';
  /** Milliseconds since the connection was asked for. */
  readonly atMs: number;
  readonly text: string;
};

/** What is wrong, where. `reason` is a stable word: `refused`, `timeout`, `rate-limited`, `starttls-missing`, … */
export type Problem = { readonly phase: Phase; readonly reason: string; readonly detail: string };

/** What one connection showed. No problem: it is as it should be. */
export type ProbeReport = {
  /** The first is the one that decided; certificate problems do not end a conversation. */
  readonly problems: readonly Problem[];
  /** Phases that were entered, with their milliseconds. */
  readonly phases: readonly { readonly phase: Phase; readonly ms: number }[];
  readonly transcript: readonly TranscriptLine[];
  /** The last line of the greeting. */
  readonly banner: string | undefined;
  /** Keywords of the answer to EHLO before TLS, in capitals. */
  readonly extensions: readonly string[] | undefined;
  readonly tls: TlsFacts | undefined;
  /** Whether a TCP connection came to be. */
  readonly connected: boolean;
  /** The address that this side of the connection had; what the other side may have banned. */
  readonly localAddress: string | undefined;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly ms: number;
};

/** How long and how much. postscreen keeps a newcomer waiting for its greeting, hence its 15 s. All in ms and bytes. */
export type Limits = {
  readonly connectMs: number;
  readonly greetingMs: number;
  readonly replyMs: number;
  readonly tlsMs: number;
  readonly quitMs: number;
  readonly totalMs: number;
  readonly lineBytes: number;
  readonly replyLines: number;
  /** Who is silent for so long and then has no resources has waited for a PROXY header. Postfix waits 5 s. */
  readonly headerWaitMs: number;
};

export const LIMITS: Limits = {
  connectMs: 5000,
  greetingMs: 15_000,
  replyMs: 10_000,
  tlsMs: 10_000,
  quitMs: 2000,
  totalMs: 40_000,
  lineBytes: 2048,
  replyLines: 60,
  headerWaitMs: 4000,
};
