import { configDefaults, defineConfig } from 'vitest/config';
import { HANG_LIMIT_MS } from './tests/support/hang-limit.ts';
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
    // A test waits for several things, of which each may take this long.
    testTimeout: 5 * HANG_LIMIT_MS,
    hookTimeout: 5 * HANG_LIMIT_MS,
    expect: { poll: { timeout: HANG_LIMIT_MS } },
    sequence: { sequencer: LongestFirst },
    allowOnly: !ci,
    restoreMocks: true,
  },
}));
