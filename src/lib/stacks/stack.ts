/** State tier: 0 is a local file kept encrypted in git, 1 is the PostgreSQL backend. */
export type Tier = 0 | 1;

/** Which shape of the platform's repository: where RBAC, quota and DNS live. */
export type Shape = 'documented' | 'extracted';

/** One terragrunt unit of the repository. */
export type Stack = {
  readonly name: string;
  /** Absolute folder. */
  readonly folder: string;
  readonly tier: Tier;
  /** Names of the stacks that its terragrunt.hcl declares as dependencies. */
  readonly dependencies: readonly string[];
  /** True when a file reachable from its root module names the users' key. */
  readonly readsUsers: boolean;
  /** True when nothing reachable from its root module is a resource, a data source or a module: an empty shell. */
  readonly empty: boolean;
  /** True for a scaffold such as `_template`, which is never planned or applied. */
  readonly scaffold?: boolean;
  /** Dependencies that the text does not tell literally, as written; terragrunt may know more than a scan. */
  readonly unresolved?: readonly string[];
  /** For a reader: other readers whose objects it reads at plan time, found in the .tf text. */
  readonly waitsFor?: readonly { readonly stack: string; readonly because: string }[];
};

/** Class of a planned change. `output` stands for a change of outputs only. */
export type ChangeClass = 'create' | 'update' | 'replace' | 'delete' | 'forget' | 'import' | 'move' | 'read' | 'output';

/** Where a change takes place, by names. `restarts`: pods are replaced by it. */
export type Place = {
  /** `deployment`, `ingress`, `helm_release`, … */
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly hosts?: readonly string[];
  readonly restarts: boolean;
};

/** What makes a change dangerous that destroys nothing; `code` is stable, `because` a sentence without its full stop. */
export type Risk = { readonly code: string; readonly because: string };

/** A change of a Helm release: what its values pin, to be compared with what runs. Images are `repository:tag`. */
export type ReleaseChange = {
  readonly name: string;
  readonly namespace: string;
  readonly images: readonly string[];
  /** Version of the application that the chart installs when no value says otherwise; undefined: known after the apply. */
  readonly appVersion?: string;
};

/** One change of a plan, without any value: values may be secret. */
export type Change = {
  readonly address: string;
  readonly type: string;
  readonly class: ChangeClass;
  /** terraform's action_reason, if any. */
  readonly reason?: string;
  /** Attribute paths that force the replacement. */
  readonly replacePaths?: readonly string[];
  /** Top-level attribute names that differ (update, replace). */
  readonly attributes?: readonly string[];
  /** Digest of the change's before and after, to tell whether two plans hold the same change. */
  readonly digest: string;
  /** True when the address, or what changes structurally inside a shared object, names the user of this run. */
  readonly namesUser: boolean;
  /** Former address of a moved resource. */
  readonly previousAddress?: string;
  /** Digests of what differs and does not concern the user: compared with a baseline one by one. Empty when namesUser. */
  readonly foreign?: readonly string[];
  readonly place?: Place;
  /** Guarded although nothing is destroyed. */
  readonly risks?: readonly Risk[];
  readonly release?: ReleaseChange;
};

/** Summary of one plan. */
export type PlanSummary = {
  readonly changes: readonly Change[];
  readonly counts: Readonly<Record<ChangeClass, number>>;
  /** Managed resources in the prior state and in the planned state. */
  readonly priorResources: number;
  readonly plannedResources: number;
  readonly applyable: boolean;
};

/** A plan on disk, in a 0700 folder, with its summary. It is applied from exactly this file. */
export type StackPlan = {
  readonly stack: string;
  readonly outcome: 'no-changes' | 'changes';
  readonly file: string;
  /** SHA-256 of the plan file, checked again right before it is applied. */
  readonly fileDigest: string;
  readonly summary: PlanSummary;
  readonly durationMs: number;
};
