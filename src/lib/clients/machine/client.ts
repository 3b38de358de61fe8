/** A process of this machine. `program` is its short name, as `ps -o comm` shows it. */
export type Seen = { readonly pid: number; readonly program: string };

/**
 * What this machine's kernel tells of processes, connections and file locks: evidence of who still lives. `undefined`
 * means that it cannot be told here (not Linux, or hidden); it never means "nobody". Errors: none of its own.
 */
export type Machine = {
  /** Short name of this machine. */
  readonly host: string;
  /**
   * Processes that were started with this environment variable, each with its value; with `within`, only those that work
   * in that folder or below it. `hidden` are those that may not be looked into: they belong to somebody else.
   */
  startedWith(
    variable: string,
    within?: string,
  ): Promise<
    { readonly found: readonly (Seen & { readonly value: string })[]; readonly hidden: readonly Seen[] } | undefined
  >;
  /** The open TCP connection from a local port to a remote one: its owner where that may be seen, `none` when there is none. */
  connection(localPort: number, remotePort: number): Promise<{ readonly owner: Seen | undefined } | 'none' | undefined>;
  /** Processes that hold a POSIX lock on a file (fcntl(2)), as the local state backend takes. */
  lockersOf(path: string): Promise<readonly Seen[] | undefined>;
  /** Whether an address is one of this machine's own. */
  isOwnAddress(address: string): boolean;
};
