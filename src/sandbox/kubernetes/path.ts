import { type ResourceType, typeKey } from './object.ts';
import type { ClusterState } from './state.ts';

/** What a path under `/api` or `/apis` names. `type` is undefined for a resource that is not stored (reviews, unknown). */
export type Target = {
  readonly group: string;
  readonly plural: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly subresource: string;
  readonly type: ResourceType | undefined;
};

/** Takes a path apart; undefined for paths that name no resource. Any version of a known group is served. */
export function parsePath(state: ClusterState, path: string): Target | undefined {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const core = parts[0] === 'api';
  if (!core && parts[0] !== 'apis') return undefined;
  const group = core ? '' : (parts[1] ?? '');
  const rest = parts.slice(core ? 2 : 3);
  if (rest.length === 0) return undefined;
  const inside = rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2] ?? '');
  const [plural = '', name = '', subresource = ''] = inside ? rest.slice(2) : rest;
  return {
    group,
    plural,
    namespace: inside ? rest[1] : undefined,
    name,
    subresource,
    type: state.types.get(typeKey({ group, plural })),
  };
}
