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
    allowOnly: !ci,
    restoreMocks: true,
  },
});
