import { InfraError } from '../../errors.ts';
import type { User } from '../../users/entry.ts';
import { releaseOf } from '../guards/risks/release.ts';
import { risksOf } from '../guards/risks/risks.ts';
import type { Change, ChangeClass, PlanSummary } from '../stack.ts';
import { canonicalJson, digestOf } from './canonical.ts';
import { placeOf } from './place.ts';
import type { PlanModule, PlannedChange, ResourceChange } from './plan-document.ts';
import { parsePlanDocument } from './plan-document.ts';
import { compareShared } from './shared-object.ts';
import type { UserMarks } from './user-marks.ts';
import { userMarks } from './user-marks.ts';

/** Every class of change, in the order in which counts are shown. */
export const CHANGE_CLASSES = [
  'create',
  'update',
  'replace',
  'delete',
  'forget',
  'import',
  'move',
  'read',
  'output',
] as const satisfies readonly ChangeClass[];

/** A change and whether all that differs follows from other changes (checksums, values known after the apply). */
type Judged = { readonly change: Change; readonly follows: boolean };

/**
 * Summary of a plan from its `show -json` document, without any value. Moves and output-only changes count as changes
 * although terraform's text says 0/0/0. `user` is whom the run is about. Errors: `stack.plan-unreadable` (69).
 */
export function summarisePlan(value: unknown, user?: User): PlanSummary {
  const document = parsePlanDocument(value);
  const marks = userMarks(user);
  const judged = [
    ...(document.resource_changes ?? []).flatMap((resource) => judgeResource(resource, marks) ?? []),
    ...Object.entries(document.output_changes ?? {}).flatMap(
      ([name, change]) => judgeOutput(name, change, marks) ?? [],
    ),
  ];
  const anyNamesUser = judged.some(({ change }) => change.namesUser);
  const changes = judged.map(({ change, follows }) =>
    follows && anyNamesUser ? { ...change, namesUser: true } : change,
  );
  return {
    changes,
    counts: countChanges(changes),
    priorResources: countManaged(document.prior_state?.values?.root_module),
    plannedResources: countManaged(document.planned_values?.root_module),
    applyable: document.errored !== true && (document.applyable ?? changes.length > 0),
  };
}

/** How many changes there are of each class. */
export function countChanges(changes: readonly Change[]): Readonly<Record<ChangeClass, number>> {
  const counts = Object.fromEntries(CHANGE_CLASSES.map((name) => [name, 0])) as Record<ChangeClass, number>;
  for (const change of changes) counts[change.class] += 1;
  return counts;
}

function judgeResource(resource: ResourceChange, marks: UserMarks): Judged | undefined {
  const { address, change } = resource;
  const kind = classify(resource);
  if (kind === undefined) return undefined;
  const keyed = keysOf(address).some((key) => marks.isUser(key)) || isNamedAfterUser(change.after, marks);
  const isUpdate = kind === 'update' || kind === 'replace';
  const diff = isUpdate ? compareShared(change.before, change.after, change.after_unknown, marks) : undefined;
  const moved = resource.previous_address ?? undefined;
  const digest = digestOf([address, moved, change.actions, change.before, change.after, change.after_unknown]);
  const namesUser = keyed || (diff !== undefined && diff.foreign.length === 0 && diff.user > 0);
  const foreign = diff === undefined ? [digest] : diff.foreign.length + diff.user > 0 ? diff.foreign : diff.derived;
  const [place, release, risks] = [placeOf(resource), releaseOf(resource), risksOf(resource)];
  const reason = resource.action_reason ?? (change.importing && isUpdate ? 'imported' : undefined);
  return {
    change: {
      address,
      type: resource.type,
      class: kind,
      ...(reason === undefined ? {} : { reason }),
      ...(moved === undefined || moved === address ? {} : { previousAddress: moved }),
      ...(change.replace_paths ? { replacePaths: change.replace_paths.map((path) => path.join('.')) } : {}),
      ...(isUpdate ? { attributes: changedAttributes(change) } : {}),
      digest,
      namesUser,
      foreign: namesUser ? [] : foreign,
      ...(place === undefined ? {} : { place }),
      ...(risks.length === 0 ? {} : { risks }),
      ...(release === undefined ? {} : { release }),
    },
    follows: diff !== undefined && diff.foreign.length + diff.user === 0 && diff.derived.length > 0,
  };
}

function judgeOutput(name: string, change: PlannedChange, marks: UserMarks): Judged | undefined {
  if (change.actions.every((action) => action === 'no-op')) return undefined;
  const address = `output.${name}`;
  const digest = digestOf([address, change.actions, change.before, change.after, change.after_unknown]);
  const diff = compareShared(change.before, change.after, change.after_unknown, marks);
  const namesUser = diff.foreign.length === 0 && diff.user > 0;
  const foreign = namesUser ? [] : [...diff.foreign, ...(diff.user > 0 ? [] : diff.derived)];
  return {
    change: { address, type: 'output', class: 'output', digest, namesUser, foreign },
    follows: diff.foreign.length + diff.user === 0,
  };
}

/** The class of one change, or undefined when nothing changes. An action that is not known is never taken for harmless. */
function classify(resource: ResourceChange): ChangeClass | undefined {
  const { actions, importing } = resource.change;
  const has = (action: string): boolean => actions.includes(action);
  if (has('forget')) return 'forget';
  if (has('delete')) return has('create') ? 'replace' : 'delete';
  if (actions.length === 1) {
    if (has('create') || has('update')) return has('create') ? 'create' : 'update';
    if (has('read') || has('open')) return 'read';
    if (has('no-op')) {
      if (importing) return 'import';
      const moved = resource.previous_address ?? resource.address;
      return moved === resource.address ? undefined : 'move';
    }
  }
  throw new InfraError(
    'stack.plan-unreadable',
    'unavailable',
    `The plan does ${actions.join('+') || 'nothing known'} to ${resource.address}: an action that infra does not know.`,
    {
      hints: ['Apply this stack by hand, after reading its plan.'],
    },
  );
}

/** Instance keys of an address, e.g. `alice` of `module.a["x"].b.c["alice"]`. */
function keysOf(address: string): readonly string[] {
  return [...address.matchAll(/\["((?:[^"\\]|\\.)*)"\]/g)].map((found) => (found[1] ?? '').replace(/\\(.)/g, '$1'));
}

/** An object whose own name or namespace is the user, as a create without an instance key has it. */
function isNamedAfterUser(after: unknown, marks: UserMarks): boolean {
  const fields = asFields(after);
  const metadata = Array.isArray(fields.metadata) ? asFields(fields.metadata[0]) : asFields(fields.metadata);
  return [fields.name, metadata.name, metadata.namespace].some(
    (name) => typeof name === 'string' && marks.isUser(name),
  );
}

function changedAttributes(change: PlannedChange): readonly string[] {
  const before = asFields(change.before);
  const after = asFields(change.after);
  const unknown = asFields(change.after_unknown);
  const names = new Set([...Object.keys(before), ...Object.keys(after), ...Object.keys(unknown)]);
  return [...names].filter((name) => canonicalJson(before[name]) !== canonicalJson(after[name])).sort();
}

function countManaged(module: PlanModule | null | undefined): number {
  if (!module) return 0;
  const own = (module.resources ?? []).filter((resource) => (resource.mode ?? 'managed') === 'managed').length;
  return (module.child_modules ?? []).reduce((sum, child) => sum + countManaged(child), own);
}

function asFields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
