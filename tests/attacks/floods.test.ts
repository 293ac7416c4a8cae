import { testApp } from '@it0/tests/support/app';
import { expect, test } from 'vitest';
import { flood } from './floods.ts';
import { watchHealth } from './healthz.ts';

test('a server that everything floods at once answers /healthz all the while, and works on afterwards', {
  timeout: 180_000,
}, async () => {
  // So few that a slow machine gets to them too.
  await using app = await testApp({ limits: { callsPerMinute: 60 } });
  const owner = await app.newUser();
  const client = app.client(owner);
  using health = await watchHealth(app.url);
  const answers = await flood({ app, owner }, 8);
  expect(await health.slowest()).not.toBeNull();
  // Each flood came through, and was refused rather than served.
  expect(answers).toMatchObject({
    batches: expect.any(Number),
    callbacks: expect.any(Number),
    '429': expect.any(Number),
  });
  expect(answers['500'] ?? 0).toBe(0);
  expect(await app.client(await app.newUser()).instance.list.query()).toEqual([]);
  await client.auth.me.query().catch(({ data }) => expect(data.reason).toBe('TOO_MANY_REQUESTS'));
});
