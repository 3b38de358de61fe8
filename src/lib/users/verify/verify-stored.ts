import type { Clients } from '../../clients/clients.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Site } from '../../site/site.ts';
import { discoverStacks } from '../../stacks/discover.ts';
import { detectShape } from '../../stacks/shape.ts';
import type { Shape } from '../../stacks/stack.ts';
import { readUsers } from '../document.ts';
import type { StoredUser } from '../stored-entry.ts';
import type { VerifyClients } from './platform.ts';
import { verifyUsers } from './verify-user.ts';

/** Findings of one stored user, valid or not. */
export type VerifiedEntry = { readonly name: string; readonly findings: readonly Finding[] };

/** What was verified, in which shape, and the names that are not there. */
export type Verification = {
  readonly shape: Shape;
  readonly shapeReason: string;
  readonly users: readonly VerifiedEntry[];
  readonly unknown: readonly string[];
  readonly names: readonly string[];
};

/**
 * Verifies stored users by name, all of them when `names` is undefined. Nothing is asked of the platform when a name is
 * unknown. Errors: those of `readUsers`, `Vault` and `Files`.
 */
export async function verifyStored(
  clients: VerifyClients & Pick<Clients, 'files'>,
  site: Site,
  names: readonly string[] | undefined,
): Promise<Verification> {
  const [read, stacks] = await Promise.all([
    clients.vault.kvRead(site.vault.users.path.value),
    discoverStacks(clients, site),
  ]);
  const { users } = readUsers(read, site);
  const { shape, reason } = detectShape(stacks);
  const wanted = names === undefined ? [...users.keys()] : [...new Set(names)];
  const unknown = wanted.filter((name) => !users.has(name));
  const known = { shape, shapeReason: reason, unknown, names: [...users.keys()] };
  if (unknown.length > 0) return { ...known, users: [] };
  const stored = wanted.flatMap((name) => users.get(name) ?? []);
  const readable = stored.flatMap(({ name, entry }) => (entry === undefined ? [] : [{ name, entry }]));
  const verified = await verifyUsers(clients, site, shape, readable);
  const findings = new Map(verified.map((each) => [each.user.name, each.findings]));
  return {
    ...known,
    users: stored.map((each) => ({
      name: each.name,
      findings: [entryFinding(each, site), ...(findings.get(each.name) ?? [])],
    })),
  };
}

/** The entry itself: unreadable is a failure, whatever the stacks ignore is a warning. */
function entryFinding({ name, entry, problems }: StoredUser, site: Site): Finding {
  const { path, key } = site.vault.users;
  const base = {
    id: `users.entry/${name}`,
    title: `entry ${name}`,
    command: `vault kv get -field=${key.value} ${path.value} | jq '."${name}"'`,
  };
  if (problems.length === 0) return { ...base, verdict: 'PASS', detail: entry?.role ?? '' };
  return { ...base, verdict: entry === undefined ? 'FAIL' : 'WARN', detail: problems.join(' ') };
}
