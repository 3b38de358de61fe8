/**
 * What the site needs of a file system. The `Files` client has this shape; naming it here keeps the site below the
 * clients in the order of imports.
 */
export type Reading = {
  readonly readBytes: (path: string, limit?: number) => Promise<Uint8Array | undefined>;
  readonly list: (path: string) => Promise<readonly { readonly name: string; readonly kind: string }[] | undefined>;
  readonly info: (path: string) => Promise<{ readonly kind: string; readonly mode: number } | undefined>;
  readonly realPath: (path: string) => Promise<string | undefined>;
};

/** The environment, as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable of the environment; empty means not set, as for vault and kubectl. */
export function variable(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === '' ? undefined : value;
}

/** The first `limit` bytes of a file as text, or undefined when it does not exist; bytes that are not UTF-8 are replaced. */
export async function readText(files: Reading, path: string, limit = 1_048_576): Promise<string | undefined> {
  const bytes = await files.readBytes(path, limit);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}
