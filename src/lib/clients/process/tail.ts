import { open } from 'node:fs/promises';
import { makeLineSplitter } from './lines.ts';

const EVERY_MS = 100;
const CHUNK = 64 * 1024;

/** Follows a file that another process appends to. `finish` reads what is left and stops. */
export type Tail = { finish(): Promise<void> };

/**
 * Calls `onLine` with each whole line that is written to `path` after byte `from`. Reads at an interval: file
 * watching is not to be relied on over network file systems. A failure shows in `finish`, never earlier.
 */
export function startTail(path: string, from: number, onLine: (line: string) => void): Tail {
  const splitter = makeLineSplitter();
  const buffer = Buffer.alloc(CHUNK);
  let position = from;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const drain = async (): Promise<void> => {
    const file = await open(path, 'r');
    try {
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, CHUNK, position);
        if (bytesRead === 0) return;
        position += bytesRead;
        for (const line of splitter.push(buffer.subarray(0, bytesRead))) onLine(line);
      }
    } finally {
      await file.close();
    }
  };
  let failure: { readonly error: unknown } | undefined;
  let reading: Promise<void> = Promise.resolve();
  const turn = (): void => {
    reading = drain().then(
      () => {
        if (!stopped) timer = setTimeout(turn, EVERY_MS);
      },
      (error: unknown) => {
        failure = { error };
      },
    );
  };
  turn();

  return {
    async finish() {
      stopped = true;
      clearTimeout(timer);
      await reading;
      if (failure !== undefined) throw failure.error;
      await drain();
      for (const line of splitter.end()) onLine(line);
    },
  };
}
