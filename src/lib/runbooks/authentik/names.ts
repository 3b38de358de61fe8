import type { Kind } from '../../clients/kubernetes/client.ts';

/** Kinds that the runbook reads. */
export const PODS: Kind = { group: '', version: 'v1', plural: 'pods' };
export const SERVICES: Kind = { group: '', version: 'v1', plural: 'services' };
export const EVENTS: Kind = { group: '', version: 'v1', plural: 'events' };
export const LIMIT_RANGES: Kind = { group: '', version: 'v1', plural: 'limitranges' };
export const DEPLOYMENTS: Kind = { group: 'apps', version: 'v1', plural: 'deployments' };
export const REPLICA_SETS: Kind = { group: 'apps', version: 'v1', plural: 'replicasets' };
export const BUDGETS: Kind = { group: 'policy', version: 'v1', plural: 'poddisruptionbudgets' };
export const ENDPOINT_SLICES: Kind = { group: 'discovery.k8s.io', version: 'v1', plural: 'endpointslices' };
export const INGRESSES: Kind = { group: 'networking.k8s.io', version: 'v1', plural: 'ingresses' };

/** Label that Authentik's controller puts on what belongs to an outpost (goauthentik, outposts/controllers/k8s/base.py). */
export const OUTPOST_LABEL = 'goauthentik.io/outpost-name';
export const COMPONENT_LABEL = 'app.kubernetes.io/component';
export const NAME_LABEL = 'app.kubernetes.io/name';

/** Container of an outpost pod that answers forward authentication. */
export const PROXY_CONTAINER = 'proxy';

/** `managed` of the outpost that may keep its sessions in PostgreSQL (goauthentik, outposts/apps.py). */
export const EMBEDDED_OUTPOST = 'goauthentik.io/outposts/embedded';

/** Environment variable that gives a container Authentik's database. */
export const DATABASE_VARIABLE = 'AUTHENTIK_POSTGRESQL__HOST';

/** The middleware that protects a host, as an Ingress names it. */
export const MIDDLEWARE_ANNOTATION = 'traefik.ingress.kubernetes.io/router.middlewares';
export const FORWARD_AUTH_MIDDLEWARE = 'authentik-forward-auth@kubernetescrd';

/** The same for any outpost: `traefik-authentik-public-forward-auth@kubernetescrd` asks another one. */
export const FORWARD_AUTH = /[\w-]*authentik-(?:[\w-]+-)?forward-auth@kubernetescrd/;

/** The nginx between Traefik and the outposts; it turns a dead outpost into a password prompt. */
export const AUTH_PROXY = 'auth-proxy';
export const AUTH_PROXY_SELECTOR = 'app=auth-proxy';

export const PRIMARY_SELECTOR = 'cnpg.io/instanceRole=primary';
export const DATABASE_CONTAINER = 'postgres';

/** The layers, lowest first. What is low down explains what is seen above it. */
export const LAYERS = [
  { id: 'database', title: 'the database' },
  { id: 'pooler', title: 'pgbouncer' },
  { id: 'server', title: 'the Authentik server' },
  { id: 'outpost', title: 'the outpost' },
  { id: 'auth-proxy', title: 'the auth proxy' },
  { id: 'edge', title: 'the edge' },
  { id: 'user', title: 'the account' },
  { id: 'context', title: 'what surrounds it' },
] as const;
