import type { Change } from '../stack.ts';
import type { DriftGroup, DriftReport } from './result.ts';

/** Classes from the most dangerous to the least, as plans are told. */
const DANGER = ['delete', 'replace', 'forget', 'update', 'create', 'import', 'move', 'output', 'read'];

/**
 * The same change in many stacks is one group: the same kind of change of the same attributes of a resource of the same
 * type and name, whatever module calls and keys lead to it. The widest first, then the most dangerous.
 */
export function groupDrift(reports: readonly DriftReport[]): readonly Omit<DriftGroup, 'explanation'>[] {
  const groups = new Map<string, { change: Change; addresses: { stack: string; address: string }[] }>();
  for (const { stack, changes } of reports) {
    for (const change of changes) {
      const key = JSON.stringify([change.class, resourceOf(change), attributesOf(change), change.replacePaths ?? []]);
      const group = groups.get(key) ?? { change, addresses: [] };
      group.addresses.push({ stack, address: change.address });
      groups.set(key, group);
    }
  }
  return [...groups.values()]
    .map(({ change, addresses }) => {
      const isOne = addresses.every(({ address }) => address === change.address);
      return {
        class: change.class,
        type: change.type,
        what: isOne ? change.address : resourceOf(change),
        attributes: attributesOf(change),
        stacks: [...new Set(addresses.map(({ stack }) => stack))],
        addresses,
      };
    })
    .sort(
      (a, b) =>
        b.stacks.length - a.stacks.length ||
        DANGER.indexOf(a.class) - DANGER.indexOf(b.class) ||
        (a.what < b.what ? -1 : 1),
    );
}

const attributesOf = ({ attributes }: Change): readonly string[] => [...(attributes ?? [])].sort();

/** `kubernetes_secret.tls` of `module.a["x"].kubernetes_secret.tls["y"]`. */
export function resourceOf({ address, type }: Pick<Change, 'address' | 'type'>): string {
  const at = address.lastIndexOf(`${type}.`);
  const name = at < 0 ? undefined : /^[\w-]+/.exec(address.slice(at + type.length + 1))?.[0];
  return name === undefined ? address : `${type}.${name}`;
}
