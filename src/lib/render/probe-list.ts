import type { Runbook } from '../diagnosis/runbook.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

/** Every probe with what it does and what it costs, and asks nothing. */
export function probeListText(style: Style, { probes, subject }: Pick<Runbook, 'probes' | 'subject'>): string {
  const rows = probes.map(({ id, kind, cost }) => [id, kind, cost]);
  return [
    table(rows, { width: style.width, head: ['PROBE', 'KIND', 'COST'] }),
    '',
    'passive: reads of the API and of logs; request: a request to an application; exec: a read-only program in a container.',
    `The questions in full: infra runbook show ${subject}`,
  ].join('\n');
}
