/**
 * Secrets of the worlds. Each is recognisable, so that tests can look for them in everything the tool writes: none may
 * ever be seen in output, arguments, logs, journals or recordings.
 */
export const CANARIES = {
  vaultRootToken: 'hvs.canary-root-token-6f1d0c',
  adminToken: 'hvs.canary-admin-token-2b97aa',
  kubernetesAdminToken: 'canary-kubernetes-admin-8c20e4',
  kubernetesOperatorToken: 'canary-kubernetes-operator-71d5aa',
  postgresPassword: 'canary-pg-password-51be77',
  cloudflareApiKey: 'canary-cloudflare-key-d3a9f0',
  cloudflareTunnelToken: 'canary-tunnel-token-77c1e2',
  homepageCredentials: 'canary-homepage-password-0aa4b6',
  registryPassword: 'canary-registry-password-9de812',
  authentikToken: 'canary-authentik-token-4410fb',
  woodpeckerSecret: 'canary-woodpecker-agent-secret-c0ffee',
  healthSecret: 'canary-health-api-key-19a2b3',
  infraSshKey: 'canary-infra-ssh-key-e55d01',
  relayPassword: 'canary-relay-sasl-password-40be1f',
  mailboxPassword: 'canary-mailbox-password-8e17d2',
  tlsPrivateKey: 'canary-tls-private-key-3b8c6d',
} as const;
