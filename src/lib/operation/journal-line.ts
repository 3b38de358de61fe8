/** One line of a journal. `event` says what follows or what has just happened; no line ever holds a secret. */
export type JournalLine = {
  /** ISO time, UTC. */
  readonly at: string;
  readonly event: JournalEvent;
  readonly step?: string;
  readonly data?: Readonly<Record<string, unknown>>;
};

/** Everything a journal can say. Lines that announce are written before the action, lines that report after it. */
export const JOURNAL_EVENTS = [
  'run-start',
  'run-resumed',
  'baseline',
  'confirmed',
  'step-planned',
  'step-applying',
  'child-started',
  'child-ended',
  'state-committed',
  'note',
  'step-applied',
  'step-failed',
  'step-verified',
  'rollback-starting',
  'rolled-back',
  'run-end',
] as const;
export type JournalEvent = (typeof JOURNAL_EVENTS)[number];

/**
 * Reads journal text. A last line that is cut off (the process was killed while writing) is dropped;
 * any other line that is not a journal line is counted in `damaged`, never guessed at.
 */
export function parseJournal(text: string): { readonly lines: readonly JournalLine[]; readonly damaged: number } {
  const rows = text.split('\n');
  const tail = rows.pop() ?? '';
  const whole = rows.map(parseLine);
  const lines = [...whole, parseLine(tail)].filter((line) => line !== undefined);
  return { lines, damaged: whole.filter((line) => line === undefined).length };
}

function parseLine(row: string): JournalLine | undefined {
  const value = parseJson(row);
  if (typeof value !== 'object' || value === null) return undefined;
  const { at, event } = value as Record<string, unknown>;
  if (typeof at !== 'string' || !(JOURNAL_EVENTS as readonly unknown[]).includes(event)) return undefined;
  return value as JournalLine;
}

function parseJson(row: string): unknown {
  try {
    return JSON.parse(row);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
