import type { Random } from '../../random.ts';
import type { HostScene, Shape } from './scene.ts';

/** Names of the outposts. */
export const EMBEDDED = 'authentik-embedded-outpost';
export const PUBLIC = 'public';
/** Applications that the public one guards. */
export const PUBLIC_HOSTS = ['resume', 'echo'];

/** The middleware that asks the embedded outpost, as an Ingress names it. */
const FORWARD_AUTH = 'traefik-authentik-forward-auth@kubernetescrd';
/** The one that asks the public outpost. */
export const PUBLIC_AUTH = 'authentik-public-forward-auth@kubernetescrd';

/** Labels that authentik's controller gives to an outpost's pods. */
export function outpostLabels(name: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'authentik-outpost-proxy',
    'app.kubernetes.io/managed-by': 'goauthentik.io',
    'app.kubernetes.io/instance': name,
    'goauthentik.io/outpost-name': name,
    'goauthentik.io/outpost-type': 'proxy',
  };
}

/** Labels of the embedded outpost's pods: since August a patch adds a component. */
export const EMBEDDED_LABELS = (shape: Shape): Record<string, string> => ({
  ...outpostLabels(EMBEDDED),
  ...(shape === 'august' ? { 'app.kubernetes.io/component': 'server' } : {}),
});

const APPLICATIONS = [
  'terminal',
  'proxmox',
  'wealthfolio',
  'grafana',
  'immich',
  'budget',
  'notes',
  'photos',
  'wiki',
  'books',
];

/** Some of the platform's applications behind forward auth, and the two that the public outpost guards. */
export function forwardAuthHosts(random: Random): HostScene[] {
  const chosen = random.shuffle(APPLICATIONS).slice(0, random.int(5, 9));
  return chosen.map((name) => ({
    host: `${name}.sandbox.test`,
    namespace: 'apps',
    service: name,
    middlewares: random.chance(0.5) ? FORWARD_AUTH : `traefik-rate-limit@kubernetescrd,${FORWARD_AUTH}`,
  }));
}
