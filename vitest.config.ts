import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// `npm test`: everything that needs no server but our own. Real servers are in vitest.real.config.ts.
export default defineConfig({
  test: {
    include: ['test/*.test.ts', 'test/{unit,integration,contract,golden}/**/*.test.ts'],
    // Processes of their own: tests change the working directory and send signals.
    pool: 'forks',
    // A worker for each core, not one less: most of the time a test waits for the programs that it started.
    maxWorkers: '100%',
    globalSetup: ['test/built.ts', 'test/temporary.ts'],
    env: { NO_COLOR: '1', TZ: 'UTC', TMPDIR: join(tmpdir(), `infra-tests-${process.pid}`) },
    unstubEnvs: true,
    restoreMocks: true,
    // Only what hangs is cut off: a slow machine fails no test.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: ['default', './test/reporter.ts'],
    coverage: { provider: 'v8', include: ['src/**'], reporter: ['text-summary', 'html'] },
  },
});
