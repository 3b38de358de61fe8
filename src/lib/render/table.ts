import { columnsOf, wrap } from './wrap.ts';

/** A cell may hold colour codes; it must not hold line ends. */
export type Row = readonly string[];

/** Options of a table. `indent` stands before every line; `gap` is the number of spaces between columns. */
export type TableOptions = {
  readonly width: number;
  readonly indent?: string;
  readonly gap?: number;
  readonly head?: Row;
};

/**
 * Columns aligned to the left, as wide as their widest cell. The last column takes what is left of `width` and wraps
 * there; when less than 20 columns are left, it goes to lines of its own.
 */
export function table(rows: readonly Row[], options: TableOptions): string {
  const { width, indent = '', gap = 2, head } = options;
  const all = head === undefined ? rows : [head, ...rows];
  const count = Math.max(0, ...all.map((row) => row.length));
  const widths = Array.from({ length: Math.max(0, count - 1) }, (_, column) =>
    Math.max(0, ...all.map((row) => columnsOf(row[column] ?? ''))),
  );
  const spacer = ' '.repeat(gap);
  const lastColumn = columnsOf(indent) + widths.reduce((sum, each) => sum + each + gap, 0);
  const hasRoom = width - lastColumn >= 20;
  const under = hasRoom ? ' '.repeat(lastColumn) : `${indent}    `;
  return all
    .map((row) => {
      const cells = widths.map((columns, index) => {
        const cell = row[index] ?? '';
        return cell + ' '.repeat(columns - columnsOf(cell));
      });
      const left = indent + cells.map((cell) => cell + spacer).join('');
      const last = row[count - 1] ?? '';
      if (last === '') return left.trimEnd();
      if (hasRoom || columnsOf(left) + columnsOf(last) <= width) return wrap(last, width, left, under).trimEnd();
      return `${left.trimEnd()}\n${wrap(last, width, under)}`;
    })
    .join('\n');
}
