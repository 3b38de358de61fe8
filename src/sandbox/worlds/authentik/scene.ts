import type { AuthentikRecords } from '../../apis/authentik-outposts.ts';
import type { EdgeWorld } from '../../edge/state.ts';
import type { Answer } from '../../http/exchange.ts';
import type { LogLine } from '../../kubernetes/logs.ts';
import type { Postgres } from '../../programs/psql.ts';
import type { Tmpfs } from '../../programs/tmpfs.ts';
import type { Series } from '../../prometheus/promql.ts';
import type { PrometheusWorld } from '../../prometheus/server.ts';
import type { Random } from '../../random.ts';
import type { World } from '../../world.ts';

/** How authentik stands: one outpost with files, two with PostgreSQL, or none beside the server. */
export type Shape = 'april' | 'august' | 'embedded';

/** A pod of a workload. */
export type PodScene = {
  name: string;
  node: string;
  ready: boolean;
  /** Why its container does not run. */
  waiting?: string;
  restarts: number;
  /** Seconds since its container started. */
  age: number;
  last?: { readonly reason: string; readonly exitCode: number; readonly secondsAgo: number };
  shm?: Tmpfs;
  /** Seconds since it is full. */
  fullSince?: number;
  /** True: only the lines in `log`; else the usual ones are added. */
  quiet?: boolean;
  log: LogLine[];
  previous?: LogLine[];
};

/** A Deployment (or the database cluster) with its pods. */
export type Workload = {
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
  readonly labels: Record<string, string>;
  image: string;
  replicas: number;
  memoryLimit: string | undefined;
  /** An emptyDir in memory over /dev/shm, with its sizeLimit; undefined: the default of 64 MiB. */
  dshm: string | undefined;
  env: readonly string[];
  pods: PodScene[];
};

/** An outpost: its workload, how it is written, and where it keeps sessions. */
export type Outpost = Workload & {
  readonly outpost: string;
  writer: 'go' | 'rust';
  store: 'filesystem' | 'postgres';
  /** Hosts whose provider is bound to it. */
  hosts: string[];
  sessionsPerMinute: number;
};

/** A Service. */
export type ServiceScene = {
  readonly namespace: string;
  readonly name: string;
  selector: Record<string, string>;
  readonly ports: readonly number[];
  loadBalancerIp?: string;
};

/** A host that visitors come to. */
export type HostScene = {
  readonly host: string;
  readonly namespace: string;
  readonly service: string;
  /** Its middleware annotation; empty for none. */
  middlewares: string;
  priority?: number;
};

export type EventScene = {
  readonly reason: string;
  readonly message: string;
  readonly object: string;
  readonly kind: string;
  readonly secondsAgo: number;
};

/** Everything that a world may change, before it becomes objects, files, log lines and answers. */
export type Scene = {
  readonly shape: Shape;
  readonly random: Random;
  /** Milliseconds; all ages count from here. */
  readonly now: number;
  outposts: Outpost[];
  server: Workload;
  worker: Workload;
  pgbouncer: Workload;
  authProxy: Workload;
  traefik: Workload;
  postgres: Workload;
  crowdsec: Workload;
  /** Addresses that CrowdSec keeps out. */
  decisions: { readonly value: string; readonly scenario: string }[];
  database: Postgres;
  services: ServiceScene[];
  hosts: HostScene[];
  events: EventScene[];
  limitRange: string;
  edge: { cloudflare: EdgeWorld['cloudflare']; traefik: EdgeWorld['traefik']; refused: Record<string, Answer> };
  records: { -readonly [K in keyof AuthentikRecords]: AuthentikRecords[K][number][] };
  series: Series[];
  rules: PrometheusWorld['rules'];
  /** Hours that the outposts' clocks are ahead of UTC: the Rust one writes local time. */
  zoneHours: number;
  /** Further changes of the world that is built, such as who the operator is. */
  readonly more: ((world: World) => World)[];
};

/** A change of the scene: what makes a world. */
export type Edit = (scene: Scene) => void;
