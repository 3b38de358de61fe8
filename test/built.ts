import { execFileSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const SOURCES = ['src/**/*.ts', 'templates/**/*', 'scripts/build.ts', 'package.json'];

const changedAt = (file: string): number => statSync(join(ROOT, file)).mtimeMs;

/** Tests run the built CLI: builds it again when a source is newer than the manifest, which a build writes last. */
export default function buildWhenStale(): void {
  const builtAt = globSync('oclif.manifest.json', { cwd: ROOT }).map(changedAt)[0] ?? 0;
  const newest = Math.max(...SOURCES.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).map(changedAt));
  if (newest <= builtAt) return;
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.ts')], { stdio: 'inherit' });
}
