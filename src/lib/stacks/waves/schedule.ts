import type { Needs } from './needs.ts';
import { levelsOf } from './needs.ts';

/** How one piece of work ended. `again`: it could not be had now; it gets one more try at the end of its wave. */
export type Worked<R> = { readonly state: 'done' | 'failed' | 'again'; readonly value: R };

/** How a task of the schedule ended. `blocked`: `by` failed, so it was never begun; `not-begun`: the signal came first. */
export type Ended<R> =
  | { readonly state: 'done' | 'failed'; readonly value: R }
  | { readonly state: 'blocked'; readonly by: readonly string[] }
  | { readonly state: 'not-begun' };

/**
 * What a schedule is run with. `lane` names what a task needs for itself alone (the working tree of git, say): two tasks
 * of one lane never run at the same time. `attempt` is 1, or 2 after `again`.
 */
export type ScheduleOptions<R> = {
  readonly needs: Needs;
  readonly parallelism: number;
  readonly signal: AbortSignal;
  readonly lane?: (name: string) => string | undefined;
  readonly work: (name: string, attempt: 1 | 2) => Promise<Worked<R>>;
  readonly onBlocked?: (name: string, by: readonly string[]) => void;
};

/**
 * Runs tasks over a DAG, at most `parallelism` at once, each as soon as all that it needs is done; those with the longest
 * chain behind them first. What fails blocks those that need it, directly or not, and nobody else. `again` puts a task
 * aside until nothing else of its wave is left; a second `again` counts as failed. After the signal nothing begins, and
 * what runs is waited for. A `work` that throws ends the schedule, once what runs has ended.
 */
export async function runSchedule<R>(options: ScheduleOptions<R>): Promise<ReadonlyMap<string, Ended<R>>> {
  return await new Schedule(options).run();
}

class Schedule<R> {
  readonly #options: ScheduleOptions<R>;
  readonly #waves: ReadonlyMap<string, number>;
  readonly #behind: ReadonlyMap<string, number>;
  readonly #ended = new Map<string, Ended<R>>();
  readonly #waiting: Set<string>;
  readonly #aside = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  #thrown: { readonly error: unknown } | undefined;

  constructor(options: ScheduleOptions<R>) {
    this.#options = options;
    this.#waves = levelsOf(options.needs);
    this.#behind = chainsBehind(options.needs);
    this.#waiting = new Set(options.needs.keys());
  }

  async run(): Promise<ReadonlyMap<string, Ended<R>>> {
    while (true) {
      this.#begin();
      if (this.#running.size === 0) break;
      await Promise.race(this.#running.values());
    }
    if (this.#thrown !== undefined) throw this.#thrown.error;
    for (const name of [...this.#waiting, ...this.#aside]) this.#ended.set(name, { state: 'not-begun' });
    return this.#results();
  }

  /** In the order of the tasks. What blocked one may not have been all that did: the others failed later. */
  #results(): ReadonlyMap<string, Ended<R>> {
    const names = [...this.#options.needs.keys()];
    for (const name of names.toSorted((a, b) => (this.#waves.get(a) ?? 0) - (this.#waves.get(b) ?? 0))) {
      if (this.#ended.get(name)?.state === 'blocked')
        this.#ended.set(name, { state: 'blocked', by: this.#culprits(name) });
    }
    return new Map(names.map((name) => [name, this.#ended.get(name) ?? { state: 'not-begun' }]));
  }

  #begin(): void {
    while (!this.#stopped && this.#running.size < this.#options.parallelism) {
      const next = this.#next();
      if (next === undefined) return;
      const attempt = this.#aside.has(next) ? 2 : 1;
      this.#waiting.delete(next);
      this.#aside.delete(next);
      this.#running.set(next, this.#work(next, attempt));
    }
  }

  get #stopped(): boolean {
    return this.#options.signal.aborted || this.#thrown !== undefined;
  }

  #next(): string | undefined {
    const taken = new Set([...this.#running.keys()].map((name) => this.#lane(name)));
    const isFree = (name: string): boolean => this.#lane(name) === undefined || !taken.has(this.#lane(name));
    const fresh = [...this.#waiting].filter((name) =>
      this.#needsOf(name).every((on) => this.#ended.get(on)?.state === 'done'),
    );
    const retried = [...this.#aside].filter((name) => this.#isLastOfItsWave(name));
    return [...fresh, ...retried].filter(isFree).sort((a, b) => this.#compare(a, b))[0];
  }

  #compare(a: string, b: string): number {
    return (this.#behind.get(b) ?? 0) - (this.#behind.get(a) ?? 0) || (a < b ? -1 : 1);
  }

  #isLastOfItsWave(name: string): boolean {
    const wave = this.#waves.get(name);
    return [...this.#waiting, ...this.#running.keys()].every((other) => this.#waves.get(other) !== wave);
  }

  async #work(name: string, attempt: 1 | 2): Promise<void> {
    try {
      const { state, value } = await this.#options.work(name, attempt);
      if (state === 'again' && attempt === 1) this.#aside.add(name);
      else this.#ended.set(name, { state: state === 'done' ? 'done' : 'failed', value });
      if (this.#ended.get(name)?.state === 'failed') this.#block();
    } catch (error) {
      this.#thrown ??= { error };
    } finally {
      this.#running.delete(name);
    }
  }

  /** Everything that needs what failed, directly or through others, is never begun. */
  #block(): void {
    for (const name of this.#waiting) {
      const by = this.#culprits(name);
      if (by.length === 0) continue;
      this.#waiting.delete(name);
      this.#ended.set(name, { state: 'blocked', by });
      this.#options.onBlocked?.(name, by);
      this.#block();
      return;
    }
  }

  /** The failed tasks that a task needs, directly or through blocked ones. */
  #culprits(name: string): readonly string[] {
    const found = this.#needsOf(name).flatMap((on): readonly string[] => {
      const ended = this.#ended.get(on);
      if (ended?.state === 'failed') return [on];
      return ended?.state === 'blocked' ? ended.by : [];
    });
    return [...new Set(found)].sort();
  }

  #needsOf(name: string): readonly string[] {
    return this.#options.needs.get(name) ?? [];
  }

  #lane(name: string): string | undefined {
    return this.#options.lane?.(name);
  }
}

/** How many tasks stand one behind another after each: whoever has the longest chain goes first. */
function chainsBehind(needs: Needs): ReadonlyMap<string, number> {
  const after = new Map<string, string[]>([...needs.keys()].map((name) => [name, []]));
  for (const [name, on] of needs) for (const other of on) after.get(other)?.push(name);
  const found = new Map<string, number>();
  const visit = (name: string): number => {
    const known = found.get(name);
    if (known !== undefined) return known;
    const chain = Math.max(-1, ...(after.get(name) ?? []).map(visit)) + 1;
    found.set(name, chain);
    return chain;
  };
  for (const name of needs.keys()) visit(name);
  return found;
}
