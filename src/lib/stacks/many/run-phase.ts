import type { Needs } from '../waves/needs.ts';
import { type Ended, runSchedule, type Worked } from '../waves/schedule.ts';
import type { ManyContext } from './context.ts';

/** Planning or applying many stacks. */
export type Phase<Value> = {
  readonly context: ManyContext;
  readonly phase: 'plan' | 'apply';
  /** How many stacks it is about. */
  readonly total: number;
  readonly needs: Needs;
  readonly parallelism: number;
  /** Stacks of one lane take turns. */
  readonly lane: (stack: string) => string | undefined;
  /** The work on one stack. `isLast`: it is not tried again. */
  readonly work: (stack: string, isLast: boolean) => Promise<Worked<Value>>;
  /** Hears at once how a stack ended, unless it will be tried again. Milliseconds. */
  readonly tell: (stack: string, ended: Ended<Value>, durationMs: number) => void;
};

/** Runs a phase in the order of its DAG and says of each stack that it began, that it waits for a lock, how it ended. */
export async function runPhase<Value>(options: Phase<Value>): Promise<ReadonlyMap<string, Ended<Value>>> {
  const { context, phase, total, needs, parallelism, lane, work, tell } = options;
  const { clock } = context.clients;
  context.onEvent({ type: 'phase', phase, total, parallelism });
  return runSchedule<Value>({
    needs,
    parallelism,
    signal: context.interrupt,
    lane,
    onBlocked: (stack, by) => tell(stack, { state: 'blocked', by }, 0),
    work: async (stack, attempt) => {
      const started = clock.monotonic();
      context.onEvent({ type: 'stack-start', phase, stack });
      const worked = await work(stack, attempt === 2);
      if (worked.state === 'again' && attempt === 1) {
        const text = 'waiting: it is locked, tried again at the end of its wave';
        context.onEvent({ type: 'stack-progress', stack, text });
      } else {
        const state = worked.state === 'done' ? 'done' : 'failed';
        tell(stack, { state, value: worked.value }, clock.monotonic() - started);
      }
      return worked;
    },
  });
}
