import type { Clients } from '../../clients/clients.ts';
import type { Finding } from '../../findings/finding.ts';
import type { RunEvent } from '../../operation/step.ts';
import type { Site } from '../../site/site.ts';
import type { SameTargetDeps } from '../../stacks/preflight/same-target.ts';
import type { User } from '../entry.ts';

/** What was asked for: the user and the switches of `infra user add`. */
export type AddRequest = {
  readonly user: User;
  /** Stop after the verified edit. */
  readonly noApply: boolean;
  readonly dryRun: boolean;
  /** Answers the main question with yes; never a guard. */
  readonly yes: boolean;
  /** Go on although plans hold changes that do not name the user. */
  readonly allowUnrelated: boolean;
  /** Skip the plans before the edit. */
  readonly noBaseline: boolean;
  /** Restart the portal, which reads its user list only at start. */
  readonly restartPortal: boolean;
  /** For the admin role: the e-mail typed once more. */
  readonly confirmEmail: string | undefined;
};

/** What is shown while `user add` runs; the terminal and the document fold the same events. */
export type AddEvent =
  | { readonly type: 'preflight-start'; readonly user: User }
  | { readonly type: 'check'; readonly finding: Finding }
  | { readonly type: 'plan-ready'; readonly overview: AddOverview }
  | RunEvent;

/** What will be done, shown before the question. */
export type AddOverview = {
  readonly diff: readonly string[];
  readonly usersBefore: number;
  readonly path: string;
  readonly key: string;
  readonly alreadyWritten: boolean;
  readonly order: readonly { readonly stack: string; readonly reason: string; readonly tier: number }[];
  readonly leftOut: readonly { readonly stack: string; readonly reason: string }[];
  readonly standingDrift: readonly { readonly stack: string; readonly address: string; readonly class: string }[];
  readonly notes: readonly string[];
};

/** Everything the flow uses: the outside world, the site and this run's surroundings. */
export type AddContext = {
  readonly clients: Omit<Clients, 'dns' | 'machine' | 'postgres' | 'sockets' | 'ssh' | 'web'> &
    Partial<Pick<Clients, 'postgres'>>;
  readonly site: Site;
  /** `${XDG_STATE_HOME:-~/.local/state}/infra`. */
  readonly stateFolder: string;
  readonly runId: string;
  readonly version: string;
  /** The environment, read only: PG_CONN_STR, CI, TF_* and the like. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly interrupt: AbortSignal;
  readonly onEvent: (event: AddEvent) => void;
  /** Removes the secrets of this run from a text, for the journal. */
  readonly redact: (text: string) => string;
  /** Second clients, for what the stacks talk to. */
  readonly elsewhere: Pick<SameTargetDeps, 'vaultAt' | 'kubernetesAt'>;
};
