/**
 * One line of the table: what was measured, against what, and the limit beyond which `npm run bench` fails. One without
 * a limit is there to be compared with.
 */
export type Row = {
  readonly measure: string;
  readonly value: number;
  readonly unit: 'x' | 's' | 'MiB';
  readonly limit: number | undefined;
  /** The measured times behind the value. */
  readonly detail: string;
};

/** Milliseconds as text. */
export function msText(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** One time as a multiple of another. */
export function ratioRow(measure: string, a: number, b: number, limit?: number): Row {
  return { measure, value: a / b, unit: 'x', limit, detail: `${msText(a)} / ${msText(b)}` };
}

/** Whether a row is beyond its limit. */
export function isOver({ value, limit }: Row): boolean {
  return limit !== undefined && !(value <= limit);
}

/** A row as text of one line. */
export function rowText(row: Row): string {
  const mark = row.limit === undefined ? '    ' : isOver(row) ? 'OVER' : 'ok  ';
  const value = `${row.value.toFixed(2)} ${row.unit}`;
  const limit = row.limit === undefined ? 'no limit' : `limit ${row.limit} ${row.unit}`;
  return `${mark}  ${row.measure.padEnd(58)} ${value.padStart(8)}  ${limit.padEnd(12)} ${row.detail}`;
}
