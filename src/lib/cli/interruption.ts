import { InfraError } from '../errors.ts';
import type { Interruption } from './host.ts';

/** The side of an interruption that main.ts holds: it turns signals, and defects, into it. */
export type Interrupter = {
  readonly interruption: Interruption;
  interrupt(status: 'sigint' | 'sigterm'): void;
  /** Asks what runs to end because of a defect, which is the reason that it gets. */
  giveUp(defect: InfraError): void;
};

/** After a signal, work that is not held gets this long to return what it has. */
const GRACE_MS = 2000;

const SIGNAL_NAME = { sigint: 'Ctrl-C', sigterm: 'SIGTERM' } as const;

/** The error for a command that still had an answer: all of it, or what it knew by then. */
export function interruptedAfterAll({ signal, status = 'bug' }: Interruption): InfraError {
  if (status === 'bug') return signal.reason as InfraError;
  return new InfraError(
    `interrupted.${status}`,
    status,
    `Interrupted by ${SIGNAL_NAME[status]}: the answer holds what was known by then.`,
  );
}

/** The error that stands for a signal. */
function interruptedBy(status: 'sigint' | 'sigterm'): InfraError {
  const name = SIGNAL_NAME[status];
  return new InfraError(`interrupted.${status}`, status, `Interrupted by ${name} before everything was done.`, {
    hints: ['Run the same command again to go on.'],
  });
}

/** Makes an interruption that has not happened yet. */
export function makeInterrupter(): Interrupter {
  const controller = new AbortController();
  const state = { status: undefined as Interruption['status'], holds: 0 };
  return {
    interruption: {
      signal: controller.signal,
      get status() {
        return state.status;
      },
      get held() {
        return state.holds > 0;
      },
      async hold(work) {
        state.holds += 1;
        try {
          return await work();
        } finally {
          state.holds -= 1;
        }
      },
    },
    interrupt(status) {
      if (state.status !== undefined) return;
      state.status = status;
      controller.abort(interruptedBy(status));
    },
    giveUp(defect) {
      state.status ??= 'bug';
      controller.abort(defect);
    },
  };
}

/**
 * Settles like `work`; but when the interruption came, nothing is held and the grace is over, it rejects with the
 * interruption's reason: work that ignores the signal must not keep the operator waiting.
 */
export async function orInterrupted<T>(work: Promise<T>, interruption: Interruption, graceMs = GRACE_MS): Promise<T> {
  const { signal } = interruption;
  const timers = new Set<NodeJS.Timeout>();
  const abandoned = new Promise<never>((_, reject) => {
    const wait = (): void => {
      const timer = setTimeout(() => (interruption.held ? wait() : reject(signal.reason)), graceMs);
      timers.add(timer);
    };
    if (signal.aborted) wait();
    else signal.addEventListener('abort', wait, { once: true });
  });
  try {
    return await Promise.race([work, abandoned]);
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}
