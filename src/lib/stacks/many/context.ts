import type { Clients } from '../../clients/clients.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Site } from '../../site/site.ts';
import type { StackDeps } from '../deps.ts';
import type { SameTargetDeps } from '../preflight/same-target.ts';
import type { Stack } from '../stack.ts';
import type { ApplyOverview } from './apply-request.ts';
import type { AppliedReport, PlannedReport } from './report.ts';

/** Stacks to work on. `known` are all of the repository, for the order between those chosen. */
export type Chosen = {
  /** `named`, `affected`, `all`, `working-directory`: how they were asked for. */
  readonly how: string;
  readonly stacks: readonly Stack[];
  readonly known: readonly Stack[];
};

/** What happens while many stacks are planned and applied, for the lines on stderr. */
export type ManyEvent =
  | { readonly type: 'check'; readonly finding: Finding }
  | { readonly type: 'phase'; readonly phase: 'plan' | 'apply'; readonly total: number; readonly parallelism: number }
  | { readonly type: 'stack-start'; readonly phase: 'plan' | 'apply'; readonly stack: string }
  | { readonly type: 'stack-progress'; readonly stack: string; readonly text: string }
  | { readonly type: 'planned'; readonly report: PlannedReport }
  | { readonly type: 'overview'; readonly overview: ApplyOverview }
  | { readonly type: 'applied'; readonly report: AppliedReport };

/** Everything that a command over many stacks uses: the outside world, the site and this run's surroundings. */
export type ManyContext = {
  readonly clients: Pick<
    Clients,
    'clock' | 'files' | 'git' | 'kubernetes' | 'processes' | 'prompt' | 'terragrunt' | 'vault'
  > &
    Partial<Pick<Clients, 'postgres'>>;
  readonly site: Site;
  /** `${XDG_STATE_HOME:-~/.local/state}/infra`. */
  readonly stateFolder: string;
  readonly runId: string;
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly interrupt: AbortSignal;
  readonly onEvent: (event: ManyEvent) => void;
  /** Removes the secrets of this run from a text, for the journal. */
  readonly redact: (text: string) => string;
  /** Second clients, for what the stacks talk to. */
  readonly elsewhere: Pick<SameTargetDeps, 'vaultAt' | 'kubernetesAt'>;
};

/** The stacks' room as this run sees it. Children get the token of a login that infra did itself: no file holds it. */
export async function stackDepsOf(context: ManyContext): Promise<StackDeps> {
  const { clients, site, stateFolder, runId, env } = context;
  const token = await clients.vault.loginToken();
  const secrets = token === undefined ? {} : { childSecrets: { VAULT_TOKEN: token } };
  return { clients, site, stateFolder, runId, env, ...secrets };
}
