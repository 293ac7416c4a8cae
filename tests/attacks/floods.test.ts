import { SOCKET_LIMITS } from '@it0/server/http/limits';
import { testApp } from '@it0/tests/support/app';
import { expect, test } from 'vitest';
import { flood } from './floods.ts';
import { watchHealth } from './healthz.ts';

test('a server limits its work and responds on /healthz during a flood, and works afterwards', async () => {
  await using app = await testApp({ limits: { callsPerMinute: 600 } });
  const owner = await app.newUser();
  using health = await watchHealth(app.url);
  const done = Object.fromEntries(
    (await flood({ app, owner })).map(({ name, tried, done }) => [name, { tried, done }]),
  );
  expect(await health.slowest()).not.toBeNull();
  for (const name of [
    'batches of 400 calls',
    'streams of one frame of 5,000',
    'wrong passwords',
    'unauthenticated callbacks',
  ])
    expect([name, done[name]!.done]).toEqual([name, 0]);
  for (const name of ['calls in batches', 'frames on one socket', 'unauthenticated sockets', 'files of 9 MB'])
    expect([name, done[name]!.done < done[name]!.tried]).toEqual([name, true]);
  expect(done['streams of frames of 100']!.done).toBeLessThanOrEqual(20 * SOCKET_LIMITS.streams);
  expect(await app.client(await app.newUser()).instance.list.query()).toEqual([]);
});
