import { fstatSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import type { InfraError } from '../../errors.ts';
import { codeOf, filesError } from '../files/errors.ts';

/** stdout and stderr of the process, written so that whatever becomes of them stops no work. */
export type Streams = {
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Why the answer did not arrive whole: `files.disk-full` (69), … A reader that went away is no such reason. */
  unwritten(): InfraError | undefined;
};

/** The reader is gone: a closed pipe (`| head -1`), a terminal that was closed. */
const GONE = new Set(['EPIPE', 'EIO', 'ENXIO', 'ECONNRESET', 'ENOTCONN', 'ERR_STREAM_DESTROYED']);

/**
 * Takes the streams of the process over. An error of writing is no reason to stop in the middle of an apply: what cannot
 * be written is dropped, the command goes on, and `unwritten` knows in the end.
 */
export function takeStreams(): Streams {
  const failed: { answer?: InfraError } = {};
  const onFailure = (error: unknown): void => {
    if (!GONE.has(codeOf(error) ?? '')) failed.answer ??= filesError(error, 'write the answer to stdout');
  };
  const stdout = isFile(1) ? new WholeFile(1, onFailure) : process.stdout;
  const stderr = isFile(2) ? new WholeFile(2, () => {}) : process.stderr;
  stdout.on('error', onFailure);
  stderr.on('error', () => {});
  return { stdout, stderr, unwritten: () => failed.answer };
}

/** A file or a device that is no terminal, as opposed to a pipe or a socket. */
function isFile(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isFile() || (stat.isCharacterDevice() && !isatty(fd));
  } catch {
    // A descriptor that cannot be asked is left to Node.
    return false;
  }
}

/**
 * Node writes to a file with one call and takes no notice of how much of it was taken: on a disk that is nearly full half
 * a document would end with success.
 */
class WholeFile extends Writable {
  readonly #fd: number;
  readonly #onFailure: (error: unknown) => void;

  constructor(fd: number, onFailure: (error: unknown) => void) {
    super();
    this.#fd = fd;
    this.#onFailure = onFailure;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    try {
      for (let at = 0; at < chunk.length; ) at += writeSync(this.#fd, chunk, at);
    } catch (error) {
      this.#onFailure(error);
    }
    done();
  }
}
