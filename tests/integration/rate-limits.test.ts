import { randomUUID } from 'node:crypto';
import { createTokenVerifier, signCallbackToken } from '@it0/api/agent/dispatch/callback-token';
import { createKeys } from '@it0/api/keys';
import { createTokenBuckets } from '@it0/api/token-buckets';
import { CALLBACK_PATH } from '@it0/contracts/bridge';
import { toAuthHeaders } from '@it0/tests/support/app';
import { createFixture } from '@it0/tests/support/fixture';
import { getRefusal } from '@it0/tests/support/refusal';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';

/** Creates a token bucket for one key, as the reference. */
function createReferenceBucket(perMinute: number) {
  let [tokens, at] = [perMinute / 2, 0];
  return (now: number) => {
    tokens = Math.min(perMinute / 2, tokens + ((now - at) * perMinute) / 60_000);
    at = now;
    const isAllowed = tokens >= 1;
    if (isAllowed) tokens -= 1;
    return isAllowed;
  };
}
const perMinute = 60;
const tryTake = (take: (key: string) => void, key: string) => {
  try {
    take(key);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ reason: 'TOO_MANY_REQUESTS' });
    return false;
  }
};
const waitTimes = fc.constantFrom(0, 0, 0, 1_000, 2_000, 30_000);

test('createTokenBuckets limits each key by its own bucket', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), wait: waitTimes, calls: fc.nat(40) })),
      (steps) => {
        using clock = vi.spyOn(performance, 'now').mockReturnValue(0);
        const take = createTokenBuckets(perMinute);
        const references = new Map(['a', 'b', 'c'].map((key) => [key, createReferenceBucket(perMinute)]));
        for (const { key, wait, calls } of steps) {
          clock.mockReturnValue(performance.now() + wait);
          for (let n = 0; n < calls; n++)
            expect([key, tryTake(take, key)]).toEqual([key, references.get(key)!(performance.now())]);
        }
      },
    ),
  );
});

test('createTokenBuckets keeps a throttled key throttled while other keys take up all buckets', () => {
  const maxBuckets = 5;
  fc.assert(
    fc.property(fc.array(fc.record({ others: fc.nat(20), wait: waitTimes, calls: fc.nat(5) })), (steps) => {
      using clock = vi.spyOn(performance, 'now').mockReturnValue(0);
      const take = createTokenBuckets(perMinute, maxBuckets);
      const reference = createReferenceBucket(perMinute);
      while (tryTake(take, 'throttled')) reference(0);
      let [other, allowed, expected] = [0, 0, 0];
      for (const { others, wait, calls } of steps) {
        for (let n = 0; n < others; n++) expect(tryTake(take, `${other++}`)).toBe(true);
        clock.mockReturnValue(performance.now() + wait);
        for (let n = 0; n < calls; n++) {
          if (tryTake(take, 'throttled')) allowed++;
          if (reference(performance.now())) expected++;
        }
      }
      expect(allowed).toBe(expected);
    }),
  );
});

test('createTokenBuckets always allows the first call of a key, with a burst of one', () => {
  fc.assert(
    fc.property(fc.nat(100_000_000), (microseconds) => {
      using _clock = vi.spyOn(performance, 'now').mockReturnValue(microseconds / 1_000);
      expect(tryTake(createTokenBuckets(2), 'a')).toBe(true);
    }),
  );
});

test('createTask beyond the rate limit is refused with the time to wait, and loses nothing', async () => {
  await using world = await createFixture({ tasksPerMinute: 3 });
  const { app, client, instance, user } = world;
  const send = (sender = client) =>
    sender.instance.createTask.mutate({ instanceId: instance.id, message: 'x', requestId: randomUUID() });
  for (let n = 0; n < 3; n++) await send();
  const refused = await getRefusal(send());
  expect(refused).toMatchObject({ data: { reason: 'TOO_MANY_REQUESTS', httpStatus: 429 } });
  expect(refused.data.retryAfter).toBeGreaterThan(0);
  const rest = await fetch(`${app.url}/api/v1/agent/instances/${instance.id}/tasks`, {
    method: 'POST',
    headers: { ...toAuthHeaders({ cookie: user.cookie }), 'content-type': 'application/json' },
    body: JSON.stringify({ message: 'x', requestId: randomUUID() }),
  });
  expect([rest.status, Number(rest.headers.get('retry-after')) > 0]).toEqual([429, true]);
  expect(await app.tenant.agentTask.count()).toBe(3);
  // Other people are not affected.
  await app.tenant.instanceShare.create({ data: { id: randomUUID(), instanceId: instance.id, role: 'operator' } });
  await send(app.client(await app.newUser({ role: 'operator' })));
});

test('callbacks with invalid tokens are rate limited, and valid ones are still accepted', async () => {
  await using world = await createFixture();
  const { task } = await world.send();
  const forged = () => fetch(world.app.url + CALLBACK_PATH, { method: 'POST', headers: { authorization: 'Bearer x' } });
  const responses = await Promise.all(Array.from({ length: 61 }, forged));
  expect(responses.filter(({ status }) => status === 401)).toHaveLength(60);
  const [refused] = responses.filter(({ status }) => status === 429);
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await world.bridge.report(task, { type: 'task', status: 'RUNNING' })).status).toBe(200);
});

test('callbacks are rate limited per task', async () => {
  const keys = createKeys(randomUUID());
  const id = randomUUID;
  const capability = () => ({ tenantId: id(), instanceId: id(), sessionId: id(), taskId: id() });
  const [one, other] = await Promise.all(
    [capability(), capability()].map((task) => signCallbackToken(keys, task, new Date(Date.now() + 60_000))),
  );
  const tokens = createTokenVerifier(keys);
  for (let n = 0; n < 2_000; n++) await tokens.verify(one!);
  await expect(tokens.verify(one!)).rejects.toMatchObject({ reason: 'TOO_MANY_REQUESTS', retryAfter: 10 });
  expect(await tokens.verify(other!)).not.toBeNull();
});

test('callbacks are rate limited per instance, over all of its tasks', async () => {
  await using world = await createFixture({ limits: { callsPerMinute: 2 } });
  const { app, bridge, instance, user } = world;
  const other = await app.newInstance(user, { bridgeUrl: bridge.url });
  const token = (instanceId: string) =>
    signCallbackToken(
      app.services.keys,
      { tenantId: app.tenantId, instanceId, sessionId: randomUUID(), taskId: randomUUID() },
      new Date(Date.now() + 60_000),
    );
  const report = async (instanceId: string) =>
    (
      await fetch(app.url + CALLBACK_PATH, {
        method: 'POST',
        headers: { authorization: `Bearer ${await token(instanceId)}` },
        body: '{}',
      })
    ).status;
  const statuses = await Promise.all(Array.from({ length: 70 }, () => report(instance.id)));
  expect(new Set(statuses)).toEqual(new Set([422, 429]));
  expect(await report(other.id)).toBe(422);
});
