import { serviceAccountToken, serviceAccountUser } from '../kubernetes/admission.ts';
import type { World } from '../world.ts';
import { CANARIES } from './canaries.ts';
import { platformObjects } from './cluster.ts';

/** A world without what stands in front of the cluster. */
export type Platform = Omit<World, 'edge' | 'dns' | 'prometheus' | 'authentik'> & {
  readonly authentik: Omit<World['authentik'], 'records'>;
};

/** The platform below authentik: four users, every stack applied, nothing wrong. */
export const platform: Platform = {
  shape: 'extracted',
  users: {
    'root-admin': { role: 'admin', email: 'root-admin@sandbox.test' },
    carol: { role: 'power-user', email: 'carol@sandbox.test' },
    bob: { role: 'namespace-owner', email: 'bob@sandbox.test', namespaces: ['bob'], domains: ['bobs-app'] },
    dave: {
      role: 'namespace-owner',
      email: 'dave@sandbox.test',
      namespaces: ['dave', 'dave-lab'],
      quota: { cpu_requests: '4', memory_requests: '8Gi', memory_limits: '16Gi', pods: '30' },
    },
  },
  vault: {
    secrets: {
      platform: {
        cloudflare_api_key: CANARIES.cloudflareApiKey,
        cloudflare_tunnel_token: CANARIES.cloudflareTunnelToken,
        cloudflare_zone_id: 'sandboxzone',
        homepage_credentials: JSON.stringify({ username: 'home', password: CANARIES.homepageCredentials }),
        registry_password: CANARIES.registryPassword,
        tls_secret_name: 'tls-secret',
      },
      authentik: { tf_api_token: CANARIES.authentikToken },
      woodpecker: { agent_secret: CANARIES.woodpeckerSecret },
      health: { api_key: CANARIES.healthSecret },
      infra: { ssh_private_key: CANARIES.infraSshKey },
    },
    policies: {},
    tokens: {
      [CANARIES.adminToken]: { policies: ['default', 'vault-admin'], ttl: 28_800 },
    },
  },
  kubernetes: {
    objects: platformObjects(),
    tokens: {
      [CANARIES.kubernetesAdminToken]: { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
      [serviceAccountToken('woodpecker', 'default', 'ci')]: serviceAccountUser('woodpecker', 'default'),
    },
    logs: [],
    exec: [],
  },
  forgejo: { logins: ['root-admin', 'alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi'] },
  authentik: {
    groups: [
      { name: 'Allow Login Users' },
      { name: 'Headscale Users', parent: 'Allow Login Users' },
      { name: 'Home Server Admins', parent: 'Allow Login Users' },
      { name: 'kubernetes-admins' },
      { name: 'kubernetes-namespace-owners' },
      { name: 'kubernetes-power-users' },
      { name: 'sops-bob' },
      { name: 'sops-dave' },
    ],
    users: [
      {
        username: 'root-admin@sandbox.test',
        email: 'root-admin@sandbox.test',
        groups: ['Home Server Admins', 'kubernetes-admins'],
      },
      {
        username: 'carol@sandbox.test',
        email: 'carol@sandbox.test',
        groups: ['Headscale Users', 'kubernetes-power-users'],
      },
      {
        username: 'bob@sandbox.test',
        email: 'bob@sandbox.test',
        groups: ['Headscale Users', 'kubernetes-namespace-owners', 'sops-bob'],
      },
      {
        username: 'dave@sandbox.test',
        email: 'dave@sandbox.test',
        groups: ['Headscale Users', 'kubernetes-namespace-owners', 'sops-dave'],
      },
      { username: 'alice@example.com', email: 'alice@example.com', groups: ['Headscale Users'] },
    ],
  },
};
