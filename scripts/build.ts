/**
 * Builds dist/ and oclif.manifest.json: `npm run build`, also run by `npm ci` (prepare).
 *
 * One entry per command file, so that a command loads only what it needs; shared code goes to dist/chunks, outside
 * dist/commands, where every file is a command. Ends with status 1 when something does not bundle or a command does
 * not load: the manifest is written last, so a broken build never hides behind an old one's help.
 */
import { globSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { Plugin } from '@oclif/core/config';
import { settings } from '@oclif/core/settings';
import { type BuildOptions, build, type Plugin as EsbuildPlugin, type OutputFile } from 'esbuild';
import { SUBJECTS } from '../src/lib/runbooks/catalogue.ts';
import { WORLDS } from '../src/sandbox/worlds/catalogue.ts';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const MANIFEST = join(ROOT, 'oclif.manifest.json');

/** A chunk of the build before stays this long: an `infra` that is still running imports it by its name. */
const KEEP_OLD_CHUNKS_MS = 60 * 60 * 1000;

/** Packages that others require and infra never calls, with the reason: a call fails loudly. Loading them would cost every command. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  '@inquirer/external-editor': 'infra opens no editor',
  axios: 'node-vault sends through a transport of our own, docs/decisions/0003-vault-transport.md',
};

const leaveOut: EsbuildPlugin = {
  name: 'leave-out',
  setup(on) {
    const filter = new RegExp(`^(?:${Object.keys(LEFT_OUT).join('|')})$`);
    on.onResolve({ filter }, ({ path }) => ({ path, namespace: 'left-out' }));
    on.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => {
      const message = JSON.stringify(`${path} is not in the bundle: ${LEFT_OUT[path]}.`);
      return { contents: `export function create() { throw new Error(${message}); } export const editAsync = create;` };
    });
  },
};

/**
 * `import 'node:http'` reads every property of that module, and some are getters that load undici, http2 and webcrypto
 * (15 ms); `require` reads what is used.
 */
const requireBuiltIns: EsbuildPlugin = {
  name: 'require-built-ins',
  setup(on) {
    on.onResolve({ filter: /^(?:node:)?(?:crypto|https?|readline|stream)$/ }, ({ path, kind }) =>
      kind === 'require-call' ? { path, external: true } : { path, namespace: 'built-in' },
    );
    on.onLoad({ filter: /.*/, namespace: 'built-in' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

/** `@oclif/core` loads all of oclif; commands use three parts of it. An export that is not among them fails the build. */
const partsOfOclif: EsbuildPlugin = {
  name: 'parts-of-oclif',
  setup(on) {
    on.onResolve({ filter: /^@oclif\/core$/ }, () => ({ path: 'parts', namespace: 'oclif' }));
    on.onLoad({ filter: /.*/, namespace: 'oclif' }, () => ({
      resolveDir: ROOT,
      contents: ["export { Command } from '@oclif/core/command';"]
        .concat(['Args', 'Flags'].map((name) => `export * as ${name} from '@oclif/core/${name.toLowerCase()}';`))
        .join('\n'),
    }));
  },
};

/**
 * oclif asks `wsl-utils` one question, and that package loads child processes and PowerShell's paths to answer more;
 * `is-wsl` is where it asks itself.
 */
const askOnlyForWsl: EsbuildPlugin = {
  name: 'ask-only-for-wsl',
  setup(on) {
    on.onResolve({ filter: /^wsl-utils$/ }, () => ({ path: 'wsl', namespace: 'wsl' }));
    on.onLoad({ filter: /.*/, namespace: 'wsl' }, () => ({
      resolveDir: dirname(createRequire(import.meta.url).resolve('wsl-utils')),
      contents: "export { default as isWsl } from 'is-wsl';",
    }));
  },
};

/** Output name without `.js` → source file. */
function entryPoints(): Record<string, string> {
  const entries: Record<string, string> = { main: join(ROOT, 'src/main.ts') };
  for (const file of globSync('src/commands/**/*.ts', { cwd: ROOT })) {
    entries[relative('src', file).replace(/\.ts$/, '')] = join(ROOT, file);
  }
  for (const file of globSync('src/sandbox/bin/*.ts', { cwd: ROOT })) {
    entries[`sandbox-${basename(file, '.ts')}`] = join(ROOT, file);
  }
  return entries;
}

async function bundle(options: BuildOptions): Promise<readonly OutputFile[]> {
  const result = await build({
    absWorkingDir: ROOT,
    outdir: DIST,
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    minifySyntax: true,
    minifyWhitespace: true,
    external: ['typescript'],
    plugins: [leaveOut, requireBuiltIns, partsOfOclif, askOnlyForWsl],
    // CommonJS libraries inside the bundle call require for node: modules.
    banner: {
      js: "import {createRequire as __createRequire} from 'node:module';const require=__createRequire(import.meta.url);",
    },
    logLevel: 'warning',
    ...options,
  });
  return result.outputFiles ?? [];
}

/** Writes chunks before the entries that import them, each by rename, so that a concurrent `infra` never reads half a file. */
async function writeOutput(files: readonly OutputFile[]): Promise<void> {
  const chunksFirst = [...files].sort(
    (a, b) => Number(b.path.includes('/chunks/')) - Number(a.path.includes('/chunks/')),
  );
  for (const { path, contents } of chunksFirst) {
    await mkdir(dirname(path), { recursive: true });
    const temporary = `${path}.${process.pid}.tmp`;
    await writeFile(temporary, contents);
    await rename(temporary, path);
  }
}

async function removeLeftOvers(files: readonly OutputFile[]): Promise<void> {
  const current = new Set(files.map((file) => file.path));
  for (const entry of await readdir(DIST, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || current.has(path)) continue;
    const isOldChunk = path.includes('/chunks/') && Date.now() - (await stat(path)).mtimeMs < KEEP_OLD_CHUNKS_MS;
    if (!isOldChunk) await rm(path, { force: true });
  }
}

/** Loads every command once; throws when one cannot be loaded. */
async function writeManifest(): Promise<number> {
  settings.enableAutoTranspile = false;
  const plugin = new Plugin({
    root: ROOT,
    type: 'core',
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  });
  await plugin.load();
  const missing = plugin.commandIDs.filter((id) => plugin.manifest.commands[id] === undefined);
  if (missing.length > 0) throw new Error(`no command class in: ${missing.join(', ')}`);
  const temporary = `${MANIFEST}.${process.pid}.tmp`;
  // For completion, which has no time to load the modules that know them.
  const names = { subject: SUBJECTS, world: WORLDS.map(({ name }) => name) };
  await writeFile(temporary, `${JSON.stringify({ ...plugin.manifest, names })}\n`);
  await rename(temporary, MANIFEST);
  return plugin.commandIDs.length;
}

const started = performance.now();
const commandFiles = await bundle({ entryPoints: entryPoints(), splitting: true, chunkNames: 'chunks/[name]-[hash]' });
// One file without chunks: every file costs most of a millisecond, and a TAB has few.
const completionFiles = await bundle({ entryPoints: { complete: join(ROOT, 'src/complete.ts') } });
const files = [...commandFiles, ...completionFiles];
await writeOutput(files);
await removeLeftOvers(files);
const commands = await writeManifest();
const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const kilobytes = Math.round(files.reduce((sum, file) => sum + file.contents.length, 0) / 1024);
console.log(
  `infra ${version}: ${commands} commands, ${kilobytes} KiB in ${((performance.now() - started) / 1000).toFixed(1)} s`,
);
