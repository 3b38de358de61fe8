import { isInfraError } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Site } from '../../site/site.ts';
import type { Shape } from '../../stacks/stack.ts';
import type { User } from '../entry.ts';
import type { ExpectedObject, ObjectKind, SpecOf } from '../expected-object.ts';
import { expectedObjects } from '../objects.ts';
import { verifyAccess, verifyConfigMapEntry, verifyResourceQuota, verifyWoodpeckerAdmin } from './cluster-content.ts';
import { verifyClusterRoleBinding, verifyNamespace, verifyRole, verifyRoleBinding } from './cluster-rbac.ts';
import {
  verifyDashboardInjector,
  verifyServiceAccount,
  verifyTlsSecret,
  verifyTokenSecret,
} from './cluster-secrets.ts';
import { inParallel } from './in-parallel.ts';
import type { Outcome } from './outcome.ts';
import { couldNotTell } from './outcome.ts';
import { verifyAuthentikGroups, verifyDnsRecord } from './outside.ts';
import type { Platform, VerifyClients } from './platform.ts';
import { makePlatform } from './platform.ts';
import { verifyEngineRole, verifyTransitKey } from './vault-engines.ts';
import { verifyEntity, verifyEntityAlias, verifyGroupAlias, verifyIdentityGroup } from './vault-identity.ts';
import { verifyVaultPolicy } from './vault-policy.ts';

type Checks = { readonly [K in ObjectKind]: (platform: Platform, spec: SpecOf<K>) => Promise<Outcome> };

/** How each kind of object is read and compared. */
const CHECKS: Checks = {
  namespace: verifyNamespace,
  'vault-policy': verifyVaultPolicy,
  'transit-key': verifyTransitKey,
  'identity-group': verifyIdentityGroup,
  'group-alias': verifyGroupAlias,
  entity: verifyEntity,
  'entity-alias': verifyEntityAlias,
  'kubernetes-engine-role': verifyEngineRole,
  role: verifyRole,
  'role-binding': verifyRoleBinding,
  'cluster-role-binding': verifyClusterRoleBinding,
  'resource-quota': verifyResourceQuota,
  'tls-secret': verifyTlsSecret,
  'service-account': verifyServiceAccount,
  'token-secret': verifyTokenSecret,
  'config-map-entry': verifyConfigMapEntry,
  'dashboard-injector': verifyDashboardInjector,
  'woodpecker-admin': verifyWoodpeckerAdmin,
  'dns-record': verifyDnsRecord,
  'authentik-groups': verifyAuthentikGroups,
  access: verifyAccess,
};

/** Questions at the same time, over all users of one verification. */
const PARALLEL = 8;

/** One user's findings, in the order of `expectedObjects`. */
export type VerifiedUser = { readonly user: User; readonly findings: readonly Finding[] };

/**
 * Reads every object that each entry stands for and compares its content. What could not be asked is UNKNOWN with its
 * reason, what is not configured is SKIP, and what only follows from another failure is UNKNOWN (blocked). `only` picks
 * some of the objects. Throws defects only.
 */
export async function verifyUsers(
  clients: VerifyClients,
  site: Site,
  shape: Shape,
  users: readonly User[],
  only: (object: ExpectedObject) => boolean = () => true,
): Promise<readonly VerifiedUser[]> {
  const platform = makePlatform(clients, site);
  const expected = users.map((user) => ({ user, objects: expectedObjects(user, shape, site).filter(only) }));
  const all = expected.flatMap(({ objects }) => objects);
  const outcomes = await inParallel(PARALLEL, all, (object) => verifyObject(platform, object));
  const byObject = new Map(all.map((object, at) => [object, outcomes[at]] as const));
  return expected.map(({ user, objects }) => {
    const found = new Map(objects.map((object) => [object.id, { object, outcome: byObject.get(object) }] as const));
    return { user, findings: objects.map((object) => toFinding(object, byObject.get(object), found)) };
  });
}

/** `verifyUsers` for one. */
export async function verifyUser(
  clients: VerifyClients,
  site: Site,
  shape: Shape,
  user: User,
): Promise<readonly Finding[]> {
  const [verified] = await verifyUsers(clients, site, shape, [user]);
  return verified?.findings ?? [];
}

/** Reads and compares one object; an error while asking is an outcome of its own. */
export async function verifyObject(platform: Platform, { spec }: ExpectedObject): Promise<Outcome> {
  const check = CHECKS[spec.kind] as (platform: Platform, spec: ExpectedObject['spec']) => Promise<Outcome>;
  try {
    return await check(platform, spec);
  } catch (caught) {
    if (!isInfraError(caught)) throw caught;
    return couldNotTell(caught);
  }
}

type Found = ReadonlyMap<string, { readonly object: ExpectedObject; readonly outcome: Outcome | undefined }>;

function toFinding(object: ExpectedObject, outcome: Outcome | undefined, found: Found): Finding {
  const { id, title, command } = object;
  if (outcome === undefined) throw new Error(`${id} was not verified`);
  const cause = outcome.verdict === 'FAIL' ? blockedBy(object, outcome, found) : undefined;
  if (cause !== undefined) {
    return {
      id,
      title,
      command,
      verdict: 'UNKNOWN',
      reason: 'blocked',
      detail: `${outcome.detail}, as ${cause.title} failed`,
    };
  }
  const { verdict, detail } = outcome;
  const reason = 'reason' in outcome && outcome.reason !== undefined ? { reason: outcome.reason } : {};
  const hint = 'hint' in outcome && outcome.hint !== undefined ? { hint: outcome.hint } : {};
  const repair =
    verdict === 'FAIL' && object.stack !== undefined ? { hint: `The stack ${object.stack} makes it.` } : {};
  return { id, title, verdict, detail, command, ...reason, ...hint, ...repair };
}

/** What a failure only follows from: the outermost thing that is gone with it, or that it rests on. */
function blockedBy(
  object: ExpectedObject,
  outcome: Outcome & { verdict: 'FAIL' },
  found: Found,
): ExpectedObject | undefined {
  const inside = object.inside === undefined ? undefined : found.get(object.inside);
  if (outcome.absent && inside?.outcome?.verdict === 'FAIL' && inside.outcome.absent) {
    return blockedBy(inside.object, inside.outcome, found) ?? inside.object;
  }
  const base = object.restsOn === undefined ? undefined : found.get(object.restsOn);
  if (base?.outcome?.verdict !== 'FAIL') return undefined;
  return blockedBy(base.object, base.outcome, found) ?? base.object;
}
