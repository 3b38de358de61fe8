/** One line of the table: what was measured, against what, and the limit beyond which `npm run bench` fails. */
export type Row = {
  readonly measure: string;
  readonly value: number;
  readonly unit: 'x' | 's';
  readonly limit: number;
  readonly detail: string;
};

/** A row as text of one line. */
export function rowText(row: Row): string {
  const mark = row.value <= row.limit ? 'ok  ' : 'OVER';
  const value = `${row.value.toFixed(2)} ${row.unit}`;
  return `${mark}  ${row.measure.padEnd(58)} ${value.padStart(8)}  limit ${row.limit} ${row.unit}  ${row.detail}`;
}
