import type { Secret } from '../../secrets/secret.ts';
import type { Finished, HoldOptions } from '../process/client.ts';

/** Where and how one unit is run. `env` carries PG_CONN_STR, PGAPPNAME, TF_PLUGIN_CACHE_DIR, …; secrets only in `secretEnv`. */
export type Unit = {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly secretEnv: Readonly<Record<string, Secret>>;
};

/** Versions of the programs in use; `tool` is the program that terragrunt calls. */
export type ToolVersions = {
  readonly terragrunt: string;
  readonly tool: 'tofu' | 'terraform';
  readonly toolVersion: string;
};

/** One diagnostic of terraform's JSON output. */
export type Diagnostic = {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail: string;
  readonly address?: string;
  /**
   * `lock-held`: somebody else has the state's lock; the detail of the pg backend names the caller, not the holder.
   * `plan-stale`: the state has moved on since the plan was made, which can never be applied any more.
   */
  readonly means?: 'lock-held' | 'plan-stale';
};

/** A finished plan: `planned` says whether a plan file exists that may be applied. */
export type PlanRun = {
  readonly outcome: 'no-changes' | 'changes' | 'failed';
  readonly diagnostics: readonly Diagnostic[];
  readonly text: string;
  readonly durationMs: number;
};

/** A finished apply. `interrupted` when it failed after the one interrupt had been sent. */
export type ApplyRun = {
  readonly outcome: 'applied' | 'failed';
  readonly diagnostics: readonly Diagnostic[];
  readonly text: string;
  readonly durationMs: number;
  readonly interrupted?: boolean;
};

/** Options of a plan. `lockTimeout` is terraform's duration syntax; `lock: false` for drift only. */
export type PlanOptions = {
  readonly out: string;
  readonly lockTimeout: string;
  readonly lock: boolean;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
};

/** A unit as `terragrunt find` tells it; `dependencies` are the direct ones, relative to the folder that was searched. */
export type FoundUnit = { readonly path: string; readonly dependencies: readonly string[] };

/**
 * One terragrunt unit at a time; never `run --all`. Works with 0.99.4 and 1.x, OpenTofu and Terraform:
 * flags come right after the verb and the plan file last (0.99 looks at the last argument only).
 * Errors: `terragrunt.not-found`, `terragrunt.tool-not-found`, `terragrunt.cli-config-missing` (78), `terragrunt.failed`
 * (69: show and state pull), `terragrunt.bad-output` (70), those of `Processes`.
 */
export type Terragrunt = {
  versions(folder: string): Promise<ToolVersions>;
  init(unit: Unit, signal?: AbortSignal): Promise<Finished>;
  plan(unit: Unit, options: PlanOptions): Promise<PlanRun>;
  /** `show -json` of a plan file: the parsed document. It contains secrets in clear: keep it in memory. */
  show(unit: Unit, planFile: string): Promise<unknown>;
  /** Applies exactly this plan file. */
  apply(
    unit: Unit,
    planFile: string,
    lockTimeout: string,
    hold: Omit<HoldOptions, 'onLine'> & { readonly onProgress?: (address: string, done: boolean) => void },
  ): Promise<ApplyRun>;
  /** `state pull`: serial and lineage, or undefined when there is no state yet. */
  statePull(
    unit: Unit,
  ): Promise<{ readonly serial: number; readonly lineage: string; readonly resources: number } | undefined>;
  /**
   * `find --json --dag --dependencies` below a folder. It hides what it cannot evaluate, and takes units out of cycles,
   * with exit status 0: a second opinion, never the truth.
   */
  find(folder: string, signal?: AbortSignal): Promise<readonly FoundUnit[]>;
};
