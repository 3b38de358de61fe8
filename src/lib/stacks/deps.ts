import type { Clients } from '../clients/clients.ts';
import type { Secret } from '../secrets/secret.ts';
import type { Site } from '../site/site.ts';

/** Everything that planning and applying one stack uses. */
export type StackDeps = {
  readonly clients: Pick<Clients, 'clock' | 'files' | 'git' | 'processes' | 'terragrunt' | 'vault'> &
    // Only to name who holds a lock: without it an error says less, and nothing else changes.
    Partial<Pick<Clients, 'postgres'>>;
  readonly site: Site;
  /** `${XDG_STATE_HOME:-~/.local/state}/infra`: locks, plan folders, markers. */
  readonly stateFolder: string;
  readonly runId: string;
  /** The environment of infra, read only. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Added to the environment of children: VAULT_TOKEN where infra logged in itself and no file holds the token. */
  readonly childSecrets?: Readonly<Record<string, Secret>>;
};

/** What a stack tells while it works; a `StepRun` is one. */
export type StackRun = {
  readonly note: (event: string, data: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly interrupt: AbortSignal;
  readonly progress: (text: string) => void;
  /** Nothing is encrypted, committed or pushed: what an earlier run left open stays open. */
  readonly dryRun?: boolean;
};
