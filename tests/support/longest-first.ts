import { existsSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The slowest test files, slowest first. */
const SLOWEST = [
  'apps/bridge/src/engines/openclaw/openclaw.test.ts',
  'tests/e2e/main-job.test.ts',
  'tests/e2e/instances.test.ts',
  'apps/bridge/src/engines/claude-cli/claude-cli.test.ts',
  'tests/e2e/accessibility.test.ts',
  'tests/e2e/start.test.ts',
  'apps/bridge/src/remote/remote.test.ts',
  'tests/e2e/isolation.test.ts',
];

/** Starts the slowest files first, so that no worker is idle while the last one runs. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const missing = SLOWEST.filter((file) => !existsSync(file));
    if (missing.length > 0) throw new Error(`Correct the paths in tests/support/longest-first.ts: ${missing}`);
    const rank = ({ moduleId }: TestSpecification) => {
      const index = SLOWEST.findIndex((file) => moduleId.endsWith(`/${file}`));
      return index < 0 ? SLOWEST.length : index;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
