import type { EvidenceState, SubjectOptions } from './probe.ts';

/** What asking one probe brought. This, as JSON, is what a recording holds. */
export type Collected = {
  readonly id: string;
  /** When it was asked, ISO 8601. */
  readonly at: string;
  readonly durationMs: number;
  /** Calls of clients, by client. */
  readonly requests: Readonly<Record<string, number>>;
  /** The command that shows the same by hand. */
  readonly byHand: string;
  readonly evidence: EvidenceState;
  /** It was not asked by choice or for want of a setting: SKIP and not UNKNOWN. */
  readonly isSkipped?: true;
  /** The probe without whose answer this one could not be asked. */
  readonly blockedBy?: string;
};

/** A finding that the site accepts, from infra.yaml. */
export type Ignore = {
  readonly finding: string;
  readonly subject?: string;
  readonly reason: string;
  /** A day, `2027-01-31`: the last one on which it counts. */
  readonly expires: string;
};

/** Everything that a diagnosis is concluded from; nothing else decides what it says. */
export type Recorded = {
  readonly subject: string;
  /** When it began, ISO 8601. */
  readonly at: string;
  readonly options: SubjectOptions;
  /** Ids of the probes that were wanted; others were asked only because those need them. */
  readonly selected: readonly string[];
  readonly ignore: readonly Ignore[];
  readonly durationMs: number;
  /** How often the cluster was asked what it allows. */
  readonly reviews: number;
  /** How it ended: by itself, by `--deadline`, by a signal. */
  readonly ended: 'complete' | 'deadline' | 'interrupted';
  /** Whether it is kept (`--record`), so that nobody is told to keep it. */
  readonly isKept: boolean;
  readonly collected: readonly Collected[];
};
