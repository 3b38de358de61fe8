import type { Duplex } from 'node:stream';

/** Names one kind of object on the API: `{group: '', version: 'v1', plural: 'namespaces'}`. */
export type Kind = { readonly group: string; readonly version: string; readonly plural: string };

/** The part of any Kubernetes object that the tool relies on; all other fields are kept. */
export type KubernetesObject = {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
};

/** A question to the authoriser. `as` asks about somebody else (LocalSubjectAccessReview or SubjectAccessReview). */
export type AccessQuestion = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly as?: string;
};

/** Which log to read. `sinceSeconds` and `tailLines` as in the pod log API. */
export type LogRequest = {
  readonly namespace: string;
  readonly pod: string;
  readonly container?: string;
  readonly previous?: boolean;
  readonly sinceSeconds?: number;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  readonly timestamps?: boolean;
  readonly follow?: boolean;
  /** Told of every piece that arrives, in bytes: lines alone do not say how much came. */
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal;
};

/** Result of a command in a container; output is kept up to a few MiB. */
export type ExecResult = {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** True when a stream was longer than what is kept. */
  readonly truncated?: boolean;
};

/** The cluster in use and where that was decided. */
export type ClusterTarget = {
  readonly context: string | undefined;
  readonly server: string;
  readonly source: string;
  readonly namespace: string | undefined;
  /** Set when another context had to be used: which one was meant, and how its login failed. */
  readonly insteadOf?: { readonly context: string | undefined; readonly because: string };
};

/**
 * The Kubernetes API. Errors: `kubernetes.not-configured` (78), `kubernetes.unauthorized` (77: 401), `kubernetes.denied` (77: 403),
 * `kubernetes.unreachable` (69), `kubernetes.timeout` (69), `kubernetes.not-json` (69), `kubernetes.failed` (69, with reason and message
 * of the Status object), `kubernetes.conflict` (75: 409), `kubernetes.plugin` (77: an exec plugin failed or took too long),
 * `kubernetes.bad-config` (78).
 */
export type Kubernetes = {
  target(): Promise<ClusterTarget>;
  /** Server version, e.g. `v1.34.4`; needs no rights. */
  version(): Promise<string>;
  /** The object, or undefined when it does not exist. */
  get(kind: Kind, name: string, namespace?: string): Promise<KubernetesObject | undefined>;
  /** Every object, over all pages. */
  list(
    kind: Kind,
    options?: { readonly namespace?: string; readonly labelSelector?: string; readonly fieldSelector?: string },
  ): Promise<readonly KubernetesObject[]>;
  /** A merge patch of one object. */
  patch(kind: Kind, name: string, namespace: string | undefined, body: unknown): Promise<KubernetesObject>;
  /** Creates one object and gives what is stored. A name that is taken is `kubernetes.conflict`. */
  create(kind: Kind, namespace: string | undefined, body: unknown): Promise<KubernetesObject>;
  /** Deletes one object; what it owns follows in the background. False when there was none. */
  delete(kind: Kind, name: string, namespace?: string): Promise<boolean>;
  allowed(question: AccessQuestion): Promise<boolean>;
  /** Log lines without their line ends, streamed with back-pressure. */
  logs(request: LogRequest): AsyncIterable<string>;
  exec(
    namespace: string,
    pod: string,
    container: string | undefined,
    command: readonly string[],
    options?: { readonly timeoutMs?: number; readonly stdin?: string },
  ): Promise<ExecResult>;
  /** A connection to a port inside a pod, as if dialled there; whoever gets it ends it. `timeoutMs` until it stands. */
  portForward(namespace: string, pod: string, port: number, options?: { readonly timeoutMs?: number }): Promise<Duplex>;
};

/** What only reads: all that a guest may use. */
export type KubernetesReads = Omit<Kubernetes, 'patch' | 'create' | 'delete'>;
