import { randomUUID } from 'node:crypto';
import { callbackTokens, signCallbackToken } from '@it0/api/agent/task/callback-token';
import { createKeys } from '@it0/api/auth/keys';
import { callbackPath } from '@it0/contracts/bridge';
import { headersOf } from '@it0/tests/support/app';
import { refusalOf } from '@it0/tests/support/refusal';
import { scene } from '@it0/tests/support/scene';
import { expect, test } from 'vitest';

test('whoever sends too many messages waits, is told how long, and loses nothing', async () => {
  await using stage = await scene({ tasksPerMinute: 3 });
  const { app, client, instance, user } = stage;
  const send = (who = client) =>
    who.instance.createTask.mutate({ instanceId: instance.id, message: 'x', requestId: randomUUID() });
  for (let n = 0; n < 3; n++) await send();
  const refused = await refusalOf(send());
  expect(refused).toMatchObject({ data: { reason: 'TOO_MANY_REQUESTS', httpStatus: 429 } });
  expect(refused.data.retryAfter).toBeGreaterThan(0);
  const rest = await fetch(`${app.url}/api/v1/agent/instances/${instance.id}/tasks`, {
    method: 'POST',
    headers: { ...headersOf({ cookie: user.cookie }), 'content-type': 'application/json' },
    body: JSON.stringify({ message: 'x', requestId: randomUUID() }),
  });
  expect([rest.status, Number(rest.headers.get('retry-after')) > 0]).toEqual([429, true]);
  expect(await app.tenant.agentTask.count()).toBe(3);
  // Somebody else is not held up.
  await app.tenant.instanceShare.create({ data: { id: randomUUID(), instanceId: instance.id, role: 'operator' } });
  await send(app.client(await app.newUser({ role: 'operator' })));
});

test('callbacks with tokens that are none are let be after a while, and good ones are taken', async () => {
  await using stage = await scene();
  const { task } = await stage.send();
  const forged = () => fetch(stage.app.url + callbackPath, { method: 'POST', headers: { authorization: 'Bearer x' } });
  const answers = await Promise.all(Array.from({ length: 61 }, forged));
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(60);
  const [late] = answers.filter(({ status }) => status === 429);
  expect(Number(late?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await stage.bridge.report(task, { type: 'task', status: 'RUNNING' })).status).toBe(200);
});

test('one task’s callbacks are counted, and another’s are not', async () => {
  const keys = createKeys(randomUUID());
  const id = randomUUID;
  const capability = () => ({ tenantId: id(), instanceId: id(), sessionId: id(), taskId: id() });
  const [one, other] = await Promise.all(
    [capability(), capability()].map((task) => signCallbackToken(keys, task, new Date(Date.now() + 60_000))),
  );
  const tokens = callbackTokens(keys);
  for (let n = 0; n < 2_000; n++) await tokens.verify(one!);
  await expect(tokens.verify(one!)).rejects.toMatchObject({ reason: 'TOO_MANY_REQUESTS', retryAfter: 10 });
  expect(await tokens.verify(other!)).not.toBeNull();
});
