import { mergePatch } from '../exact-json.ts';

/** A patch that cannot be applied; the message is for the client. */
export class PatchError extends Error {}

type Operation = { readonly op: string; readonly path: string; readonly from?: string; readonly value?: unknown };

/** Applies a patch by its content type. Strategic merge is a merge that joins lists of named things. Errors: PatchError. */
export function applyPatch(type: string, target: unknown, patch: unknown): unknown {
  switch (type) {
    case 'application/json-patch+json':
      return (patch as readonly Operation[]).reduce(applyOperation, structuredClone(target));
    case 'application/strategic-merge-patch+json':
      return strategicMerge(target, patch);
    default:
      return mergePatch(target, patch);
  }
}

function strategicMerge(target: unknown, patch: unknown): unknown {
  if (Array.isArray(patch)) return mergeLists(Array.isArray(target) ? target : [], patch);
  if (!isObject(patch)) return patch;
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = strategicMerge(merged[key], value);
  }
  return merged;
}

/** Lists of objects with a name (containers, env, volumes) merge by name, all other lists are replaced. */
function mergeLists(target: readonly unknown[], patch: readonly unknown[]): readonly unknown[] {
  const named = (list: readonly unknown[]) => list.every((each) => isObject(each) && typeof each.name === 'string');
  if (patch.length === 0 || !named(patch) || !named(target)) return patch;
  const merged = [...target];
  for (const each of patch as readonly Record<string, unknown>[]) {
    const known = merged.findIndex((other) => isObject(other) && other.name === each.name);
    if (each.$patch === 'delete') {
      if (known >= 0) merged.splice(known, 1);
    } else if (known >= 0) merged[known] = strategicMerge(merged[known], each);
    else merged.push(each);
  }
  return merged;
}

function applyOperation(target: unknown, operation: Operation): unknown {
  const steps = operation.path.split('/').slice(1).map(unescapeStep);
  switch (operation.op) {
    case 'add':
    case 'replace':
      return put(target, steps, operation.value, operation.op);
    case 'remove':
      return put(target, steps, undefined, 'remove');
    case 'test':
      if (JSON.stringify(get(target, steps)) !== JSON.stringify(operation.value)) {
        throw new PatchError(`testing path ${operation.path} failed`);
      }
      return target;
    case 'copy':
    case 'move': {
      const from = (operation.from ?? '').split('/').slice(1).map(unescapeStep);
      const value = get(target, from);
      const base = operation.op === 'move' ? put(target, from, undefined, 'remove') : target;
      return put(base, steps, structuredClone(value), 'add');
    }
    default:
      throw new PatchError(`Unexpected kind: ${operation.op}`);
  }
}

function get(target: unknown, steps: readonly string[]): unknown {
  return steps.reduce<unknown>((here, step) => (isIndexable(here) ? here[step] : undefined), target);
}

function put(target: unknown, steps: readonly string[], value: unknown, how: 'add' | 'replace' | 'remove'): unknown {
  if (steps.length === 0) return value;
  const parent = get(target, steps.slice(0, -1));
  const last = steps.at(-1) ?? '';
  if (!isIndexable(parent))
    throw new PatchError(`${how} operation does not apply: doc is missing path: "/${steps.join('/')}"`);
  if (how !== 'add' && parent[last] === undefined) {
    throw new PatchError(`${how} operation does not apply: doc is missing key: /${steps.join('/')}: missing value`);
  }
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : Number(last);
    if (how === 'add') parent.splice(index, 0, value);
    else if (how === 'remove') parent.splice(index, 1);
    else parent[index] = value;
  } else if (how === 'remove') delete parent[last];
  else parent[last] = value;
  return target;
}

function unescapeStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isIndexable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
