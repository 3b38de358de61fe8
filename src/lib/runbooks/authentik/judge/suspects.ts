/** Which probe clears a change of a part: what it would have broken is what that probe asks about. */
const CLEARED_BY: readonly (readonly [part: RegExp, probe: string])[] = [
  [/^ak-outpost-/, 'authentik.outpost.logs'],
  [/^pgbouncer$/, 'authentik.pooler.logs'],
  [/^goauthentik-/, 'authentik.server.ready'],
  [/^auth-proxy$/, 'authentik.auth-proxy.pods'],
  [/^(traefik|cloudflared)$/, 'authentik.edge.compare'],
  [/^(dbaas|cnpg)$/, 'authentik.database.capacity'],
  [/^authentik$/, 'authentik.outpost.logs'],
];

/** The probe whose PASS clears a change of this Deployment or stack. */
export function clearedBy(part: string): string {
  return CLEARED_BY.find(([pattern]) => pattern.test(part))?.[1] ?? 'authentik.edge.cloudflare';
}
