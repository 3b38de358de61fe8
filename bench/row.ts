/** One line of the table: what was measured, against what, and the limit beyond which `npm run bench` fails. */
export type Row = {
  readonly measure: string;
  readonly value: number;
  readonly unit: 'x' | 's' | 'MiB';
  readonly limit: number;
  /** The measured times behind the value. */
  readonly detail: string;
};

/** Milliseconds as text. */
export function msText(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** One time as a multiple of another. */
export function ratioRow(measure: string, a: number, b: number, limit: number): Row {
  return { measure, value: a / b, unit: 'x', limit, detail: `${msText(a)} / ${msText(b)}` };
}

/** A row as text of one line. */
export function rowText(row: Row): string {
  const mark = row.value <= row.limit ? 'ok  ' : 'OVER';
  const value = `${row.value.toFixed(2)} ${row.unit}`;
  return `${mark}  ${row.measure.padEnd(52)} ${value.padStart(8)}  limit ${`${row.limit} ${row.unit}`.padEnd(6)} ${row.detail}`;
}
