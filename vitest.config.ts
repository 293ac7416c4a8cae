import { configDefaults, defineConfig } from 'vitest/config';
import LongestFirst from './tests/support/longest-first.ts';

const ci = process.env.CI === 'true';
/** `npm run test:slow` runs the tests that take minutes and rarely fail, and no others. */
const slow = '**/*.slow.test.ts';

export default defineConfig(({ mode }) => ({
  test: {
    include: [mode === 'slow' ? slow : '{packages,apps,tests}/**/*.test.{ts,tsx}'],
    exclude: [...configDefaults.exclude, ...(mode === 'slow' ? [] : [slow])],
    globalSetup: 'tests/support/postgres.ts',
    setupFiles: 'tests/support/console-error.ts',
    reporters: ['default', 'tests/support/totals.ts'],
    // For machines with two cores, which PostgreSQL and the agents also use.
    maxWorkers: 2,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // Only for tests that hang. On a busy machine every test can take long, and none asserts a duration.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 60_000 } },
    sequence: { sequencer: LongestFirst },
    allowOnly: !ci,
    restoreMocks: true,
  },
}));
