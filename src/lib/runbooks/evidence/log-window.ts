import type { LogCut } from '../../diagnosis/logs/both-ends.ts';

/** One shape of line that was recognised in a window, folded to a count while the log streamed. */
export type LogFind = {
  /** Id of the signature: `AG1`. */
  readonly signature: string;
  readonly kind: 'cause' | 'effect' | 'noise' | 'good';
  /** The finding code that it stands for, `authentik.session-store-full`, and the root cause of that. */
  readonly finding?: string;
  readonly rootCause?: string;
  readonly meaning: string;
  readonly count: number;
  readonly first?: string;
  readonly last?: string;
  readonly sample: string;
};

/**
 * Which part of a log: the last quarter of an hour; the last hours, when that was silent; its beginning, when there is
 * something to date; the run of the container before.
 */
export type WindowName = 'newest' | 'wider' | 'beginning' | 'previous';

/** What one read of a log gave. */
export type LogWindow = {
  readonly pod: string;
  readonly container: string;
  readonly window: WindowName;
  readonly lines: number;
  /** Requests of visitors that were logged; probes of the kubelet do not count. */
  readonly served: number;
  /** The first and the last time stamp. */
  readonly from?: string;
  readonly to?: string;
  readonly found: readonly LogFind[];
  /** Error-like lines that no signature knows. */
  readonly unknown: number;
  /** There was more than is read: its beginning and its newest lines were, or only its beginning. */
  readonly cut?: LogCut;
};

/** A log that could not be read. */
export type LogMiss = {
  readonly pod: string;
  readonly container: string;
  readonly window: WindowName;
  readonly reason: string;
  readonly message: string;
};

export type LogEvidence = { readonly read: readonly LogWindow[]; readonly missed: readonly LogMiss[] };
