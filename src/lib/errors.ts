/**
 * The one error class and the one table of exit statuses.
 * Help, README, documents and tests read the table from here.
 */

/** One exit status: its number, its stable name (the `status` of every document) and what it means. */
export type ExitStatus = { readonly code: number; readonly name: string; readonly meaning: string };

/** Every status the tool can end with. 64–78 follow sysexits.h; 124 follows timeout(1); 130 and 143 are 128 + signal. */
export const EXIT = {
  ok: { code: 0, name: 'ok', meaning: 'done, healthy, nothing to change' },
  warn: { code: 1, name: 'warn', meaning: 'worst finding is WARN, or --exit-code was given and changes exist' },
  fail: { code: 2, name: 'fail', meaning: 'at least one FAIL' },
  unknown: { code: 3, name: 'unknown', meaning: 'no FAIL, at least one UNKNOWN: could not tell is not healthy' },
  refused: { code: 4, name: 'refused', meaning: 'a guard refused, or nobody confirmed; nothing was changed' },
  incomplete: {
    code: 5,
    name: 'incomplete',
    meaning: 'something changed, then a step failed; the same command resumes',
  },
  usage: { code: 64, name: 'usage', meaning: 'bad flags, arguments or an unknown command' },
  data: { code: 65, name: 'data', meaning: 'invalid input or an invalid stored document' },
  unavailable: { code: 69, name: 'unavailable', meaning: 'a system did not answer, or stdout did not take the answer' },
  bug: { code: 70, name: 'bug', meaning: 'a defect of infra itself' },
  busy: { code: 75, name: 'busy', meaning: 'a lock is held, or every compare-and-set attempt lost; try again' },
  denied: { code: 77, name: 'denied', meaning: 'credentials are missing or not sufficient' },
  config: { code: 78, name: 'config', meaning: 'infra.yaml or the environment is wrong' },
  deadline: { code: 124, name: 'deadline', meaning: 'the deadline passed; partial results are printed' },
  sigint: { code: 130, name: 'sigint', meaning: 'interrupted by Ctrl-C' },
  sigterm: { code: 143, name: 'sigterm', meaning: 'ended by SIGTERM' },
} as const satisfies Record<string, ExitStatus>;

/** Name of an exit status. */
export type StatusName = keyof typeof EXIT;

/** When several statuses apply at once, the first of this list wins. */
const PRECEDENCE: readonly StatusName[] = [
  'sigterm',
  'sigint',
  'bug',
  'incomplete',
  'refused',
  'denied',
  'config',
  'data',
  'usage',
  'busy',
  'unavailable',
  'fail',
  'deadline',
  'unknown',
  'warn',
  'ok',
];

/** The status that stands for several: the one that most needs the operator's attention. Empty means ok. */
export function worstStatus(names: Iterable<StatusName>): StatusName {
  const present = new Set(names);
  return PRECEDENCE.find((name) => present.has(name)) ?? 'ok';
}

/** What an error carries besides its message. `hints` are things to type or do next, one a line. */
export type ErrorDetails = {
  readonly hints?: readonly string[];
  readonly docs?: string;
  readonly cause?: unknown;
  /** True when it is certain that what failed had not changed anything yet. */
  readonly nothingChanged?: boolean;
  /** Several violations found at once, each a full sentence; printed below the message and listed in JSON. */
  readonly violations?: readonly { readonly code: string; readonly message: string }[];
};

/**
 * Every expected failure. `code` is stable (`vault.denied`, `users.email-taken`); `message` says what was tried,
 * on what, what came back; `hints` say what to do next. Anything thrown without this class is a bug (status 70).
 */
export class InfraError extends Error {
  readonly code: string;
  readonly status: StatusName;
  readonly hints: readonly string[];
  readonly docs: string | undefined;
  /** True when it is certain that what failed had not changed anything yet: an undo of earlier steps is still possible. */
  readonly nothingChanged: boolean;
  readonly violations: readonly { readonly code: string; readonly message: string }[];

  constructor(code: string, status: StatusName, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'InfraError';
    this.code = code;
    this.status = status;
    this.hints = details.hints ?? [];
    this.docs = details.docs;
    this.nothingChanged = details.nothingChanged ?? false;
    this.violations = details.violations ?? [];
  }

  /** The number for the process's exit status. */
  get exitStatus(): number {
    return EXIT[this.status].code;
  }
}

/** True when `error` is an InfraError whose code is one of `codes` (no codes: any InfraError). */
export function isInfraError(error: unknown, ...codes: readonly string[]): error is InfraError {
  return error instanceof InfraError && (codes.length === 0 || codes.includes(error.code));
}

/**
 * The same error with the promise that nothing had been changed, for what fails before the first write. What is no
 * InfraError, and what is `incomplete`, stays as it is.
 */
export function beforeAnyChange(error: unknown): unknown {
  if (!isInfraError(error) || error.nothingChanged || error.status === 'incomplete') return error;
  const { code, status, message, hints, docs, violations, cause } = error;
  const details = { hints, violations, cause, nothingChanged: true, ...(docs === undefined ? {} : { docs }) };
  return new InfraError(code, status, message, details);
}
