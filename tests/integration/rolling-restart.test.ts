import { hasNginx } from '@it0/tests/support/nginx';
import { expectNothingLost, startRollingInstallation } from '@it0/tests/support/rolling-restart';
import { expect, test } from 'vitest';

test.runIf(hasNginx)('a rolling restart of two servers behind nginx fails no request and loses no event', async () => {
  await using world = await startRollingInstallation({ clients: 20, drainSeconds: 2, pauseMs: 100 });
  await expect.poll(() => world.requests()).toBeGreaterThan(100);
  await world.restartAll();
  const before = world.requests();
  await expect.poll(() => world.requests()).toBeGreaterThan(before + 100);
  await expectNothingLost(world);
});
