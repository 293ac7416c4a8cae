import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/**
 * Counts the run. A file that fails outside its tests, and an error that no test owns, count as one failed test each.
 * With CI=true a skipped test fails the run. The totals are written to the file in IT0_TOTALS.
 */
export default class Totals implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unowned: readonly SerializedError[]) {
    const count = { passed: 0, failed: unowned.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      count.failed += module.errors().length;
      for (const suite of module.children.allSuites()) count.failed += suite.errors().length;
      for (const test of module.children.allTests()) count[test.result().state]++;
    }
    const line = `${count.passed} passed, ${count.failed + count.pending} failed, ${count.skipped} skipped`;
    if (process.env.IT0_TOTALS) writeFileSync(process.env.IT0_TOTALS, line);
    if (count.pending || (process.env.CI === 'true' && count.skipped)) process.exitCode = 1;
  }
}
