import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { InfraError } from '../../errors.ts';
import { codeOf, filesError, isAbsent } from './errors.ts';

const PIECE = 256 * 1024;
const GZIP = [0x1f, 0x8b] as const;

/**
 * The bytes of a log file as they are read, unpacked when it begins like gzip, whatever its name. Errors:
 * `logs.no-file`, `logs.not-a-file`, `logs.bad-gzip` (65), `files.denied` (77), `files.failed` (69).
 */
export async function* openLog(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const file = createReadStream(path, { highWaterMark: PIECE });
  try {
    yield* unpacked(file, path);
  } catch (error) {
    if (error instanceof InfraError) throw error;
    if (isAbsent(error)) throw new InfraError('logs.no-file', 'data', `There is no file ${path}.`, { cause: error });
    if (codeOf(error) === 'EISDIR') throw new InfraError('logs.not-a-file', 'data', `${path} is a folder, not a log.`);
    throw filesError(error, `read ${path}`);
  } finally {
    file.destroy();
  }
}

/** The same bytes, unpacked when they begin like gzip. `name` is for the error `logs.bad-gzip` (65). */
export async function* unpacked(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = bytes[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  while (head.length < GZIP.length) {
    const next = await pieces.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const rest = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    if (head.length > 0) yield head;
    yield* { [Symbol.asyncIterator]: () => pieces };
  };
  if (!GZIP.every((byte, index) => head[index] === byte)) return yield* rest();
  const gunzip = createGunzip();
  const writing = feed(rest(), gunzip);
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
    await writing;
  } catch (error) {
    await writing.catch(() => undefined);
    if (!String(codeOf(error)).startsWith('Z_')) throw error;
    throw new InfraError('logs.bad-gzip', 'data', `${name} begins like gzip and cannot be unpacked to its end.`, {
      cause: error,
      hints: ['A file that is still being written or copied is cut: unpack it by hand (gzip -dc) and pipe it in.'],
    });
  }
}

async function feed(bytes: AsyncIterable<Uint8Array>, gunzip: ReturnType<typeof createGunzip>): Promise<void> {
  try {
    for await (const piece of bytes) {
      if (gunzip.destroyed) return;
      if (!gunzip.write(piece)) await new Promise<void>((resolve) => drained(gunzip, resolve));
    }
    gunzip.end();
  } catch (error) {
    gunzip.destroy(error as Error);
  }
}

function drained(gunzip: ReturnType<typeof createGunzip>, resolve: () => void): void {
  const done = (): void => {
    for (const event of ['drain', 'close', 'error'] as const) gunzip.off(event, done);
    resolve();
  };
  for (const event of ['drain', 'close', 'error'] as const) gunzip.once(event, done);
}
