import { randomUUID } from 'node:crypto';
import { signCallbackToken } from '@it0/api/agent/dispatch/callback-token';
import { createKeys } from '@it0/api/keys';
import { CallbackGap } from '@it0/contracts/bridge';
import { ErrorResponse } from '@it0/contracts/error-response';
import { limits } from '@it0/contracts/limits';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { expect, test } from 'vitest';

const end = (n: number) => ({ n, type: 'completed', text: 'ok' });
const failed = { type: 'error', status: 'FAILED', reason: 'AGENT_ERROR', text: '' };
const step = (n: number) => ({ n, type: 'tool', phase: 'start', callId: 'c', name: 'exec', title: 'x', textOffset: 0 });
const running = { n: 1, type: 'task', status: 'RUNNING' } as const;
/** Excludes the event DISPATCHED, which may be written a little later. */
const exceptDispatched = { NOT: { payload: { equals: { type: 'task', status: 'DISPATCHED' } } } };
const countEvents = (world: Awaited<ReturnType<typeof createFixture>>) =>
  world.app.tenant.chatEvent.count({ where: exceptDispatched });

test('a callback with a wrong, foreign, expired or missing token changes nothing', async () => {
  await using world = await createFixture();
  const { app, bridge, instance } = world;
  const { task, sessionId, taskId } = await world.send();
  const other = await world.send();
  const capability = { tenantId: app.tenantId, instanceId: instance.id, sessionId, taskId };
  const yesterday = new Date(Date.now() - 48 * 60 * 60_000);
  const tokens = {
    none: '',
    garbage: 'x.y.z',
    'of another task': other.task.callbackToken,
    'of another server': await signCallbackToken(createKeys('another secret'), capability, new Date()),
    expired: await signCallbackToken(app.services.keys, capability, yesterday),
    unsigned: `${btoa('{"alg":"none","typ":"callback+jwt"}')}.${task.callbackToken.split('.')[1]}.`,
  };
  const before = await countEvents(world);
  for (const [name, token] of Object.entries(tokens)) {
    const response = await bridge.post(task, { taskId, events: [running] }, token);
    expect([name, response.status]).toEqual([name, 401]);
    expect(await response.json()).toMatchObject({ reason: 'CALLBACK_TOKEN_INVALID' });
  }
  expect(await countEvents(world)).toBe(before);
  expect((await bridge.post(task, { taskId, events: [running] })).status).toBe(200);
});

test('a repeated or partly new callback is acknowledged and recorded once', async () => {
  await using world = await createFixture();
  const { bridge, client } = world;
  const { task, sessionId, taskId } = await world.send();
  using events = follow(client, sessionId, '0');
  const start = { n: 2, type: 'tool', phase: 'start', callId: 'c', name: 'ls', title: 'ls', textOffset: 0 };
  const post = async (...events: unknown[]) => (await bridge.post(task, { taskId, events })).json();
  expect(await post(running)).toEqual({ ack: 1 });
  expect(await post(running)).toEqual({ ack: 1 });
  expect(await post(running, start)).toEqual({ ack: 2 });
  expect(await Promise.all([post(running, start), post(start)])).toEqual([{ ack: 2 }, { ack: 2 }]);
  const end = { n: 3, type: 'completed', text: 'done' };
  expect(await post(end)).toEqual({ ack: 3 });
  expect(await post(end)).toEqual({ ack: 3 });
  await events.next('completed');
  const seen = events.durable();
  expect(seen.map((event) => event.seq)).toEqual(seen.map((_, index) => index + 1));
  // The event DISPATCHED is missing when the bridge reports before it is written.
  const types = seen.map((event) => (event.type === 'task' ? event.status : event.type));
  expect(types.filter((each) => each !== 'DISPATCHED')).toEqual(['message', 'QUEUED', 'RUNNING', 'tool', 'completed']);
  expect(await world.app.tenant.conversationMessage.count({ where: { sessionId } })).toBe(2);
});

test('a callback with a gap is refused with the expected number', async () => {
  await using world = await createFixture();
  const { task, taskId } = await world.send();
  const response = await world.bridge.post(task, { taskId, events: [{ n: 3, type: 'completed', text: '' }] });
  expect(response.status).toBe(409);
  expect(CallbackGap.parse(await response.json()).params).toEqual({ expected: 1 });
});

