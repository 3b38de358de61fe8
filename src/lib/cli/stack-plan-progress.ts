import { appliedLine, overviewText } from '../render/stack-apply.ts';
import { plannedLine } from '../render/stack-plan.ts';
import { findingLine } from '../render/user-add.ts';
import type { ManyEvent } from '../stacks/many/context.ts';
import type { Output } from './output.ts';
import { makeProgress, type Progress, type Work } from './progress.ts';

/** Folds the events of a command over many stacks into lines on stderr. `settle` waits for the last one to be drawn. */
export type ManyProgress = { readonly onEvent: (event: ManyEvent) => void; settle(): Promise<void> };

type State = {
  work: Work | undefined;
  total: number;
  ended: number;
  verb: string;
  readonly running: Set<string>;
};

/**
 * Makes it. Stacks end in any order, so that every result is a line of its own, in a log as on a terminal; a terminal
 * has one more line at the end, which tells what runs now.
 */
export function makeManyProgress(output: Output, live: NodeJS.WritableStream | undefined): ManyProgress {
  const stream = output.quiet ? undefined : (live as NodeJS.WriteStream | undefined);
  const progress = makeProgress({ line: output.progress, live: stream });
  const state: State = { work: undefined, total: 0, ended: 0, verb: '', running: new Set() };
  let queue = Promise.resolve();
  return {
    onEvent: (event) => {
      queue = queue.then(() => fold(event, output, progress, state, stream !== undefined));
    },
    settle: async () => {
      await queue;
      await clear(state);
    },
  };
}

async function fold(
  event: ManyEvent,
  output: Output,
  progress: Progress,
  state: State,
  isLive: boolean,
): Promise<void> {
  const style = output.sideStyle;
  switch (event.type) {
    case 'check': {
      const { finding } = event;
      progress.line(findingLine(style, finding.verdict === 'FAIL' ? { ...finding, detail: 'see below' } : finding));
      return;
    }
    case 'phase': {
      state.total = event.total;
      state.ended = 0;
      state.verb = event.phase === 'plan' ? 'planning' : 'applying';
      const what = `${event.total} ${event.total === 1 ? 'stack' : 'stacks'}`;
      const width = event.total > 1 ? `, up to ${event.parallelism} at once` : '';
      progress.line(style.bold(`${event.phase === 'plan' ? 'Planning' : 'Applying'} ${what}${width}`));
      return;
    }
    case 'stack-start':
      state.running.add(event.stack);
      return await redraw(progress, state, isLive);
    case 'stack-progress':
      // A wait may last for minutes: it is said in a log too.
      if (event.text.startsWith('waiting')) await print(progress, state, isLive, `    ${event.stack}: ${event.text}`);
      return;
    case 'planned':
      state.running.delete(event.report.stack.name);
      state.ended += 1;
      return await print(progress, state, isLive, plannedLine(style, event.report));
    case 'overview':
      await clear(state);
      progress.line(overviewText(style, event.overview));
      return;
    case 'applied':
      state.running.delete(event.report.stack);
      state.ended += 1;
      return await print(progress, state, isLive, appliedLine(style, event.report));
  }
}

async function clear(state: State): Promise<void> {
  await state.work?.end('');
  state.work = undefined;
}

/** A result line stands above the line that is still going on. */
async function print(progress: Progress, state: State, isLive: boolean, line: string): Promise<void> {
  if (state.work === undefined) progress.line(line);
  else await state.work.end(line);
  state.work = undefined;
  await redraw(progress, state, isLive);
}

async function redraw(progress: Progress, state: State, isLive: boolean): Promise<void> {
  if (!isLive || state.running.size === 0) return;
  const text = `${state.verb} ${[...state.running].join(', ')} (${state.ended} of ${state.total})`;
  if (state.work === undefined) state.work = await progress.start(text);
  else state.work.update(text);
}
