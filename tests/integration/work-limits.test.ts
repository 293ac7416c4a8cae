import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { limits } from '@it0/contracts/limits';
import { SOCKET_LIMITS, STREAMS_PER_PERSON } from '@it0/server/http/limits';
import { type TestUser, toAuthHeaders } from '@it0/tests/support/app';
import { createFixture } from '@it0/tests/support/fixture';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';

type Frame = { id: number | null; result?: { type: string; data?: unknown }; error?: { data: { reason: string } } };

/** Opens a raw WebSocket, like a program without our client. */
async function openSocket(url: string, user?: TestUser, search = '') {
  const headers = user ? { cookie: user.cookie } : {};
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/agent${search}`, { headers });
  const responses: Frame[] = [];
  let closed: number | undefined;
  socket.on('message', (data) => {
    const text = String(data);
    if (text === 'PING') socket.send('PONG');
    else if (text !== 'PONG') responses.push(JSON.parse(text));
  });
  socket.on('close', (code) => (closed = code));
  const refused = new Promise<number>((resolve) => {
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode!));
    socket.on('error', () => {});
  });
  const status = await Promise.race([once(socket, 'open').then(() => 101), refused]);
  return {
    ...{ socket, responses, status },
    isClosed: () => closed !== undefined,
    send: (...messages: object[]) => socket.send(JSON.stringify(messages)),
    [Symbol.dispose]: () => socket.terminate(),
  };
}

const subscription = (id: number, path = 'instance.onStatus') => ({ id, method: 'subscription', params: { path } });
const query = (id: number, path = 'instance.list') => ({ id, method: 'query', params: { path } });
const listReasons = (responses: Frame[]) => responses.flatMap(({ error }) => error?.data.reason ?? []);
const listStarted = (responses: Frame[]) => responses.filter(({ result }) => result?.type === 'started');

test('a batch of more calls than a client sends is refused as a whole', async () => {
  await using world = await createFixture();
  const { app, user } = world;
  const ask = async (calls: number) => {
    const paths = Array(calls).fill('instance.list').join(',');
    const response = await fetch(`${app.url}/trpc/${paths}?batch=1&input=%7B%7D`, { headers: toAuthHeaders(user) });
    return { status: response.status, body: await response.json() };
  };
  const allowed = await ask(limits.batchCalls);
  expect([allowed.status, allowed.body.length]).toEqual([200, limits.batchCalls]);
  for (const calls of [limits.batchCalls + 1, 400]) {
    const refused = await ask(calls);
    expect(refused).toMatchObject({ status: 400, body: { error: { data: { reason: 'INVALID_INPUT' } } } });
  }
});

test('our client splits many concurrent calls into several batches', async () => {
  await using world = await createFixture();
  const lists = await Promise.all(Array.from({ length: 50 }, () => world.client.instance.list.query()));
  expect(lists.every(([one]) => one?.id === world.instance.id)).toBe(true);
});

test('the rate limit of a person covers HTTP, REST, MCP and the WebSocket, and is separate for each person', async () => {
  // A burst of one call, and one more every 30 s.
  await using world = await createFixture({ limits: { callsPerMinute: 2 } });
  const { app, user } = world;
  using socket = await openSocket(app.url, user);
  const ask = (path: string, init?: RequestInit) =>
    fetch(app.url + path, {
      headers: { authorization: `Bearer ${user.bearer}`, 'content-type': 'application/json' },
      ...init,
    });
  const responses = [
    await ask('/trpc/instance.list'),
    await ask('/trpc/instance.list'),
    await ask('/api/v1/agent/instances'),
    await ask('/mcp', { method: 'POST', body: '{}' }),
    await ask(`/api/v1/agent/attachments/${randomUUID()}`),
  ];
  expect(responses.map(({ status }) => status)).toEqual([200, 429, 429, 429, 429]);
  expect(responses.slice(1).every(({ headers }) => Number(headers.get('retry-after')) > 0)).toBe(true);
  socket.send(query(1), subscription(2));
  await until(() => socket.responses.length === 2);
  expect(listReasons(socket.responses)).toEqual(['TOO_MANY_REQUESTS', 'TOO_MANY_REQUESTS']);
  expect(await app.client(await app.newUser()).instance.list.query()).toEqual([]);
});

test('a frame starts no more streams than the limit per socket', async () => {
  await using world = await createFixture();
  const { app, user } = world;
  using socket = await openSocket(app.url, user);
  socket.send(...Array.from({ length: 100 }, (_, id) => subscription(id + 1)));
  await until(() => listReasons(socket.responses).length === 50 && listStarted(socket.responses).length === 50);
  expect(new Set(listReasons(socket.responses))).toEqual(new Set(['TOO_MANY_REQUESTS']));
  // A stopped stream frees its slot.
  socket.send({ id: 1, method: 'subscription.stop' }, subscription(1_000));
  await until(() => listStarted(socket.responses).length === 51);
});

test('all sockets of a person start no more streams than the limit per person', async () => {
  await using world = await createFixture();
  const { app, user } = world;
  using stack = new DisposableStack();
  const sockets: Awaited<ReturnType<typeof openSocket>>[] = [];
  const count = STREAMS_PER_PERSON / SOCKET_LIMITS.streams;
  for (let n = 0; n < count; n++) {
    const socket = stack.use(await openSocket(app.url, user));
    socket.send(...Array.from({ length: SOCKET_LIMITS.streams }, (_, id) => subscription(id + 1)));
    await until(() => listStarted(socket.responses).length === SOCKET_LIMITS.streams);
    sockets.push(socket);
  }
  const one = stack.use(await openSocket(app.url, user));
  one.send(subscription(1));
  await until(() => listReasons(one.responses).length === 1);
  expect(listReasons(one.responses)).toEqual(['TOO_MANY_REQUESTS']);
  const other = stack.use(await openSocket(app.url, await app.newUser()));
  other.send(subscription(1));
  await until(() => listStarted(other.responses).length === 1);
  // A closed socket frees the slots of its streams.
  sockets[0]!.socket.terminate();
  await until(async () => {
    one.responses.length = 0;
    one.send(subscription(2));
    await until(() => one.responses.length > 0);
    return listStarted(one.responses).length === 1;
  });
});

test('a frame of thousands of messages starts none of them', async () => {
  await using world = await createFixture();
  const { app, user } = world;
  const before = app.services.bus.listenerCount();
  using socket = await openSocket(app.url, user);
  socket.send(...Array.from({ length: 5_000 }, (_, id) => subscription(id + 1)));
  await until(() => socket.responses.length > 0);
  expect(socket.responses).toMatchObject([{ id: null, error: { data: { reason: 'TOO_MANY_REQUESTS' } } }]);
  expect(app.services.bus.listenerCount()).toBe(before);
});

test('all streams of one person share one read of a list per change', async () => {
  await using world = await createFixture();
  const { app, user, client, instance } = world;
  let reads = 0;
  const { sharedReads } = app.services;
  app.services.sharedReads = (key, read) =>
    sharedReads(key, () => {
      reads++;
      return read();
    });
  using socket = await openSocket(app.url, user);
  socket.send(...Array.from({ length: 25 }, (_, id) => subscription(id)));
  socket.send(...Array.from({ length: 25 }, (_, id) => subscription(id + 25, 'approval.onChange')));
  const lists = () => socket.responses.filter(({ result }) => result?.type === 'data').length;
  await until(() => lists() === 50);
  reads = 0;
  await client.instance.rename.mutate({ instanceId: instance.id, name: 'Other' });
  await until(() => lists() === 75);
  expect(reads).toBeLessThanOrEqual(3);
});

test('a stream that is stopped before it starts leaves no listener', async () => {
  await using world = await createFixture();
  const { app, user } = world;
  const before = app.services.bus.listenerCount();
  using socket = await openSocket(app.url, user);
  for (let n = 0; n < 40; n++) {
    const path = n % 2 ? 'approval.onChange' : 'instance.onStatus';
    socket.send(subscription(n, path), { id: n, method: 'subscription.stop' });
  }
  socket.send(query(500));
  await until(() => socket.responses.some(({ id }) => id === 500));
  await until(() => app.services.bus.listenerCount() === before);
});

test('a socket is closed when it exceeds the rate limit of frames', async () => {
  await using world = await createFixture();
  using socket = await openSocket(world.app.url, world.user);
  for (let n = 0; n < 2_000 && !socket.isClosed(); n++) socket.socket.send('PING');
  await until(socket.isClosed);
  expect(await world.client.instance.list.query()).toHaveLength(1);
});

test('the number of sockets is limited per person', async () => {
  await using world = await createFixture({ limits: { socketsPerPerson: 3 } });
  const { app, user } = world;
  using stack = new DisposableStack();
  const sockets: Awaited<ReturnType<typeof openSocket>>[] = [];
  for (let n = 0; n < 5; n++) sockets.push(stack.use(await openSocket(app.url, user)));
  await until(() => sockets.filter(({ isClosed }) => isClosed()).length === 2);
  expect(sockets.flatMap(({ responses }) => listReasons(responses))).toEqual([
    'TOO_MANY_REQUESTS',
    'TOO_MANY_REQUESTS',
  ]);
  const [open] = sockets.filter(({ isClosed }) => !isClosed());
  open!.socket.terminate();
  using other = stack.use(await openSocket(app.url, await app.newUser()));
  other.send(query(1));
  await until(() => other.responses.length === 1);
  // A closed socket frees its slot.
  await until(async () => {
    using second = await openSocket(app.url, user);
    second.send(query(1));
    await until(() => second.responses.length > 0 || second.isClosed());
    return listReasons(second.responses).length === 0 && !second.isClosed();
  });
});

test('unauthenticated sockets are limited per network, and closed soon even when they send PING', async () => {
  await using world = await createFixture({ limits: { socketsPerPerson: 2 } });
  const { app } = world;
  using stack = new DisposableStack();
  const sockets: Awaited<ReturnType<typeof openSocket>>[] = [];
  for (let n = 0; n < 12; n++) sockets.push(stack.use(await openSocket(app.url, undefined, '?connectionParams=1')));
  expect(sockets.map(({ status }) => status)).toEqual([...Array(8).fill(101), ...Array(4).fill(429)]);
  const open = sockets.filter(({ status }) => status === 101);
  const pinging = setInterval(() => {
    for (const { socket, isClosed } of open) if (!isClosed()) socket.send('PING');
  }, 1_000);
  await until(() => open.every(({ isClosed }) => isClosed()));
  clearInterval(pinging);
  using second = await openSocket(app.url, undefined, '?connectionParams=1');
  expect(second.status).toBe(101);
});