test('every callback returns 410 after the end of its task', async () => {
  await using world = await createFixture();
  const { task, taskId } = await world.send();
  await world.bridge.report(task, { type: 'completed', text: 'over' });
  for (const event of [
    { n: 2, type: 'task', status: 'RUNNING' },
    { type: 'text', offset: 0, delta: 'more' },
    { type: 'heartbeat' },
  ]) {
    expect((await world.bridge.post(task, { taskId, events: [event] })).status).toBe(410);
  }
});

test('an invalid callback is refused and changes nothing, and the task continues', async () => {
  await using world = await createFixture();
  const { bridge } = world;
  const { task, taskId } = await world.send();
  const before = await countEvents(world);
  const refused: [string, unknown, number][] = [
    ['JSON that was cut off, which is sent again', '{"taskId":', 400],
    ['no JSON object', '[]', 422],
    ['no events', { taskId, events: [] }, 422],
    ['an unknown type', { taskId, events: [{ n: 1, type: 'dance' }] }, 422],
    ['a wrong shape', { taskId, events: [{ n: 1, type: 'completed', text: 7 }] }, 422],
    ['a number that no column takes', { taskId, events: [{ ...running, n: 2 ** 31 }] }, 422],
    ['two ends', { taskId, events: [end(1), { ...failed, n: 2 }] }, 422],
    ['the same end twice', { taskId, events: [end(1), end(2)] }, 422],
    ['a step after the end', { taskId, events: [end(1), step(2)] }, 422],
    ['numbers with a gap', { taskId, events: [running, { ...running, n: 3 }] }, 422],
    ['too many events', { taskId, events: Array(limits.callbackEvents + 1).fill({ type: 'heartbeat' }) }, 422],
    [
      'too large a body',
      { taskId, events: [{ type: 'text', offset: 0, delta: 'x'.repeat(limits.callbackBytes) }] },
      413,
    ],
  ];
  for (const [name, body, status] of refused) {
    const response = await bridge.post(task, body);
    expect([name, response.status, ErrorResponse.strict().safeParse(await response.json()).error]).toEqual([
      name,
      status,
      undefined,
    ]);
  }
  expect(await countEvents(world)).toBe(before);
  expect((await bridge.report(task, { type: 'completed', text: 'fine' })).status).toBe(200);
});

test('the end of a step without a start is accepted and hidden, as a killed bridge can lose the start', async () => {
  await using world = await createFixture();
  const { task, taskId, sessionId } = await world.send();
  const stray = { type: 'tool', phase: 'end', callId: 'none', status: 'completed', output: 'x' } as const;
  expect((await world.bridge.report(task, stray, { type: 'completed', text: 'ok' })).status).toBe(200);
  const { messages } = await world.client.session.messages.query({ sessionId });
  expect(messages.find(({ id }) => id === taskId)?.parts).toEqual([{ type: 'text', text: 'ok' }]);
});

test('a report with NUL and a lone surrogate is stored with replacement characters', async () => {
  await using world = await createFixture();
  const { task, taskId, sessionId } = await world.send();
  const response = await world.bridge.report(task, { type: 'completed', text: 'a\0b\ud83d' });
  expect(response.status).toBe(200);
  const { messages } = await world.client.session.messages.query({ sessionId });
  expect(messages.find(({ id }) => id === taskId)?.parts).toEqual([{ type: 'text', text: 'a\ufffdb\ufffd' }]);
});

test('the response to a text report with a gap requests the missing text', async () => {
  await using world = await createFixture();
  const { task, taskId } = await world.send();
  const post = async (event: unknown) => (await world.bridge.post(task, { taskId, events: [event] })).json();
  expect(await post({ type: 'text', offset: 0, delta: 'abc' })).toEqual({ ack: 0 });
  expect(await post({ type: 'text', offset: 9, delta: 'xyz' })).toEqual({ ack: 0, textFrom: 3 });
  expect(await post({ type: 'text', offset: 3, delta: 'defghixyz' })).toEqual({ ack: 0 });
});

test('a callback for a task that does not exist returns 410', async () => {
  await using world = await createFixture();
  const { task, sessionId } = await world.send();
  const capability = { tenantId: world.app.tenantId, instanceId: randomUUID(), sessionId, taskId: randomUUID() };
  const token = await signCallbackToken(world.app.services.keys, capability, new Date(Date.now() + 1_000));
  const response = await world.bridge.post(task, { taskId: capability.taskId, events: [running] }, token);
  expect(response.status).toBe(410);
});
