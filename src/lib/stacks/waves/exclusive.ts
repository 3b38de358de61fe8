/** Runs pieces of work one after another, in the order in which they came. */
export type Exclusive = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes one queue; a piece that fails does not stop those behind it. */
export function makeExclusive(): Exclusive {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined); // Only the order: the caller gets the error.
    return turn;
  };
}
