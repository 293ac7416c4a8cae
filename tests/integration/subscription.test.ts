import { toSessionChannel } from '@it0/bus/bus';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { until } from '@it0/tests/support/until';
import { expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';

const step = (n: number) =>
  ({ type: 'tool', phase: 'start', callId: `c${n}`, name: 'ls', title: 'ls', textOffset: 0 }) as const;
const seqs = (events: ReturnType<typeof follow>) => events.durable().map((event) => event.seq);
const range = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

test('a subscription joins the history and live events without a gap', async () => {
  await using world = await createFixture();
  const { client, bridge } = world;
  const { task, sessionId } = await world.send();
  await bridge.report(task, { type: 'task', status: 'RUNNING' }, step(1));
  const { seq } = await client.session.messages.query({ sessionId });
  await bridge.report(task, step(2));
  using events = follow(client, sessionId, String(seq));
  await bridge.report(task, step(3));
  await events.next('tool', (event) => event.callId === 'c3');
  expect(events.durable().map((event) => event.type === 'tool' && event.callId)).toEqual(['c2', 'c3']);
});

test('one callback is one frame, with the last seq as its id', async () => {
  await using world = await createFixture();
  const { client, bridge } = world;
  const { task, sessionId } = await world.send();
  using events = follow(client, sessionId, '0');
  await events.next('task', (event) => event.status === 'DISPATCHED');
  await bridge.report(task, { type: 'task', status: 'RUNNING' });
  await events.next('task', (event) => event.status === 'RUNNING');
  await bridge.report(task, step(1), { type: 'text', offset: 0, delta: 'Hi' }, step(2));
  await events.next('tool');
  const frame = events.batches.at(-1)!;
  expect(frame.events.map((event) => event.type)).toEqual(['tool', 'text', 'tool']);
  expect(frame.id).toBe('6');
});

test('consecutive deltas are merged for a subscriber, and gaps remain', async () => {
  await using world = await createFixture();
  const { bridge, client } = world;
  const { task, sessionId } = await world.send();
  using reader = follow(client, sessionId, '0');
  await bridge.report(task, { type: 'task', status: 'RUNNING' });
  await reader.next('task', ({ status }) => status === 'RUNNING');
  const pieces = ['Once ', 'upon ', 'a time'].map(
    (delta, index) => ({ type: 'text', offset: index * 5, delta }) as const,
  );
  await bridge.report(task, ...pieces, { type: 'text', offset: 30, delta: 'later' });
  await reader.next('text');
  const texts = reader.events().filter(({ type }) => type === 'text');
  expect(texts).toMatchObject([{ offset: 0, delta: 'Once upon a time' }]);
});

test('a subscriber that joins mid-stream gets the text so far, even after a restart of the server', async () => {
  await using world = await createFixture();
  const { client, bridge, app } = world;
  const { task, taskId, sessionId } = await world.send();
  await bridge.report(task, { type: 'task', status: 'RUNNING' }, { type: 'text', offset: 0, delta: 'Once upon' });
  const { seq, replies } = await client.session.messages.query({ sessionId });
  expect(replies).toMatchObject([{ taskId, status: 'RUNNING', text: 'Once upon' }]);
  using joined = follow(client, sessionId, String(seq));
  expect(await joined.next('text')).toMatchObject({ taskId, offset: 0, delta: 'Once upon' });

  await app.restart();
  using later = follow(app.client(world.user), sessionId, String(seq));
  expect(await later.next('text')).toMatchObject({ offset: 0, delta: 'Once upon' });
});

test('a subscriber reconnects after a restart and gets every event once and in order', async () => {
  await using world = await createFixture();
  const { client, bridge, app } = world;
  const { task, sessionId } = await world.send();
  using events = follow(client, sessionId, '0');
  await bridge.report(task, { type: 'task', status: 'RUNNING' }, step(1));
  await events.next('tool');
  await app.restart();
  await bridge.report(task, step(2));
  await bridge.report(task, step(3), { type: 'completed', text: 'done' });
  await events.next('completed');
  expect(seqs(events)).toEqual(range(events.durable().length));
  expect(events.errors).toEqual([]);
});

test('a long log is replayed in frames of up to 500 events', async () => {
  await using world = await createFixture();
  const { client, bridge } = world;
  const { task, sessionId } = await world.send();
  for (const from of [0, 400, 800]) await bridge.report(task, ...range(400).map((n) => step(from + n)));
  using events = follow(client, sessionId, '0');
  await events.next('tool', (event) => event.callId === 'c1200');
  expect(seqs(events)).toEqual(range(1203));
  expect(events.batches.map((batch) => batch.events.length)).toEqual([500, 500, 203]);
});

test('events that the bus lost are read from the log', async () => {
  await using world = await createFixture();
  const { client, bridge, app } = world;
  const { task, sessionId } = await world.send();
  using events = follow(client, sessionId, '0');
  await events.next('task', (event) => event.status === 'DISPATCHED');
  const { publish } = app.services.bus;
  app.services.bus.publish = () => {};
  await bridge.report(task, step(1));
  app.services.bus.publish = publish;
  await bridge.report(task, step(2));
  await events.next('tool', (event) => event.callId === 'c2');
  expect(seqs(events)).toEqual(range(5));
});

for (const [title, from, to, cursor] of [
  ['its beginning', 1, 5, 3],
  ['everything', 1, 1_000, 3],
  ['a part in the middle', 4, 6, 2],
] as const) {
  test(`a stream from a cursor after which the log has lost ${title} ends with EVENT_GAP`, async () => {
    await using world = await createFixture();
    const { client, bridge, app } = world;
    const { task, sessionId } = await world.send();
    await bridge.report(task, ...range(5).map(step), { type: 'completed', text: 'done' });
    const { seq } = await client.session.messages.query({ sessionId });
    await app.tenant.chatEvent.deleteMany({ where: { sessionId, seq: { gte: from, lte: to } } });
    using events = follow(client, sessionId, String(cursor));
    await until(() => events.errors.length > 0);
    expect(events.errors).toMatchObject([{ data: { reason: 'EVENT_GAP', httpStatus: 409 } }]);
    expect(events.durable()).toEqual([]);
    // The messages are still there, and events continue after them.
    const history = await client.session.messages.query({ sessionId });
    expect(history).toMatchObject({ seq, messages: [{ role: 'user' }, { role: 'assistant', status: 'COMPLETED' }] });
    using current = follow(client, sessionId, String(history.seq));
    await world.send('once more', sessionId);
    expect(await current.next('message')).toMatchObject({ seq: seq + 1, text: 'once more' });
  });
}

test('a subscriber that stops reading is disconnected, and gets everything after it reconnects', async () => {
  await using world = await createFixture();
  const { client, bridge, app, user } = world;
  const { task, taskId, sessionId } = await world.send();
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/ws/agent`, { headers: { cookie: user.cookie } });
  await new Promise((resolve) => socket.on('open', resolve));
  const params = { path: 'session.onEvent', input: { sessionId, lastEventId: '0' } };
  socket.send(JSON.stringify({ id: 1, method: 'subscription', params }));
  await new Promise((resolve) => socket.once('message', resolve));
  socket.pause();
  const text = { type: 'text', taskId, offset: 0, delta: 'x'.repeat(1_000_000) } as const;
  for (let n = 0; n < 20; n++) app.services.bus.publish(toSessionChannel(app.tenantId, sessionId), [text]);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.resume();
  await closed;
  await bridge.report(task, step(1));
  using events = follow(client, sessionId, '0');
  await events.next('tool');
  expect(seqs(events)).toEqual(range(4));
});

test('the end of a task is read from the log when the bus sends nothing', async () => {
  await using world = await createFixture();
  const { client, bridge, app } = world;
  const { task, sessionId } = await world.send();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  using events = follow(client, sessionId, '0');
  await bridge.report(task, step(1));
  await events.next('tool');
  app.services.bus.publish = () => {};
  await bridge.report(task, { type: 'completed', text: 'done' });
  vi.advanceTimersByTime(10_000);
  vi.useRealTimers();
  expect(await events.next('completed')).toMatchObject({ text: 'done' });
});

test('a subscription that ends leaves no listener', async () => {
  await using world = await createFixture();
  const { client, bridge, app } = world;
  const { task, sessionId } = await world.send();
  let listeners = 0;
  const { subscribe } = app.services.bus;
  app.services.bus.subscribe = (channel, listener) => {
    const stop = subscribe(channel, listener);
    listeners++;
    return () => {
      listeners--;
      stop();
    };
  };
  const events = follow(client, sessionId, '0');
  await bridge.report(task, step(1));
  await events.next('tool');
  expect(listeners).toBe(1);
  events.end();
  await until(() => listeners === 0);
});
