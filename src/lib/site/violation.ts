/** One thing that is wrong in infra.yaml: where, and what to write instead. It never holds a value of the file. */
export type Violation = {
  readonly code: string;
  readonly line: number;
  readonly column: number;
  /** A sentence without the position. */
  readonly text: string;
};

/** A violation as errors and warnings carry it: `infra.yaml:3:5: unknown key …`. */
export function printed(file: string, violation: Violation): { readonly code: string; readonly message: string } {
  return { code: violation.code, message: `${file}:${violation.line}:${violation.column}: ${violation.text}` };
}

/** Order of appearance in the file. */
export function byPosition(a: Violation, b: Violation): number {
  return a.line - b.line || a.column - b.column;
}
