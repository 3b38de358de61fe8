/**
 * One vocabulary: every finding code that a signature can have, and the root cause code under which a runbook's verdict
 * names it. Where no runbook knows a wider name, the finding is the root cause.
 */
const ROOT_CAUSES = {
  'authentik.session-store-full': 'authentik.outpost.shm-full',
  'authentik.shm-full-core': 'authentik.server.unready',
  'authentik.session-mismatch': 'authentik.outpost.sessions-not-shared',
  'authentik.outpost-no-app': 'authentik.outpost.unknown-host',
  'authentik.outpost-config-unfetchable': 'authentik.server.unready',
  'authentik.outpost-websocket-lost': 'authentik.server.unready',
  'authentik.outpost-token-invalid': 'authentik.outpost.down',
  'authentik.core-unreachable': 'authentik.server.unready',
  'authentik.token-redeem-failed': 'authentik.token-redeem-failed',
  'authentik.token-issuer-mismatch': 'authentik.token-issuer-mismatch',
  'authentik.jwks-unreachable': 'authentik.jwks-unreachable',
  'authentik.upstream-502': 'authentik.upstream-502',
  'authentik.duplicate-host-header': 'authentik.duplicate-host-header',
  'authentik.database-unreachable': 'authentik.server.unready',
  'authentik.database-auth-failed': 'authentik.server.unready',
  'authentik.migration-lock-wait': 'authentik.database.migration-lock',
  'authentik.schema-not-migrated': 'authentik.database.migration-lock',
  'database.pooler-queue-timeout': 'authentik.database.connections',
  'postgres.connections-exhausted': 'authentik.database.connections',
  'postgres.disk-full': 'postgres.disk-full',
  'postgres.primary-unreachable': 'postgres.primary-unreachable',
  'postgres.instance-data-unreadable': 'postgres.instance-data-unreadable',
  'postgres.standby-ahead': 'postgres.standby-ahead',
  'pgbouncer.backend-dns-failed': 'authentik.pgbouncer.down',
  'pgbouncer.backend-login-failing': 'authentik.pgbouncer.down',
  'pgbouncer.backend-database-missing': 'authentik.pgbouncer.down',
  'pgbouncer.client-login-timeout': 'authentik.pgbouncer.down',
  'pgbouncer.max-client-conn': 'authentik.database.connections',
  'traefik.forward-auth-unreachable': 'authentik.auth-proxy.down',
  'traefik.middleware-missing': 'traefik.middleware-missing',
  'traefik.backend-unreachable': 'traefik.backend-unreachable',
  'nginx.auth-unexpected-status': 'nginx.auth-unexpected-status',
  'nginx.auth-upstream-unreachable': 'authentik.outpost.down',
  'mail.proxy-header-missing': 'mail.proxy.not-accepted',
  'mail.proxy-header-misplaced': 'mail.proxy.not-accepted',
  'mail.proxy-address-family': 'mail.proxy-address-family',
  'mail.proxy-untrusted': 'mail.proxy.not-accepted',
  'mail.proxy-local-frame': 'mail.proxy.local-frames',
  'mail.relay-auth-failed': 'mail.relay.credentials',
  'mail.smtpd-handover-stalled': 'mail.smtpd-handover-stalled',
  'mail.srs-map-unreachable': 'mail.postsrsd',
  'mail.cleanup-config-fatal': 'mail.cleanup-config-fatal',
  'mail.milter-unreachable': 'mail.milter-unreachable',
  'mail.milter-protocol': 'mail.milter-unreachable',
  'mail.lmtp-socket-missing': 'mail.lmtp-socket-missing',
  'mail.lmtp-transport-missing': 'mail.lmtp-transport-missing',
  'mail.outbound-25-blocked': 'mail.outbound-25-blocked',
  'mail.delivery-failed': 'mail.delivery-failed',
  'mail.sieve-redirect-failed': 'mail.sieve-redirect-failed',
  'mail.rspamd-redis-unreachable': 'mail.rspamd-redis-unreachable',
  'haproxy.server-down': 'mail.haproxy.backend-down',
  'haproxy.backend-empty': 'mail.haproxy.backend-down',
  'vault.sealed': 'vault.sealed',
  'vault.not-initialised': 'vault.not-initialised',
  'vault.auto-unseal-failed': 'vault.sealed',
  'vault.permission-denied': 'vault.permission-denied',
  'vault.cas-mismatch': 'vault.cas-mismatch',
  'vault.cas-required': 'vault.cas-required',
  'vault.raft-join-failed': 'vault.raft-join-failed',
  'vault.storage-unreachable': 'vault.storage-unreachable',
  'terraform.lock-backend-error': 'terraform.lock-backend-error',
  'terraform.state-locked': 'terraform.state-locked',
  'terraform.stale-plan': 'terraform.stale-plan',
  'terraform.backend-init-required': 'terraform.backend-init-required',
  'terraform.provider-unauthorized': 'terraform.provider-unauthorized',
  'terraform.configuration-error': 'terraform.configuration-error',
  'kubernetes.oom-killed': 'kubernetes.oom-killed',
  'kubernetes.node-oom': 'kubernetes.node-oom',
  'kubernetes.quota-exceeded': 'kubernetes.quota-exceeded',
  'kubernetes.quota-must-specify': 'kubernetes.quota-must-specify',
  'kubernetes.limitrange-conflict': 'kubernetes.limitrange-conflict',
  'kubernetes.pdb-blocks-eviction': 'kubernetes.pdb-blocks-eviction',
  'kubernetes.image-pull-failed': 'kubernetes.image-pull-failed',
  'kubernetes.image-pull-rate-limited': 'kubernetes.image-pull-failed',
} as const;

/** What a log line can be evidence of. Stable. */
export type FindingCode = keyof typeof ROOT_CAUSES;

/** What a verdict names. Stable; the codes of `infra diagnose`. */
export type RootCauseCode = (typeof ROOT_CAUSES)[FindingCode];

/** Every finding code. */
export const FINDING_CODES = Object.keys(ROOT_CAUSES) as readonly FindingCode[];

/** The root cause that a finding belongs to. */
export function rootCauseOf(code: FindingCode): RootCauseCode {
  return ROOT_CAUSES[code];
}
