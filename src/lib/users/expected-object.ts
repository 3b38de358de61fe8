/** A rule of a Vault policy: at least `needs`, at most `needs` and `allows`. */
export type ExpectedRule = {
  readonly path: string;
  readonly needs: readonly string[];
  readonly allows: readonly string[];
  /** True when the policy may also do without it. */
  readonly optional?: boolean;
};

/** Subject of a binding: a person by e-mail, or an account of a namespace. */
export type ExpectedSubject =
  | { readonly kind: 'User'; readonly name: string }
  | { readonly kind: 'ServiceAccount'; readonly name: string; readonly namespace: string };

/** What has to be there, by kind: names and content as the stacks write them. */
export type ObjectSpec =
  | { readonly kind: 'namespace'; readonly name: string; readonly labels: Readonly<Record<string, string>> }
  | { readonly kind: 'vault-policy'; readonly name: string; readonly rules: readonly ExpectedRule[] }
  | { readonly kind: 'transit-key'; readonly name: string }
  | { readonly kind: 'identity-group'; readonly name: string; readonly policies: readonly string[] }
  | { readonly kind: 'group-alias'; readonly name: string; readonly group: string }
  | { readonly kind: 'entity'; readonly name: string; readonly policies: readonly string[] }
  | { readonly kind: 'entity-alias'; readonly email: string; readonly entity: string }
  | { readonly kind: 'kubernetes-engine-role'; readonly name: string; readonly namespace: string }
  | {
      readonly kind: 'role';
      readonly name: string;
      readonly namespace: string;
      readonly rules: readonly {
        readonly groups: readonly string[];
        readonly resources: readonly string[];
        readonly verbs: readonly string[];
      }[];
    }
  | {
      readonly kind: 'role-binding';
      readonly name: string;
      readonly namespace: string;
      /** ClusterRoles of which the binding has to name one: the repository has renamed some. */
      readonly roles: readonly string[];
      readonly subject: ExpectedSubject;
    }
  | {
      readonly kind: 'cluster-role-binding';
      readonly name: string;
      readonly roles: readonly string[];
      readonly subject: ExpectedSubject;
    }
  | {
      readonly kind: 'resource-quota';
      readonly name: string;
      readonly namespace: string;
      readonly hard: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'tls-secret'; readonly name: string; readonly namespace: string }
  | { readonly kind: 'service-account'; readonly name: string; readonly namespace: string }
  | { readonly kind: 'token-secret'; readonly name: string; readonly namespace: string; readonly account: string }
  | {
      readonly kind: 'config-map-entry';
      readonly name: string;
      readonly namespace: string;
      readonly email: string;
      readonly role: string;
      readonly namespaces: readonly string[];
    }
  | {
      readonly kind: 'dashboard-injector';
      readonly name: string;
      readonly namespace: string;
      readonly email: string;
      /** The Secret whose token the injector has to hold. */
      readonly token: { readonly name: string; readonly namespace: string };
    }
  | { readonly kind: 'woodpecker-admin'; readonly name: string; readonly namespace: string; readonly login: string }
  | { readonly kind: 'dns-record'; readonly label: string }
  | {
      readonly kind: 'authentik-groups';
      readonly email: string;
      readonly groups: readonly string[];
      readonly reached: readonly string[];
    }
  | {
      readonly kind: 'access';
      readonly email: string;
      readonly expected: boolean;
      readonly verb: string;
      readonly group: string;
      readonly resource: string;
      readonly namespace: string | undefined;
    };

export type ObjectKind = ObjectSpec['kind'];

/** The part of the union for some kinds. */
export type SpecOf<K extends ObjectKind> = Extract<ObjectSpec, { kind: K }>;

/** One thing that an entry stands for. `id` is stable; `command` shows it by hand. */
export type ExpectedObject = {
  readonly id: string;
  readonly title: string;
  readonly spec: ObjectSpec;
  readonly command: string;
  /** Stack that makes it; undefined for what no stack makes. */
  readonly stack: string | undefined;
  /** Id of what it is gone with: when both are absent, only that one failed. */
  readonly inside?: string;
  /** Id of what it follows from: when that one failed, nothing can be said about this one. */
  readonly restsOn?: string;
};
