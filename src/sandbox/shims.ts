import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const PROGRAMS = ['terragrunt', 'tofu', 'sops'] as const;

/**
 * Writes the programs of the sandbox: sh scripts that start the running Node on the bundled stand-in, which starts twice
 * as fast as its source, or on that where nothing was built. `sandboxDir` is fixed in the script, whatever environment it
 * is called with.
 */
export async function writeShims(folder: string, sandboxDir: string, loginFails?: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const root = packageRoot(import.meta.dirname);
  const entry = (name: string) => {
    const built = join(root, 'dist', `sandbox-${name}.js`);
    return existsSync(built) ? built : join(root, 'src', 'sandbox', 'bin', `${name}.ts`);
  };
  // In a checkout the programs of all sandboxes share their compiled code: hundreds of tests start them.
  const shared = join(root, 'node_modules');
  const compileCache = existsSync(shared) ? join(shared, '.cache', 'infra-sandbox') : join(sandboxDir, 'compile-cache');
  await Promise.all([
    ...PROGRAMS.map((name) => writeShim(join(folder, name), entry(name), { sandboxDir, compileCache })),
    writeShim(join(folder, 'infra'), join(root, 'bin', 'run.js'), undefined),
    ...(loginFails === undefined ? [] : [writeFailingLogin(join(folder, 'oidc-login'), loginFails)]),
  ]);
}

/** A program for a kubeconfig's `exec` that cannot log in. */
async function writeFailingLogin(file: string, says: string): Promise<void> {
  await writeFile(file, `#!/bin/sh\nprintf '%s\\n' ${quote(says)} >&2\nexit 1\n`);
  await chmod(file, 0o755);
}

type Fixed = { readonly sandboxDir: string; readonly compileCache: string };

async function writeShim(file: string, entry: string, fixed: Fixed | undefined): Promise<void> {
  const set =
    fixed === undefined
      ? ''
      : `INFRA_SANDBOX_DIR=${quote(fixed.sandboxDir)} NODE_COMPILE_CACHE=${quote(fixed.compileCache)} `;
  await writeFile(
    file,
    `#!/bin/sh\n${set}exec ${quote(process.execPath)} --disable-warning=ExperimentalWarning ${quote(entry)} "$@"\n`,
  );
  await chmod(file, 0o755);
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function packageRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json')) || dirname(folder) === folder) return folder;
  return packageRoot(dirname(folder));
}
