import { findingLine, overviewText, stepLine, userLine } from '../render/user-add.ts';
import { wrap } from '../render/wrap.ts';
import type { AddEvent } from '../users/add/request.ts';
import type { Output } from './output.ts';
import { makeProgress, type Progress, type Work } from './progress.ts';

/** Folds the events of `user add` into lines on stderr. `settle` waits for the last line to be drawn. */
export type AddProgress = { readonly onEvent: (event: AddEvent) => void; settle(): Promise<void> };

type State = { work: Work | undefined; hasSteps: boolean };

/** Makes it; a live terminal redraws the line of the step that is running. */
export function makeAddProgress(output: Output, live: NodeJS.WritableStream | undefined): AddProgress {
  const stream = output.quiet ? undefined : (live as NodeJS.WriteStream | undefined);
  const progress = makeProgress({ line: output.progress, live: stream });
  const state: State = { work: undefined, hasSteps: false };
  let queue = Promise.resolve();
  const onEvent = (event: AddEvent): void => {
    queue = queue.then(() => fold(event, output, progress, state, stream !== undefined));
  };
  const settle = async (): Promise<void> => {
    await queue;
    // On a live terminal the last line that was redrawn leaves an empty one.
    if (state.hasSteps && stream === undefined) progress.line('');
  };
  return { onEvent, settle };
}

async function fold(event: AddEvent, output: Output, progress: Progress, state: State, isLive: boolean): Promise<void> {
  const style = output.sideStyle;
  switch (event.type) {
    case 'preflight-start':
      progress.line(`${style.bold(wrap(userLine(event.user), style.width, '', '  '))}\n\nBefore anything changes`);
      return;
    case 'check': {
      // What stops the run is told in full by the error below.
      const { finding } = event;
      progress.line(findingLine(style, finding.verdict === 'FAIL' ? { ...finding, detail: 'see below' } : finding));
      return;
    }
    case 'plan-ready':
      progress.line(`${overviewText(style, event.overview)}\n`);
      return;
    case 'step-start':
      state.hasSteps = true;
      state.work = await progress.start(event.title);
      return;
    case 'step-progress':
      // A wait may last for minutes: it is said in a log too.
      if (!isLive && event.text.startsWith('waiting')) progress.line(`    ${event.text}`);
      state.work?.update(`${event.step.replace(/^stack /, '')}  ${event.text}`);
      return;
    case 'step-end': {
      const line = stepLine(style, event.title, event.state, event.detail, event.durationMs);
      if (state.work === undefined) progress.line(line);
      else await state.work.end(line);
      state.work = undefined;
      return;
    }
    case 'findings':
      return;
  }
}
