import type { InfraError, StatusName } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Change, ChangeClass } from '../stack.ts';

/**
 * What is known of one stack. `clean` only where terraform said "no changes" or
 * would read data alone; `settled`: changes at the first look and none
 * at the second; `ignored`: all its changes are accepted in infra.yaml; `unconfirmed`: changes, but a newer commit may be
 * their reason and could not be planned; `failed`: could not be planned, which is no drift; `not-planned`: a signal came.
 */
export const DRIFT_STATES = ['drift', 'clean', 'settled', 'ignored', 'unconfirmed', 'failed', 'not-planned'] as const;
export type DriftState = (typeof DRIFT_STATES)[number];

/** A change and the entry of infra.yaml that accepts it. */
export type IgnoredChange = { readonly change: Change; readonly reason: string; readonly expires: string };

/** One stack. `firstSeen`: when its drift was seen first, ISO 8601. */
export type DriftReport = {
  readonly stack: string;
  readonly tier: 0 | 1;
  readonly state: DriftState;
  readonly changes: readonly Change[];
  readonly ignored: readonly IgnoredChange[];
  readonly firstSeen: string | undefined;
  readonly error: InfraError | undefined;
  readonly durationMs: number;
};

/** A commit that changed what declares a resource. */
export type Explanation = {
  readonly commit: string;
  readonly at: string;
  readonly title: string;
  readonly path: string;
};

/** The same change in one or more stacks. */
export type DriftGroup = {
  readonly class: ChangeClass;
  readonly type: string;
  /** The address where all agree, else type and name. */
  readonly what: string;
  readonly attributes: readonly string[];
  readonly stacks: readonly string[];
  readonly addresses: readonly { readonly stack: string; readonly address: string }[];
  readonly explanation: Explanation | undefined;
};

/** The whole answer. With `error` the status is the error's. */
export type DriftResult = {
  readonly reports: readonly DriftReport[];
  readonly groups: readonly DriftGroup[];
  readonly findings: readonly Finding[];
  /** Commit that the second look planned; undefined when nothing had to be looked at again, or no commit exists. */
  readonly secondLookAt: string | undefined;
  readonly lookedAt: string;
  readonly parallelism: number;
  readonly status: StatusName;
  readonly error: InfraError | undefined;
  readonly durationMs: number;
};
