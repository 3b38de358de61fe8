/** The three roles that the stacks know; any other value is silently ignored by them. */
export const ROLES = ['namespace-owner', 'power-user', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Quota of each namespace of a namespace-owner: the only keys that the stacks read. Values are Kubernetes quantities. */
export type Quota = {
  readonly cpu_requests?: string;
  readonly memory_requests?: string;
  readonly memory_limits?: string;
  readonly pods?: string;
};

/** What the rbac stack uses where an entry says nothing. */
export const QUOTA_DEFAULTS = {
  cpu_requests: '2',
  memory_requests: '4Gi',
  memory_limits: '8Gi',
  pods: '20',
} as const satisfies Required<Quota>;

/** One user of `k8s_users`. Unknown keys of a stored entry are kept in the stored text, never here. */
export type Entry = {
  readonly role: Role;
  readonly email: string;
  readonly namespaces: readonly string[];
  readonly domains: readonly string[];
  readonly quota: Quota;
};

/** A user: the key in `k8s_users` and its entry. */
export type User = { readonly name: string; readonly entry: Entry };
