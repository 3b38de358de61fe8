import { QUOTA_DEFAULTS } from '../users/entry.ts';
import type { DriftMark, ListedUser, UserList } from '../users/list.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

const DRIFT: Readonly<Record<DriftMark, string>> = {
  none: 'in step',
  drift: 'drift',
  unknown: 'unknown',
  'not-asked': '-',
};

/** All users as a table, then what is wrong with which, then what nobody owns. */
export function userListText(style: Style, list: UserList): string {
  if (list.users.length === 0) return 'There are no users.';
  const rows = list.users.map((listed) => [
    printable(listed.stored.name),
    printable(listed.stored.claims.role ?? '?'),
    drift(style, listed.drift),
    quota(listed),
    printable(listed.stored.claims.namespaces.join(', ')) || '-',
  ]);
  const head = ['NAME', 'ROLE', 'CLUSTER', 'CPU/MEMORY/PODS', 'NAMESPACES'].map((title) => style.dim(title));
  const notes = list.users.flatMap(({ stored, differences }) =>
    [...stored.problems, ...differences].map(
      (note) => `${style.mark('WARN')} ${printable(stored.name)}: ${printable(note)}`,
    ),
  );
  const strays = list.strays.map(
    ({ kind, name }) => `${style.mark('WARN')} the ${kind} ${printable(name)} belongs to no entry`,
  );
  const unknown =
    list.unknown === undefined
      ? []
      : [`${style.mark('UNKNOWN')} The cluster could not be asked: ${printable(list.unknown)}`];
  const below = [...notes, ...strays, ...unknown];
  return [table(rows, { width: style.width, head }), ...(below.length > 0 ? ['', ...below] : [])].join('\n');
}

function drift(style: Style, mark: DriftMark): string {
  const text = DRIFT[mark];
  return mark === 'drift' || mark === 'unknown' ? style.yellow(text) : text;
}

function quota({ stored }: ListedUser): string {
  if (stored.entry?.role !== 'namespace-owner') return '-';
  const { cpu_requests, memory_limits, pods } = { ...QUOTA_DEFAULTS, ...stored.entry.quota };
  return printable(`${cpu_requests}/${memory_limits}/${pods}`);
}
