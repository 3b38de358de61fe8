import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from './run-program.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** A checkout with the real lib and one command; of the sandbox only the worlds, whose names a TAB completes. */
function checkout(): string {
  const folder = mkdtempSync(join(tmpdir(), 'infra-checkout-'));
  for (const path of [
    'package.json',
    'bin',
    'scripts/build.ts',
    'src/main.ts',
    'src/complete.ts',
    'src/lib',
    'src/sandbox/worlds',
  ]) {
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  }
  mkdirSync(join(folder, 'src/commands'));
  cpSync(join(ROOT, 'src/commands/completion.ts'), join(folder, 'src/commands/completion.ts'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

const build = (folder: string) => run(join(folder, 'scripts/build.ts'), []);
const commandsIn = (folder: string): readonly string[] =>
  Object.keys((JSON.parse(readFileSync(join(folder, 'oclif.manifest.json'), 'utf8')) as { commands: object }).commands);

test('a checkout is built into something that runs, and what is no longer there disappears', async () => {
  const folder = checkout();
  mkdirSync(join(folder, 'dist/commands'), { recursive: true });
  writeFileSync(join(folder, 'dist/commands/removed.js'), 'export default class {}');
  expect(await build(folder)).toMatchObject({ status: 0, stderr: '' });
  expect(existsSync(join(folder, 'dist/commands/removed.js'))).toBe(false);
  expect(commandsIn(folder)).toEqual(['completion']);
  expect((await run(join(folder, 'bin/run.js'), ['completion', 'fish'])).status).toBe(0);
});

test.each([
  ['that cannot be loaded', 'throw new Error("broken at import");', 'broken at import'],
  ['that is no command', 'export const one = 1;', 'command broken not found'],
])('a file in commands/ %s fails the build and leaves no new manifest', async (_, source, message) => {
  const folder = checkout();
  writeFileSync(join(folder, 'src/commands/broken.ts'), source);
  const ended = await build(folder);
  expect(ended.status).toBe(1);
  expect(ended.stderr).toContain(message);
  expect(existsSync(join(folder, 'oclif.manifest.json'))).toBe(false);
});
