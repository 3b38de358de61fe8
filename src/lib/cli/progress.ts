import type { Writable } from 'node:stream';
import type { ListrDefaultRendererLogLevels } from './listr-shim.ts';

/** A line of work that is going on: its text may change until it ends as one result line. */
export type Work = { update(text: string): void; end(line: string): Promise<void> };

/** Progress of a command, on stderr. In a pipe, in CI or on a dumb terminal only result lines appear. */
export type Progress = {
  /** A line that is simply printed. */
  line(text: string): void;
  start(title: string): Promise<Work>;
};

/**
 * Where progress goes: `line` prints a finished line (redacted, silent under --quiet); `live` is a terminal on which a
 * line that is still going on may be redrawn, undefined elsewhere.
 */
export type ProgressOptions = { readonly line: (text: string) => void; readonly live: Writable | undefined };

/** Makes the progress of one command; listr2 is loaded only for a live terminal. */
export function makeProgress({ line, live }: ProgressOptions): Progress {
  return {
    line,
    start: async (title) => {
      if (live === undefined) return { update: () => {}, end: async (text) => line(text) };
      const task = await drawTask(live as NodeJS.WriteStream, title);
      return {
        update: task.update,
        end: async (text) => {
          await task.finish();
          line(text);
        },
      };
    },
  };
}

/**
 * One listr2 task that spins until `finish`, then clears itself. It is drawn on `stream` (listr2's default is stdout),
 * and listr2's own signal handler, which ends the process with 127, stays off.
 */
async function drawTask(
  stream: NodeJS.WriteStream,
  title: string,
): Promise<{ update(text: string): void; finish(): Promise<void> }> {
  const { LISTR_DEFAULT_RENDERER_STYLE, Listr, ListrLogger, ProcessOutput } = await import('./listr-shim.ts');
  const ended = Promise.withResolvers<void>();
  const started = Promise.withResolvers<(text: string) => void>();
  const logger = new ListrLogger<ListrDefaultRendererLogLevels>({
    useIcons: true,
    ...LISTR_DEFAULT_RENDERER_STYLE,
    processOutput: new ProcessOutput(stream, stream),
  });
  const list = new Listr(
    [
      {
        title,
        task: async (_context, task) => {
          started.resolve((text) => {
            task.title = text;
          });
          await ended.promise;
        },
      },
    ],
    {
      renderer: 'default',
      fallbackRenderer: 'silent',
      fallbackRendererCondition: false,
      registerSignalListeners: false,
      rendererOptions: { logger, clearOutput: true },
    },
  );
  const running = list.run();
  const update = await started.promise;
  return {
    update,
    finish: async () => {
      ended.resolve();
      await running;
    },
  };
}
