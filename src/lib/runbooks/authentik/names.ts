/** Label that Authentik's controller puts on what belongs to an outpost (goauthentik, outposts/controllers/k8s/base.py). */
export const OUTPOST_LABEL = 'goauthentik.io/outpost-name';
export const COMPONENT_LABEL = 'app.kubernetes.io/component';
export const NAME_LABEL = 'app.kubernetes.io/name';

/** Container of an outpost pod that answers forward authentication. */
export const PROXY_CONTAINER = 'proxy';

/** `managed` of the outpost that may keep its sessions in PostgreSQL (goauthentik, outposts/apps.py). */
export const EMBEDDED_OUTPOST = 'goauthentik.io/outposts/embedded';

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
