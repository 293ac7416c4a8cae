import { defineConfig } from 'vitest/config';

const ci = process.env.CI === 'true';

export default defineConfig({
  test: {
    include: ['{packages,apps,tests}/**/*.test.{ts,tsx}'],
    globalSetup: 'tests/support/postgres.ts',
    setupFiles: 'tests/support/console-error.ts',
    reporters: ['default', 'tests/support/totals.ts'],
    // The machines this is meant for have two cores, and Postgres and the agents want some of them too.
    maxWorkers: 2,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // Only end what hangs: on a busy machine anything may take long, and no test is about how long.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 60_000 } },
    allowOnly: !ci,
    restoreMocks: true,
  },
});
