import { InfraError } from '../../errors.ts';
import type { Change } from '../stack.ts';

/** Types whose objects hold data or keys: losing one is not undone by applying again. */
const HOLDS_DATA =
  /(^|_)(namespace|persistent_volume|persistent_volume_claim|stateful_set|database|schema|volume|disk|bucket|vm|zone)(_v\d+)?$|^vault_(mount|.*_secret_backend.*|kv_.*|identity_entity|auth_backend|jwt_auth_backend)$/;

/** True for types whose loss loses data. */
export function holdsData(type: string): boolean {
  return HOLDS_DATA.test(type);
}

/**
 * The refusal of a plan that deletes, replaces or forgets anything, or undefined. Nothing that adds a user needs one of
 * these. Every address is named with its reason, those that hold data first.
 */
export function destroyRefusal(stack: string, changes: readonly Change[]): InfraError | undefined {
  const lost = changes
    .filter((change) => change.class === 'delete' || change.class === 'replace' || change.class === 'forget')
    .sort((a, b) => Number(holdsData(b.type)) - Number(holdsData(a.type)) || (a.address < b.address ? -1 : 1));
  if (lost.length === 0) return undefined;
  const counts = (['delete', 'replace', 'forget'] as const)
    .map((name) => ({ name, count: lost.filter((change) => change.class === name).length }))
    .filter(({ count }) => count > 0)
    .map(({ name, count }) => `${count} ${name}`);
  return new InfraError(
    'stack.destroy-refused',
    'refused',
    `The plan of ${stack} would ${describe(lost)}: refused (${counts.join(', ')}).`,
    {
      violations: lost.map((change) => ({
        code: `stack.${change.class}`,
        message: `${change.class} ${change.address}${reason(change)}`,
      })),
      hints: [`Read why: cd stacks/${stack} && terragrunt plan. Settle it by hand, then run the same command again.`],
    },
  );
}

function describe(lost: readonly Change[]): string {
  const first = lost.slice(0, 3).map((change) => `${change.class} ${change.address}`);
  return lost.length > 3 ? `${first.join(', ')} and ${lost.length - 3} more` : first.join(', ');
}

function reason(change: Change): string {
  const parts = [
    holdsData(change.type) ? 'holds data' : undefined,
    change.reason?.replaceAll('_', ' '),
    change.replacePaths && change.replacePaths.length > 0 ? `because of ${change.replacePaths.join(', ')}` : undefined,
  ].filter((part) => part !== undefined);
  return parts.length > 0 ? ` (${parts.join('; ')})` : '';
}
