import { randomUUID } from 'node:crypto';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { getReason } from '@it0/tests/support/refusal';
import { expect, test } from 'vitest';

test('usage counts tasks and tokens by day, agent and person, for those who see the agent', async () => {
  await using world = await createFixture();
  const { app, bridge, client, instance, user } = world;
  const usage = { input: 1_200, output: 30, cacheRead: 1_000, cacheWrite: 0 };
  for (const reported of [usage, undefined]) {
    const { task, sessionId } = await world.send();
    using events = follow(client, sessionId, '0');
    await bridge.report(task, { type: 'completed', text: 'done', usage: reported });
    await events.next('completed');
  }
  const failing = await world.send();
  using events = follow(client, failing.sessionId, '0');
  await bridge.report(failing.task, { type: 'error', status: 'FAILED', reason: 'AGENT_ERROR', text: '' });
  await events.next('error');
  const old = await world.send();
  const createdAt = new Date(Date.now() - 40 * 24 * 3_600_000);
  await app.tenant.agentTask.update({ where: { id: old.taskId }, data: { createdAt } });

  const [row, ...others] = await client.usage.byDay.query({});
  expect(others).toEqual([]);
  expect(row).toMatchObject({
    ...{ instanceId: instance.id, instanceName: 'Web cluster', ownerId: user.id, tasks: 3, failed: 1 },
    ...{ counted: 1, inputTokens: 1_200, outputTokens: 30, cachedTokens: 1_000 },
  });
  expect(await client.usage.byDay.query({ days: 366 })).toHaveLength(2);

  const other = await app.newUser({ role: 'viewer' });
  expect(await app.client(other).usage.byDay.query({})).toEqual([]);
  const share = { id: randomUUID(), instanceId: instance.id, userId: other.id };
  await app.tenant.instanceShare.create({ data: share });
  expect(await app.client(other).usage.byDay.query({})).toMatchObject([{ tasks: 3, ownerName: user.name }]);
});

test('usage is by the days of the time zone, and an unknown one is refused', async () => {
  await using world = await createFixture();
  const { taskId } = await world.send();
  // The last day began before now in every time zone.
  const createdAt = new Date(Date.now() - 36 * 3_600_000);
  await world.app.tenant.agentTask.update({ where: { id: taskId }, data: { createdAt } });
  for (const timeZone of ['Asia/Shanghai', 'America/Los_Angeles', 'UTC']) {
    const [row] = await world.client.usage.byDay.query({ timeZone });
    expect(row!.day).toBe(new Intl.DateTimeFormat('sv-SE', { timeZone }).format(createdAt));
  }
  for (const timeZone of ['Nowhere/Land', '+08:00', "UTC'; --"])
    expect(await getReason(world.client.usage.byDay.query({ timeZone }))).toBe('INVALID_INPUT');
});

test('usage has the costs by the prices of the models, one for each currency', async () => {
  await using world = await createFixture();
  const { app, bridge, client } = world;
  const models = ['in-dollars', 'in-yuan', 'without-price'];
  for (const model of models) {
    const { task, taskId, sessionId } = await world.send();
    using events = follow(client, sessionId, '0');
    const usage = { input: 1_000_000, output: 100_000, cacheRead: 400_000, cacheWrite: 0 };
    await bridge.report(task, { type: 'completed', text: 'done', usage });
    await events.next('completed');
    await app.tenant.agentTask.update({ where: { id: taskId }, data: { model } });
  }
  expect(await client.usage.byDay.query({})).toMatchObject([{ tasks: 3, costs: [], unpriced: 3 }]);
  expect(await client.usage.prices.query()).toEqual(models.map((model) => ({ model, price: null })));

  const dollars = { currency: 'USD', input: 10, cachedInput: 1, output: 50 };
  await client.usage.setPrice.mutate({ model: 'in-dollars', ...dollars });
  await client.usage.setPrice.mutate({ model: 'in-yuan', currency: 'CNY', input: 10, cachedInput: null, output: 0 });
  const [row] = await client.usage.byDay.query({});
  expect(row).toMatchObject({ tasks: 3, unpriced: 1, inputTokens: 3_000_000 });
  expect(row!.costs.map(({ currency, amount }) => [currency, Number(amount.toFixed(6))])).toEqual([
    ['CNY', 10],
    ['USD', 11.4],
  ]);

  await client.usage.removePrice.mutate({ model: 'in-yuan' });
  expect(await client.usage.byDay.query({})).toMatchObject([{ unpriced: 2, costs: [{ currency: 'USD' }] }]);
  expect(await client.usage.prices.query()).toContainEqual({ model: 'in-dollars', price: dollars });
  for (const wrong of [{ currency: 'usd' }, { input: -1 }, { output: Number.POSITIVE_INFINITY }, { input: 2 ** 31 }])
    expect(await getReason(client.usage.setPrice.mutate({ model: 'x', ...dollars, ...wrong }))).toBe('INVALID_INPUT');
});
