import type { Clock } from './clock/client.ts';
import type { Dns } from './dns/client.ts';
import type { Files } from './files/client.ts';
import type { Git } from './git/client.ts';
import type { Http } from './http/client.ts';
import type { Kubernetes } from './kubernetes/client.ts';
import type { Machine } from './machine/client.ts';
import type { Postgres } from './postgres/client.ts';
import type { Processes } from './process/client.ts';
import type { Prompt } from './prompt/client.ts';
import type { Sockets } from './sockets/client.ts';
import type { Ssh } from './ssh/client.ts';
import type { Terragrunt } from './terragrunt/client.ts';
import type { Tokens } from './tokens/client.ts';
import type { Vault } from './vault/client.ts';
import type { Web } from './web/client.ts';

/**
 * The outside world: the only side effects. Domain functions take `Pick<Clients, …>`, so that a signature says
 * what a function can touch. Only `cli/context.ts` makes live ones.
 */
export type Clients = {
  readonly clock: Clock;
  readonly dns: Dns;
  readonly files: Files;
  readonly git: Git;
  readonly http: Http;
  readonly kubernetes: Kubernetes;
  readonly machine: Machine;
  readonly postgres: Postgres;
  readonly processes: Processes;
  readonly prompt: Prompt;
  readonly sockets: Sockets;
  readonly ssh: Ssh;
  readonly terragrunt: Terragrunt;
  readonly tokens: Tokens;
  readonly vault: Vault;
  readonly web: Web;
};
