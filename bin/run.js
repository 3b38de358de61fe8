#!/usr/bin/env node
// Plain JavaScript that an old Node can read: it says which Node is needed before anything newer is loaded.
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Whether a version satisfies a range of `^1.2.3` and `>=1` parts joined by `||`, the only forms in package.json. */
function satisfies(version, range) {
  const have = version.split('.').map(Number);
  return range.split('||').some((part) => {
    const want = part
      .replace(/[^\d.]/g, '')
      .split('.')
      .map(Number);
    if (part.includes('^') && have[0] !== want[0]) return false;
    for (let i = 0; i < 3; i += 1) {
      if (have[i] !== (want[i] || 0)) return have[i] > (want[i] || 0);
    }
    return true;
  });
}

/**
 * A compile cache of our own: Node's default lies in the temporary folder that all users share, where anybody
 * could plant code. Without a folder that only we can write to, there is no cache.
 */
function useCompileCache() {
  try {
    const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'infra', 'compile');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(folder);
    const isPrivate = (mode & 0o022) === 0 && (process.getuid === undefined || uid === process.getuid());
    if (isPrivate) module.enableCompileCache(folder);
  } catch {
    // A read-only home costs milliseconds, nothing else.
  }
}

/** Node reads this variable before any code of ours and prints requests with their tokens. */
const printsRequests = /(?:^|[\s,])(?:\*|https?2?|net|tls|stream|fetch|undici|websocket)/i.test(
  process.env.NODE_DEBUG || '',
);

if (!satisfies(process.versions.node, manifest.engines.node)) {
  const bundled = join(root, 'node_modules', '.bin', 'node');
  const instead = existsSync(bundled) ? `; run: ${bundled} ${fileURLToPath(import.meta.url)}` : '';
  process.stderr.write(`infra needs Node ${manifest.engines.node}, this is ${process.versions.node}${instead}\n`);
  process.exitCode = 78;
} else if (printsRequests) {
  process.stderr.write(
    'NODE_DEBUG makes Node print requests with their tokens: unset it. infra --debug prints them without secrets.\n',
  );
  process.exitCode = 78;
} else if (process.argv[2] === '--version') {
  process.stdout.write(`infra ${manifest.version}\n`);
} else if (!existsSync(join(root, 'dist', 'main.js'))) {
  process.stderr.write(`infra is not built: run npm ci (or npm run build) in ${root}\n`);
  process.exitCode = 78;
} else {
  useCompileCache();
  const [first, ...rest] = process.argv.slice(2);
  if (first === '--complete') import('../dist/complete.js').then(({ complete }) => complete(root, rest));
  else import('../dist/main.js').then(({ main }) => main(root, process.argv.slice(2)));
}
