import type { AuthentikGroup, AuthentikUser } from './apis/authentik.ts';
import type { AuthentikRecords } from './apis/authentik-outposts.ts';
import type { Resolver } from './dns/server.ts';
import type { EdgeWorld } from './edge/state.ts';
import type { Injection } from './http/injection.ts';
import type { ExecAnswer } from './kubernetes/exec.ts';
import type { LogSource } from './kubernetes/logs.ts';
import type { KubeObject } from './kubernetes/object.ts';
import type { User } from './kubernetes/state.ts';
import type { LokiWorld } from './loki/server.ts';
import type { MailWorld } from './mail/world.ts';
import type { PrometheusWorld } from './prometheus/server.ts';
import type { Faults } from './terragrunt/faults.ts';

/** A state of the platform: objects, files, log lines and answers. Never a verdict. */
export type World = {
  /** Where RBAC and DNS live: in stacks of their own, or in `platform` as the documents have it. */
  readonly shape: 'extracted' | 'documented';
  /** Entries of k8s_users at the start; the stacks are applied for them. */
  readonly users: Readonly<Record<string, unknown>>;
  readonly vault: {
    /** KV v2 secrets by path below `secret/`; `platform` gets `k8s_users` added. */
    readonly secrets: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly policies: Readonly<Record<string, string>>;
    /** Tokens besides the root token; `ttl` in seconds, 0 for ever. */
    readonly tokens: Readonly<Record<string, { readonly policies: readonly string[]; readonly ttl: number }>>;
    readonly injections?: readonly Injection[];
  };
  readonly kubernetes: {
    readonly objects: readonly KubeObject[];
    readonly tokens: Readonly<Record<string, User>>;
    readonly logs: readonly LogSource[];
    readonly exec: readonly ExecAnswer[];
    readonly injections?: readonly Injection[];
    /** Who the operator's kubeconfig is for; left out: the administrator. */
    readonly operator?: User;
    /** The kubeconfig logs in by a program that writes this and fails; a second context has the administrator's token. */
    readonly loginFails?: string;
  };
  readonly forgejo: { readonly logins: readonly string[] };
  readonly authentik: {
    readonly users: readonly AuthentikUser[];
    readonly groups: readonly AuthentikGroup[];
    readonly records: AuthentikRecords;
    readonly injections?: readonly Injection[];
  };
  /** What visitors meet, in front of the cluster. */
  readonly edge: EdgeWorld;
  /** The public name server. */
  readonly dns: Resolver;
  readonly prometheus: PrometheusWorld & { readonly injections?: readonly Injection[] };
  /** Loki; left out: the site has none. */
  readonly loki?: LokiWorld & { readonly injections?: readonly Injection[] };
  /** The mail server and the way to it; left out: nothing is wrong there. */
  readonly mail?: MailWorld;
  /** What goes wrong in the stacks. */
  readonly faults?: Faults;
};
