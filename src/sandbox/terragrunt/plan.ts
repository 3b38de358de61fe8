import type { Outside } from './drivers.ts';
import { Diagnosed } from './failure.ts';
import type { StackFaults } from './faults.ts';
import type { Evaluated } from './models/model.ts';
import { driverOf } from './providers/registry.ts';
import { type Attributes, addressOf, type Desired, type Reference, type StateResource, sameValue } from './resource.ts';
import type { State } from './state.ts';

/** What a plan does to one resource. `after` holds what is known before apply. */
export type Change = {
  readonly address: string;
  readonly action: 'no-op' | 'create' | 'update' | 'delete' | 'replace' | 'forget';
  readonly before: StateResource | undefined;
  readonly after: Attributes | undefined;
  readonly unknown: readonly string[];
  readonly references: Readonly<Record<string, Reference>>;
  readonly replacePaths: readonly string[];
  readonly reason?: string;
  /** The resource without attributes, for a new one. */
  readonly resource: Omit<StateResource, 'attributes'>;
};

/** A difference between the state and the world that was found by refreshing. */
export type Drift = {
  readonly address: string;
  readonly resource: StateResource;
  readonly found: Attributes | undefined;
};

/** A computed plan. */
export type Plan = {
  readonly changes: readonly Change[];
  readonly drift: readonly Drift[];
  readonly data: readonly StateResource[];
};

/** Compares configuration, state and world. `onRefresh` is told of every resource that is read. */
export async function computePlan(
  wanted: Evaluated,
  state: State,
  outside: Outside,
  faults: StackFaults,
  onRefresh: (address: string, id: string) => void,
): Promise<Plan> {
  const managed = [...state.resources].filter(([, resource]) => resource.mode === 'managed');
  const refreshed = await refresh(managed, outside, onRefresh);
  const drift = managed
    .map(([address, resource]) => ({ address, resource, found: refreshed.get(address) }))
    .filter(({ resource, found }) => !sameValue(resource.attributes, found));
  const unwanted = new Set(faults.planDelete ?? []);
  const resources = wanted.resources.filter((each) => !unwanted.has(addressOf(each)));
  const addresses = new Set(resources.map((each) => addressOf(each)));
  const before = (address: string): StateResource | undefined => {
    const known = state.resources.get(address);
    const attributes = refreshed.get(address);
    return known === undefined || attributes === undefined ? undefined : { ...known, attributes };
  };
  const idOf = (reference: Reference) => before(reference.address)?.attributes[reference.attribute];
  const changes = resources.map((each) => changeOf(each, before(addressOf(each)), idOf));
  const removals = managed
    .filter(([address]) => !addresses.has(address) && refreshed.get(address) !== undefined)
    .reverse()
    .map(([address, resource]) =>
      removal(address, { ...resource, attributes: refreshed.get(address) ?? {} }, unwanted.has(address)),
    );
  const all = [...changes, ...removals];
  const standing = faults.drift === true ? all.find((change) => change.action === 'no-op')?.address : faults.drift;
  const settled = typeof standing === 'string' ? { ...faults, drift: standing } : faults;
  return { changes: all.map((change) => imposed(change, settled)), drift, data: wanted.data };
}

/** True when applying would change anything. */
export function hasChanges(plan: Plan): boolean {
  return plan.changes.some((change) => change.action !== 'no-op');
}

/** Counts as the summary line does: a replacement is one to add and one to destroy. */
export function countChanges(changes: readonly Change[]): {
  readonly add: number;
  readonly change: number;
  readonly remove: number;
  readonly forget: number;
} {
  const of = (...actions: readonly string[]) => changes.filter((change) => actions.includes(change.action)).length;
  return { add: of('create', 'replace'), change: of('update'), remove: of('delete', 'replace'), forget: of('forget') };
}

async function refresh(
  managed: readonly (readonly [string, StateResource])[],
  outside: Outside,
  onRefresh: (address: string, id: string) => void,
): Promise<Map<string, Attributes | undefined>> {
  const found = new Map<string, Attributes | undefined>();
  const queue = [...managed];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [address, resource] = next;
      onRefresh(address, String(resource.attributes.id ?? ''));
      const attributes = await driverOf(resource.type)
        .read(resource.attributes, outside)
        .catch((error: unknown) => {
          throw error instanceof Diagnosed ? new Diagnosed(error.summary, error.detail, address) : error;
        });
      found.set(address, attributes);
    }
  };
  await Promise.all(Array.from({ length: 10 }, work));
  return found;
}

function changeOf(
  desired: Desired,
  before: StateResource | undefined,
  idOf: (reference: Reference) => unknown,
): Change {
  const references = desired.references ?? {};
  const resolved = Object.entries(references).map(([name, reference]) => [name, idOf(reference)] as const);
  const known = Object.fromEntries(resolved.filter(([, value]) => value !== undefined));
  const pending = resolved.filter(([, value]) => value === undefined).map(([name]) => name);
  const values: Attributes = { ...desired.values, ...known };
  const { values: _values, references: _references, computed: _computed, sensitive, ...identity } = desired;
  const common = {
    address: addressOf(desired),
    before,
    references,
    resource: { mode: 'managed' as const, ...identity, sensitive: sensitive ?? [] },
  };
  if (before === undefined) {
    const unknown = [...(desired.computed ?? []), ...pending].sort();
    return { ...common, action: 'create', after: values, unknown, replacePaths: [] };
  }
  const differing = Object.keys(values).filter((name) => !sameValue(values[name], before.attributes[name]));
  if (differing.length === 0 && pending.length === 0) {
    return { ...common, action: 'no-op', after: before.attributes, unknown: [], replacePaths: [] };
  }
  const immutable = differing.filter((name) => driverOf(desired.type).immutable.includes(name));
  if (immutable.length > 0) {
    const unknown = [...(desired.computed ?? []), ...pending].sort();
    return {
      ...common,
      action: 'replace',
      after: values,
      unknown,
      replacePaths: immutable,
      reason: 'replace_because_cannot_update',
    };
  }
  return {
    ...common,
    action: 'update',
    after: { ...before.attributes, ...values },
    unknown: pending,
    replacePaths: [],
  };
}

function removal(address: string, before: StateResource, configured: boolean): Change {
  const { attributes: _attributes, ...resource } = before;
  const reason =
    configured || before.key === undefined ? 'delete_because_no_resource_config' : 'delete_because_each_key';
  return {
    address,
    action: 'delete',
    before,
    after: undefined,
    unknown: [],
    references: {},
    replacePaths: [],
    reason,
    resource,
  };
}

/** What the faults make of a change. */
function imposed(change: Change, faults: StackFaults): Change {
  if (change.before === undefined) return change;
  if (faults.planReplace?.includes(change.address) === true) {
    return {
      ...change,
      action: 'replace',
      replacePaths: ['metadata'],
      unknown: ['id'],
      reason: 'replace_because_cannot_update',
    };
  }
  if (faults.planForget?.includes(change.address) === true)
    return { ...change, action: 'forget', after: undefined, reason: 'delete_because_no_resource_config' };
  if (faults.drift === change.address && change.action === 'no-op') {
    return { ...change, action: 'update', before: { ...change.before, attributes: touched(change.before.attributes) } };
  }
  return change;
}

function touched(attributes: Attributes): Attributes {
  return { ...attributes, changed_by_hand: true };
}
