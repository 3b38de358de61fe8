/** An effective value and where it came from, e.g. `{value: 'stacks', source: 'default'}`. */
export type Setting<T> = { readonly value: T; readonly source: string };

/** Where a token is to be found; never the token itself. */
export type TokenReference = { readonly env: string } | { readonly file: string } | { readonly vault: string };

/** An optional HTTP API of the platform. */
export type Api = { readonly url: string; readonly token?: TokenReference };

/** How Tier-0 state (local file, encrypted in git) is kept. */
export type Tier0Settings = {
  /** Stack names; discovered from the root terragrunt.hcl when infra.yaml does not say. */
  readonly stacks: Setting<readonly string[]>;
  /** Folder of the state files below the repository, default `state/stacks`. */
  readonly stateFolder: Setting<string>;
  /** Push the state commit after an apply; default true where an upstream exists. */
  readonly push: Setting<boolean>;
  /** Remote and branch to fetch from and push to; undefined: the branch's upstream. */
  readonly remote: Setting<string | undefined>;
  readonly branch: Setting<string | undefined>;
};

/** What mail is spoken over. */
export type MailProtocol = 'smtp' | 'smtps' | 'submission' | 'imaps';

/** Ports of one protocol along the path: as clients know it, the pod's PROXY listener, and on every node. */
export type MailPorts = {
  readonly port: number;
  readonly proxy?: number;
  readonly nodePort?: number;
  /** Node port of the health check, without PROXY. */
  readonly healthPort?: number;
};

export type MailNode = { readonly name: string; readonly address: string };
export type PublicAddresses = { readonly ipv4?: string; readonly ipv6?: string };
export type Host = { readonly name: string; readonly ssh: string };

/** `subject` undefined: the finding whatever it is about. `expires` is a day, `2027-01-31`. */
export type IgnoredFinding = {
  readonly finding: string;
  readonly subject?: string;
  readonly reason: string;
  readonly expires: string;
};

