import type { Outside } from '../drivers.ts';
import type { Desired, StateResource } from '../resource.ts';
import type { UserEntry } from './users.ts';

/** What a configuration is evaluated with. */
export type Evaluation = {
  /** Entries of k8s_users; reading it decodes the document, as a `jsondecode` in a `for_each` does. Errors: Diagnosed. */
  readonly users: () => ReadonlyMap<string, UserEntry>;
  readonly outside: Outside;
  /** The wildcard certificate and key that stacks lay into namespaces. */
  readonly certificate: { readonly certificate: string; readonly key: string };
  readonly shape: 'extracted' | 'documented';
  /** Value of another key of `secret/platform`. */
  readonly platformKey: (key: string) => string;
};

/** What a configuration comes to: the resources it wants, in an order that can be created, and what it read. */
export type Evaluated = { readonly resources: readonly Desired[]; readonly data: readonly StateResource[] };

/** A stack's configuration. Errors: Diagnosed. */
export type Model = (evaluation: Evaluation) => Promise<Evaluated>;

/** A model that wants these and reads nothing. */
export function wants(resources: readonly Desired[], data: readonly StateResource[] = []): Evaluated {
  return { resources, data };
}
