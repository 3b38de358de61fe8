import type { Clients } from '../clients/clients.ts';
import type { InfraError } from '../errors.ts';
import type { Finding } from '../findings/finding.ts';
import type { Site } from '../site/site.ts';

/** Where a check belongs; also the order in which groups are shown. */
export const GROUPS = ['machine', 'repository', 'Vault', 'cluster', 'services'] as const;
export type Group = (typeof GROUPS)[number];

/** What a check found, without the check's own id and title. */
export type Answer = Omit<Finding, 'id' | 'title'>;

/** The version of a program as it tells itself; `text` is its first line. Undefined: not on PATH. */
export type Program = { readonly path: string; readonly version: string | undefined; readonly text: string };

/** The repository as doctor sees it: there may be none, or one whose infra.yaml is wrong. */
export type SiteState =
  | { readonly state: 'present'; readonly site: Site }
  | { readonly state: 'absent'; readonly error: InfraError }
  | { readonly state: 'invalid'; readonly error: InfraError };

/** Everything that a check may ask. Clients are made when they are asked for: a site that is absent costs nothing. */
export type World = {
  readonly siteState: SiteState;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of journals and locks. */
  readonly stateFolder: string;
  readonly client: <K extends keyof Clients>(name: K) => Promise<Clients[K]>;
  /** Each program is asked once, however many checks want to know. */
  readonly program: (name: string) => Promise<Program | undefined>;
  /** Whether a trust subject was accepted on this machine. */
  readonly trusts: (subject: string) => Promise<boolean>;
};

/** A check that needs no repository. */
type MachineCheck = {
  readonly needs: 'machine';
  readonly run: (world: World) => Promise<Answer>;
};

/** A check that needs a site; without one it is a SKIP. */
type SiteCheck = {
  readonly needs: 'site';
  readonly run: (world: World, site: Site) => Promise<Answer>;
};

/**
 * One question with a verdict and a fix. `after`: a check that must not have failed; if it did, this one is UNKNOWN
 * (blocked), because blocked is not failed. `deadlineMs` ends it as UNKNOWN (timeout).
 */
export type Check = {
  readonly id: string;
  readonly title: string;
  readonly group: Group;
  readonly deadlineMs?: number;
  readonly after?: string;
} & (MachineCheck | SiteCheck);

export const pass = (detail: string, more: Partial<Answer> = {}): Answer => ({ verdict: 'PASS', detail, ...more });
export const warn = (detail: string, hint: string, more: Partial<Answer> = {}): Answer => ({
  verdict: 'WARN',
  detail,
  hint,
  ...more,
});
export const fail = (detail: string, hint: string, more: Partial<Answer> = {}): Answer => ({
  verdict: 'FAIL',
  detail,
  hint,
  ...more,
});
export const skip = (detail: string, reason = 'not-configured', more: Partial<Answer> = {}): Answer => ({
  verdict: 'SKIP',
  detail,
  reason,
  ...more,
});
export const unknown = (detail: string, reason: string, more: Partial<Answer> = {}): Answer => ({
  verdict: 'UNKNOWN',
  detail,
  reason,
  ...more,
});