/** One platform as `infra.yaml` and discovery describe it. Every value knows its source. */
export type Site = {
  /** Absolute root of the infra repository. */
  readonly root: Setting<string>;
  /** Absolute path of infra.yaml, or undefined when there is none. */
  readonly file: string | undefined;
  readonly stacks: {
    readonly dir: Setting<string>;
    readonly run: Setting<'native' | 'wrapper'>;
    readonly wrapper: Setting<string>;
    readonly parallelism: Setting<number | undefined>;
    readonly tier0: Tier0Settings;
    /** Guard scripts, relative to the root; default `scripts/check-*.py` that exist. */
    readonly guards: Setting<readonly string[]>;
    /** API path of the PostgreSQL credentials, default `database/static-creds/pg-terraform-state`. */
    readonly pgCredentials: Setting<string>;
    /** `host:port/database` of the state database for Tier 1, default from the site's convention. */
    readonly pgAddress: Setting<string | undefined>;
  };
  readonly vault: {
    readonly address: Setting<string | undefined>;
    readonly namespace: Setting<string | undefined>;
    readonly users: { readonly path: Setting<string>; readonly key: Setting<string> };
    readonly auth: {
      readonly kubernetes: { readonly mount: Setting<string>; readonly role: Setting<string | undefined> };
    };
    /** Mount names: OIDC login, transit engine, kubernetes secrets engine. */
    readonly oidcMount: Setting<string>;
    readonly transitMount: Setting<string>;
    readonly kubernetesMount: Setting<string>;
    /** KV folder of advisory locks, default `secret/locks`. */
    readonly locks: Setting<string>;
  };
  readonly kubernetes: {
    readonly context: Setting<string | undefined>;
    readonly kubeconfig: Setting<string | undefined>;
    /** A context for a diagnosis whose own login fails; never used by a command that writes. */
    readonly breakGlass: Setting<string | undefined>;
  };
  readonly users: {
    /** Fixed apply order, or undefined: the readers of k8s_users, ordered by what they need. */
    readonly apply: Setting<readonly string[] | undefined>;
    readonly tlsSecret: Setting<string>;
    readonly forgejo: Setting<Api | undefined>;
    readonly portal: {
      readonly namespace: Setting<string>;
      readonly configMap: Setting<string>;
      readonly deployment: Setting<string>;
    };
    readonly woodpecker: { readonly namespace: Setting<string>; readonly statefulSet: Setting<string> };
    readonly dashboard: { readonly namespace: Setting<string>; readonly secret: Setting<string> };
  };
  readonly authentik: {
    readonly namespace: Setting<string>;
    readonly url: Setting<string | undefined>;
    readonly token: Setting<TokenReference | undefined>;
    /** Where CloudNativePG keeps its database. */
    readonly database: { readonly namespace: Setting<string> };
  };
  readonly edge: {
    readonly cloudflare: Setting<(Api & { readonly zone: string }) | undefined>;
    /** Public DNS server, `host[:port]`. */
    readonly resolver: Setting<string>;
    /** Port that visitors come to, default 443. */
    readonly port: Setting<number>;
    /** The Service that traffic enters by; `address` is `host[:port]`, undefined: what the Service's load balancer says. */
    readonly traefik: {
      readonly namespace: Setting<string>;
      readonly service: Setting<string>;
      readonly address: Setting<string | undefined>;
    };
    /** Where the nginx between Traefik and the outposts runs, and where CrowdSec does. */
    readonly authProxy: { readonly namespace: Setting<string> };
    readonly crowdsec: { readonly namespace: Setting<string> };
    /** Hosts to probe instead of what the Ingresses say. */
    readonly hosts: Setting<readonly string[] | undefined>;
  };
  readonly prometheus: { readonly url: Setting<string | undefined> };
  /** Loki, which keeps logs longer than the kubelet does. */
  readonly loki: { readonly url: Setting<string | undefined> };
  readonly mail: {
    readonly hostname: Setting<string | undefined>;
    /** Cluster nodes in the balancer's pool, by name. */
    readonly nodes: Setting<readonly MailNode[] | undefined>;
    readonly ports: Setting<Readonly<Partial<Record<MailProtocol, MailPorts>>> | undefined>;
    /** Address of the balancer inside the network. */
    readonly haproxy: Setting<string | undefined>;
    /** Path of the balancer's admin socket on its host. */
    readonly haproxySocket: Setting<string>;
    /** Addresses that the Internet sees. */
    readonly public: Setting<PublicAddresses | undefined>;
    /** The backup MX, `host[:port]`. */
    readonly secondMx: Setting<string | undefined>;
    /** Hosts as ssh knows them. */
    readonly ssh: {
      readonly haproxy: Setting<string | undefined>;
      readonly nat: Setting<string | undefined>;
      /** The backup MX: its queue is asked for there. */
      readonly secondMx: Setting<string | undefined>;
    };
    readonly namespace: Setting<string>;
    readonly service: Setting<string>;
    readonly pod: {
      readonly selector: Setting<string>;
      readonly container: Setting<string>;
      /** Logs that the pod keeps in files, as rspamd does. */
      readonly logFiles: Setting<readonly string[]>;
    };
    /** The CronJob that sends a mail around from outside, and what its metrics' names begin with. */
    readonly roundtrip: { readonly cronJob: Setting<string>; readonly metric: Setting<string> };
    /** The records of mail: where they are asked for, and what is known to be otherwise. */
    readonly dns: {
      readonly domain: Setting<string | undefined>;
      readonly selectors: Setting<readonly string[]>;
      /** Servers of the zone, `address[:port]`; undefined: what its NS records name. */
      readonly authoritative: Setting<readonly string[] | undefined>;
      readonly internal: Setting<string | undefined>;
      readonly blockLists: Setting<readonly string[]>;
      readonly ptrWaiver: Setting<string | undefined>;
    };
  };
  /** Single hosts, by the name that `~/.ssh/config` knows unless `ssh` says otherwise. */
  readonly hosts: Setting<readonly Host[]>;
  /** Findings that are known and accepted until they expire. */
  readonly ignore: Setting<readonly IgnoredFinding[]>;
  /** Own runbooks, relative to the repository. They run only after `infra config trust`, and never in triage. */
  readonly runbooks: Setting<readonly string[]>;
};
