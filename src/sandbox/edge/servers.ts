import type { Handle } from '../http/exchange.ts';
import { type Listener, listen } from '../http/listen.ts';
import type { ClusterState } from '../kubernetes/state.ts';
import { EDGE_CERTIFICATE, EDGE_KEY } from './certificate.ts';
import { createCloudflareEdge } from './cloudflare.ts';
import type { EdgeWorld } from './state.ts';
import { createTraefik } from './traefik.ts';

/** Both ways to the platform, `127.0.0.1:port` over TLS: by Cloudflare, and straight to Traefik. */
export type Edge = {
  readonly cloudflare: string;
  readonly traefik: string;
  /** Port of this machine where Traefik's pods answer, whoever can reach their address. */
  readonly inside: number;
  readonly requests: {
    readonly cloudflare: Listener['requests'];
    readonly traefik: Listener['requests'];
    readonly inside: Listener['requests'];
  };
  readonly close: () => Promise<void>;
};

/** Starts both legs. A closed one has a port on which every connection is dropped. */
export async function startEdge(world: EdgeWorld, cluster: ClusterState): Promise<Edge> {
  const state = { world, cluster, now: () => Date.now() };
  const traefik = createTraefik(state);
  const [direct, proxied, pods] = await Promise.all([
    leg(traefik, world.traefik === 'closed'),
    leg(createCloudflareEdge(state, traefik), world.cloudflare === 'closed'),
    leg(traefik, false),
  ]);
  return {
    cloudflare: `127.0.0.1:${new URL(proxied.tlsUrl).port}`,
    traefik: `127.0.0.1:${new URL(direct.tlsUrl).port}`,
    inside: Number(new URL(pods.tlsUrl).port),
    requests: { cloudflare: proxied.requests, traefik: direct.requests, inside: pods.requests },
    close: async () => {
      await Promise.all([direct.close(), proxied.close(), pods.close()]);
    },
  };
}

function leg(handle: Handle, closed: boolean): Promise<Listener> {
  const injections = closed ? [{ path: '/*', close: true }] : [];
  return listen(handle, { injections, tls: { cert: EDGE_CERTIFICATE, key: EDGE_KEY } });
}
