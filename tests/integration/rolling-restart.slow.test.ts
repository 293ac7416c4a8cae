import { hasNginx } from '@it0/tests/support/nginx';
import { hasRedis, startRedis } from '@it0/tests/support/redis';
import { expectNothingLost, startRollingInstallation } from '@it0/tests/support/rolling-restart';
import { expect, test } from 'vitest';

test.runIf(hasNginx && hasRedis)(
  'a rolling restart under 200 clients fails no request and loses no event',
  async () => {
    await using redis = await startRedis();
    await using world = await startRollingInstallation({
      ...{ clients: 200, drainSeconds: 6, pauseMs: 3_000, env: { REDIS_URL: redis.url } },
    });
    await expect.poll(() => world.requests(), { timeout: 300_000 }).toBeGreaterThan(1_000);
    const [before, startedAt] = [world.durations.length, performance.now()];
    await world.restartAll();
    const durations = world.durations.slice(before).sort((a, b) => a - b);
    const seconds = (performance.now() - startedAt) / 1_000;
    const percentile = (share: number) => `${Math.round(durations[Math.floor(durations.length * share)]!)} ms`;
    await expectNothingLost(world);
    console.info(
      `Two restarts in ${seconds.toFixed(0)} s: ${durations.length} messages, ${world.requests()} requests in all, none failed.`,
      `Time to send a message: ${percentile(0.5)} at the median, ${percentile(0.99)} at the 99th percentile, ${percentile(0.999)} at most.`,
    );
  },
);
