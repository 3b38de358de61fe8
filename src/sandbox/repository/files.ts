import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Files by path below a folder; those in `executable` get their x bit. */
export type FileSet = Readonly<Record<string, string>>;

/** Writes files, folders first. */
export async function writeFiles(root: string, files: FileSet, executable: readonly string[] = []): Promise<void> {
  const folders = new Set(Object.keys(files).map((path) => dirname(join(root, path))));
  await Promise.all([...folders].map((folder) => mkdir(folder, { recursive: true })));
  await Promise.all(
    Object.entries(files).map(async ([path, text]) => {
      await writeFile(join(root, path), text);
      if (executable.includes(path)) await chmod(join(root, path), 0o755);
    }),
  );
}
