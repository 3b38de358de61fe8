/** The same pieces, until the signal is aborted: then its reason is thrown before the next piece. */
export async function* asInterrupted<T>(pieces: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  for await (const piece of pieces) {
    signal.throwIfAborted();
    yield piece;
  }
}
