import type { Change } from './plan.ts';
import type { SavedPlan } from './plan-file.ts';
import { type Attributes, addressOf, providerName, type StateResource } from './resource.ts';
import { type State, TOFU_VERSION } from './state.ts';

/** `show -json` of a saved plan as OpenTofu 1.12 has it (no `applyable`, no `complete`), with every secret in clear. */
export function showPlan(saved: SavedPlan): Record<string, unknown> {
  const { plan, prior } = saved;
  const known = withData(prior, plan.data);
  return {
    format_version: '1.2',
    terraform_version: TOFU_VERSION,
    planned_values: { root_module: modules(plannedResources(plan.changes)) },
    ...(plan.drift.length > 0
      ? { resource_drift: plan.drift.map(({ address, resource, found }) => drifted(address, resource, found)) }
      : {}),
    ...(plan.changes.length > 0 ? { resource_changes: plan.changes.map(changeOf) } : {}),
    ...(known.size > 0 ? { prior_state: showState({ ...prior, resources: known }) } : {}),
    configuration: { provider_config: {}, root_module: {} },
    timestamp: saved.createdAt.replace(/\.\d+Z$/, 'Z'),
    errored: saved.errored,
  };
}

/** `show -json` of a state. */
export function showState(state: State): Record<string, unknown> {
  const resources = [...state.resources.values()].map(shownResource);
  return { format_version: '1.0', terraform_version: TOFU_VERSION, values: { root_module: modules(resources) } };
}

/** The state's resources with what the plan's data sources read. */
export function withData(state: State, data: readonly StateResource[]): ReadonlyMap<string, StateResource> {
  const managed = [...state.resources].filter(([, resource]) => resource.mode === 'managed');
  return new Map([...data.map((each) => [addressOf(each), each] as const), ...managed]);
}

type Shown = Record<string, unknown> & { readonly address: string };

function changeOf(change: Change): Record<string, unknown> {
  const { type, name, key, module, sensitive } = change.resource;
  const marks = Object.fromEntries(sensitive.map((field) => [field, true]));
  const replaced = change.replacePaths.length > 0 ? { replace_paths: change.replacePaths.map((path) => [path]) } : {};
  return {
    address: change.address,
    ...(module === undefined ? {} : { module_address: module }),
    mode: 'managed',
    type,
    name,
    ...(key === undefined ? {} : { index: key }),
    provider_name: providerName(type),
    change: {
      actions: ACTIONS[change.action],
      before: change.before?.attributes ?? null,
      after: change.after ?? null,
      after_unknown:
        change.after === undefined ? false : Object.fromEntries(change.unknown.map((field) => [field, true])),
      before_sensitive: change.before === undefined ? false : marks,
      after_sensitive: change.after === undefined ? false : marks,
      ...replaced,
    },
    ...(change.reason === undefined ? {} : { action_reason: change.reason }),
  };
}

const ACTIONS: Readonly<Record<Change['action'], readonly string[]>> = {
  'no-op': ['no-op'],
  create: ['create'],
  update: ['update'],
  delete: ['delete'],
  replace: ['delete', 'create'],
  forget: ['forget'],
};

function drifted(address: string, resource: StateResource, found: Attributes | undefined): Record<string, unknown> {
  const marks = Object.fromEntries(resource.sensitive.map((field) => [field, true]));
  return {
    address,
    ...(resource.module === undefined ? {} : { module_address: resource.module }),
    mode: resource.mode,
    type: resource.type,
    name: resource.name,
    ...(resource.key === undefined ? {} : { index: resource.key }),
    provider_name: providerName(resource.type),
    change: {
      actions: [found === undefined ? 'delete' : 'update'],
      before: resource.attributes,
      after: found ?? null,
      after_unknown: found === undefined ? false : {},
      before_sensitive: marks,
      after_sensitive: found === undefined ? false : marks,
    },
  };
}

function plannedResources(changes: readonly Change[]): Shown[] {
  return changes
    .filter((change) => change.after !== undefined)
    .map((change) => shownResource({ ...change.resource, attributes: change.after ?? {} }));
}

function shownResource(resource: StateResource): Shown {
  return {
    address: addressOf(resource),
    mode: resource.mode,
    type: resource.type,
    name: resource.name,
    ...(resource.key === undefined ? {} : { index: resource.key }),
    provider_name: providerName(resource.type),
    schema_version: 0,
    values: resource.attributes,
    sensitive_values: Object.fromEntries(resource.sensitive.map((field) => [field, true])),
  };
}

/** The tree of modules: root resources, and one child for each module address. */
function modules(resources: readonly Shown[]): Record<string, unknown> {
  const moduleOf = (address: string) =>
    /^((?:module\.[^.[]+(?:\["[^"]*"\])?\.)+)/.exec(address)?.[1]?.replace(/\.$/, '') ?? '';
  const children = new Map<string, Shown[]>();
  for (const resource of resources) {
    const module = moduleOf(resource.address);
    children.set(module, [...(children.get(module) ?? []), resource]);
  }
  const root = children.get('');
  children.delete('');
  return {
    ...(root === undefined ? {} : { resources: root }),
    ...(children.size === 0
      ? {}
      : { child_modules: [...children].map(([address, each]) => ({ resources: each, address })) }),
  };
}
