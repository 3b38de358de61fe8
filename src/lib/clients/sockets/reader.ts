import type { Readable } from 'node:stream';
import { socketError, translated } from './errors.ts';

const LF = 0x0a;
const CR = 0x0d;

/** Takes lines from a stream that may send anything, or nothing. It holds at most one line and what the stream buffers. */
export type LineReader = {
  readonly received: number;
  readLine(timeoutMs: number, maxBytes: number): Promise<string | undefined>;
  /** Bytes that have arrived and that nobody has asked for. */
  readonly waiting: number;
};

/** Reads in paused mode: what is not asked for stays with the sender. `shown` names the server in errors. */
export function makeLineReader(stream: Readable, shown: string): LineReader {
  const state = { rest: Buffer.alloc(0), received: 0 };

  const take = (end: number, skip: number): string => {
    const line = state.rest.subarray(0, end);
    state.rest = state.rest.subarray(end + skip);
    return line.toString('latin1');
  };

  return {
    get received() {
      return state.received;
    },
    get waiting() {
      return state.rest.length + stream.readableLength;
    },
    async readLine(timeoutMs, maxBytes) {
      const until = performance.now() + timeoutMs;
      for (;;) {
        const at = state.rest.indexOf(LF);
        if (at >= 0 && at <= maxBytes) {
          const hasCr = at > 0 && state.rest[at - 1] === CR;
          return take(hasCr ? at - 1 : at, hasCr ? 2 : 1);
        }
        if (state.rest.length > maxBytes) {
          throw socketError('sockets.line-too-long', shown, `a line has more than ${maxBytes} bytes`);
        }
        const chunk = await nextChunk(stream, until, shown);
        if (chunk === undefined) return state.rest.length === 0 ? undefined : take(state.rest.length, 0);
        state.received += chunk.length;
        state.rest = Buffer.concat([state.rest, chunk]);
      }
    },
  };
}

/** The next bytes, or undefined at the end of the stream. A reset is an end: nothing more will come. */
async function nextChunk(stream: Readable, until: number, shown: string): Promise<Buffer | undefined> {
  const ready: Buffer | null = stream.read();
  if (ready !== null) return ready;
  if (stream.readableEnded || stream.destroyed) return undefined;
  const timeoutMs = until - performance.now();
  if (timeoutMs <= 0) throw socketError('sockets.timeout', shown, 'no complete line came in time');
  const happened = await new Promise<'readable' | 'ended' | 'late' | Error>((resolve) => {
    const settle = (what: 'readable' | 'ended' | 'late' | Error): void => {
      clearTimeout(timer);
      stream.off('readable', onReadable).off('end', onEnd).off('close', onEnd).off('error', settle);
      resolve(what);
    };
    const onReadable = (): void => settle('readable');
    const onEnd = (): void => settle('ended');
    const timer = setTimeout(() => settle('late'), timeoutMs);
    stream.on('readable', onReadable).on('end', onEnd).on('close', onEnd).on('error', settle);
  });
  if (happened === 'late') throw socketError('sockets.timeout', shown, 'no complete line came in time');
  if (happened === 'readable') return nextChunk(stream, until, shown);
  if (happened === 'ended') return undefined;
  const error = translated(happened, shown);
  if (error.code === 'sockets.closed') return undefined;
  throw error;
}
