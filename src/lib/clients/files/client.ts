/** One entry of a folder. A link is reported as such and not followed. */
export type Entry = { readonly name: string; readonly kind: 'file' | 'folder' | 'link' | 'other' };

/** What a path is. `mode` holds the permission bits, `size` is in bytes. */
export type PathInfo = {
  readonly kind: Entry['kind'];
  readonly size: number;
  readonly mode: number;
  readonly modifiedMs: number;
};

/**
 * The file system. Absent is a value, everything else that goes wrong is an InfraError:
 * `files.denied` (77), `files.disk-full` (69), `files.failed` (69), each naming the path.
 */
export type Files = {
  /** The text of a file, or undefined when it does not exist. */
  read(path: string): Promise<string | undefined>;
  /** The first `limit` bytes of a file (all without it), or undefined when it does not exist. */
  readBytes(path: string, limit?: number): Promise<Uint8Array | undefined>;
  /** Entries of a folder sorted by name, or undefined when it does not exist. */
  list(path: string): Promise<readonly Entry[] | undefined>;
  info(path: string): Promise<PathInfo | undefined>;
  /** The absolute path with every link resolved, or undefined when it does not exist. */
  realPath(path: string): Promise<string | undefined>;
  /** What a symbolic link says, as it says it; undefined when there is no link at the path. */
  readLink(path: string): Promise<string | undefined>;
  /** Makes a symbolic link that says `target`; nothing may be at the path yet. */
  makeLink(path: string, target: string): Promise<void>;
  /** Writes temp + fsync + rename in the same folder; the folder is made (0700) when missing. */
  writeAtomic(path: string, content: string | Uint8Array, mode: number): Promise<void>;
  /** Creates a file that must not exist yet; false when it does. */
  createExclusive(path: string, content: string, mode: number): Promise<boolean>;
  /** Appends and fsyncs; creates the file with `mode`. */
  appendDurably(path: string, content: string, mode: number): Promise<void>;
  makeFolder(path: string, mode: number): Promise<void>;
  /** A new empty folder, 0700, in the temporary folder. */
  makePrivateTemp(prefix: string): Promise<string>;
  /** Renames within one file system, replacing the target. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a whole folder; absent is fine. */
  remove(path: string): Promise<void>;
};
