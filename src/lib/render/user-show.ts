import type { ShownUser } from '../users/show.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

/** One user, a fact a line. */
export function userShowText(style: Style, shown: ShownUser): string {
  const { stored, quota, defaulted, otherKeys, version } = shown;
  const { role, email, namespaces, domains } = stored.claims;
  const list = (items: readonly string[]): string => printable(items.join(', ')) || 'none';
  const rows: (readonly string[])[] = [
    ['role', printable(role ?? 'missing')],
    ['e-mail', printable(email ?? 'missing')],
    ['namespaces', list(namespaces)],
    ['domains', list(domains)],
  ];
  if (quota !== undefined) {
    for (const [key, value] of Object.entries(quota))
      rows.push([key, `${printable(value)}${defaulted.includes(key) ? '  (the stacks’ default)' : ''}`]);
  }
  if (otherKeys.length > 0) rows.push(['other keys', `${list(otherKeys)}  (read by no stack)`]);
  if (stored.entry?.role === 'namespace-owner') {
    rows.push(['note', 'A Woodpecker admin: its pipelines run as cluster admin.']);
  }
  const problems = stored.problems.map((problem) => `${style.mark('WARN')} ${printable(problem)}`);
  return [
    `${style.bold(printable(stored.name))}  ${style.dim(`version ${version}`)}`,
    table(rows, { width: style.width, indent: '  ' }),
    ...problems,
    `Is it all there: infra user verify ${printable(stored.name)}`,
  ].join('\n');
}
