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
    // Only for machines that are busy with something else: nothing here is meant to take so long.
    testTimeout: 20_000,
    hookTimeout: 20_000,
    expect: { poll: { timeout: 10_000 } },
    allowOnly: !ci,
    restoreMocks: true,
  },
});
