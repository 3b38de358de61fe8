import { defineConfig } from 'vitest/config';

// `npm run test:real`: contract suites and the built CLI against real servers, two files at a time: each waits for its
// servers most of its time, and every one has servers, ports and folders of its own.
export default defineConfig({
  test: {
    include: ['test/real/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    globalSetup: ['test/built.ts'],
    env: { NO_COLOR: '1', TZ: 'UTC' },
    // The first run builds the servers.
    testTimeout: 10 * 60_000,
    hookTimeout: 60 * 60_000,
    teardownTimeout: 60_000,
    reporters: ['default', './test/reporter.ts'],
  },
});
