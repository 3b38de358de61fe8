import type { SpecOf } from '../expected-object.ts';
import { asRecord, asRecords } from '../json-api.ts';
import { sameQuantity } from '../quantity.ts';
import type { Outcome } from './outcome.ts';
import { absent, compared, differs, unreadable } from './outcome.ts';
import type { Platform } from './platform.ts';

/** A quota with exactly the expected limits; `2` and `2000m` are the same. */
export async function verifyResourceQuota(platform: Platform, spec: SpecOf<'resource-quota'>): Promise<Outcome> {
  const found = await platform.kubernetes(
    { group: '', version: 'v1', plural: 'resourcequotas' },
    spec.name,
    spec.namespace,
  );
  if (found === undefined) return absent();
  const quota = asRecord(found.spec);
  const hard = asRecord(quota?.hard) ?? {};
  const extra = Object.keys(hard).filter((key) => !Object.hasOwn(spec.hard, key));
  return compared(
    [
      ...Object.entries(spec.hard).map(([key, value]) =>
        typeof hard[key] === 'string' && sameQuantity(hard[key], value) ? undefined : differs(key, hard[key], value),
      ),
      extra.length === 0 ? undefined : `it limits ${extra.join(', ')} too`,
      quota?.scopes === undefined && quota?.scopeSelector === undefined ? undefined : 'it counts some pods only',
    ],
    `${spec.hard['requests.cpu']} CPU, ${spec.hard['requests.memory']} to ${spec.hard['limits.memory']}, ${spec.hard.pods} pods`,
  );
}

/** The portal's list, keyed by e-mail. */
export async function verifyConfigMapEntry(platform: Platform, spec: SpecOf<'config-map-entry'>): Promise<Outcome> {
  const found = await platform.kubernetes(
    { group: '', version: 'v1', plural: 'configmaps' },
    spec.name,
    spec.namespace,
  );
  if (found === undefined) return absent(`the ConfigMap ${spec.namespace}/${spec.name} does not exist`);
  const text = asRecord(found.data)?.['users.json'];
  if (typeof text !== 'string') return absent('the ConfigMap has no users.json');
  const users = parsed(text);
  if (users === undefined) return compared(['users.json is not a JSON object'], '');
  const entry = Object.hasOwn(users, spec.email) ? asRecord(users[spec.email]) : undefined;
  if (entry === undefined) return absent(`${spec.email} is not in users.json`);
  return compared(
    [
      differs('the role', entry.role, spec.role),
      differs('the namespaces', JSON.stringify(entry.namespaces ?? []), JSON.stringify(spec.namespaces)),
    ],
    'in users.json',
  );
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asRecord(JSON.parse(text));
  } catch {
    // A finding of its own, worded by the caller.
    return undefined;
  }
}

/** The list of administrators that the server is started with. */
export async function verifyWoodpeckerAdmin(platform: Platform, spec: SpecOf<'woodpecker-admin'>): Promise<Outcome> {
  const found = await platform.kubernetes(
    { group: 'apps', version: 'v1', plural: 'statefulsets' },
    spec.name,
    spec.namespace,
  );
  if (found === undefined) return absent(`the StatefulSet ${spec.namespace}/${spec.name} does not exist`);
  const pod = asRecord(asRecord(asRecord(found.spec)?.template)?.spec);
  const variables = (asRecords(pod?.containers) ?? []).flatMap((container) => asRecords(container.env ?? []) ?? []);
  const lists = variables.filter((variable) => variable.name === 'WOODPECKER_ADMIN');
  if (lists.length === 0) return absent('no container has WOODPECKER_ADMIN');
  if (lists.some((variable) => variable.value === undefined && variable.valueFrom !== undefined)) {
    return unreadable('WOODPECKER_ADMIN comes from elsewhere than the StatefulSet itself');
  }
  const names = lists.flatMap((variable) => String(variable.value ?? '').split(',')).map((name) => name.trim());
  return names.includes(spec.login)
    ? compared([], `${names.length} admins`)
    : absent(`${spec.login} is not in WOODPECKER_ADMIN`);
}

/** What the API server's authoriser says about the e-mail. */
export async function verifyAccess(platform: Platform, spec: SpecOf<'access'>): Promise<Outcome> {
  const { verb, group, resource, namespace, email, expected } = spec;
  const allowed = await platform.clients.kubernetes.allowed({
    verb,
    group,
    resource,
    as: email,
    ...(namespace === undefined ? {} : { namespace }),
  });
  const what = `${verb} ${resource} ${namespace === undefined ? 'everywhere' : `in ${namespace}`}`;
  return compared(
    [allowed === expected ? undefined : `${email} ${allowed ? 'may' : 'may not'} ${what}`],
    `${expected ? 'may' : 'may not'} ${what}`,
  );
}
