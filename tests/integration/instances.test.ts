import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Instance } from '@it0/api/agent/instance/instance';
import type { AppRouter } from '@it0/api/router';
import { connect } from '@it0/client/client';
import { createLocalDriver } from '@it0/server/instances/drivers/local';
import { toLogFile } from '@it0/server/instances/drivers/local/bridge-process';
import { type TestApp, testApp } from '@it0/tests/support/app';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { getRefusal } from '@it0/tests/support/refusal';
import { requestLocalBridge } from '@it0/tests/support/request-local-bridge';
import { sandbox } from '@it0/tests/support/sandbox';
import { until } from '@it0/tests/support/until';
import { createTRPCClient } from '@trpc/client';
import { HttpResponse, http, passthrough } from 'msw';
import { setupServer } from 'msw/node';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../../apps/server/src/instances/drivers/local.fixture.ts', import.meta.url));
const unlimitedMemory = async () => 1e12;

/** Starts a server that runs instances, each with a fake bridge as a process. */
const startApp = (options: Parameters<typeof testApp>[0] = {}) =>
  testApp({
    availableMemory: unlimitedMemory,
    localDriver: (driver) => createLocalDriver({ ...driver, sandbox, env: {}, main, usageIntervalMs: 100 }),
    ...options,
  });

/** Subscribes to the status of all instances, like a page. */
function followStatus(client: ReturnType<TestApp['client']>) {
  const lists: Instance[][] = [];
  const { unsubscribe } = client.instance.onStatus.subscribe(undefined, { onData: (list) => void lists.push(list) });
  return {
    lists,
    until: (id: string, status: Instance['status']) =>
      until(() => lists.at(-1)?.find((instance) => instance.id === id && instance.status === status)),
    [Symbol.dispose]: unsubscribe,
  };
}

/** Requests the health of an instance's bridge. */
const askBridge = (app: TestApp, { bridgeUrl, bridgeSecret }: { bridgeUrl: string | null; bridgeSecret: Uint8Array }) =>
  requestLocalBridge(bridgeUrl, '/readyz', app.services.keys.open(bridgeSecret));

const getFolder = (app: TestApp, id: string) => join(app.dataDir, 'instances', app.tenantId, id);

test('an instance goes from creation to removal, and subscribers get each status', async () => {
  await using app = await startApp();
  const owner = await app.newUser();
  const client = app.client(owner);
  using open = followStatus(client);
  const requestId = randomUUID();
  const created = await client.instance.create.mutate({ requestId, name: '  Web cluster ' });
  const { id: instanceId } = created;
  expect(created).toMatchObject({ name: 'Web cluster', status: 'DEPLOYING', mine: true, driver: 'local' });
  expect(await client.instance.create.mutate({ requestId, name: 'again' })).toMatchObject({
    ...{ id: instanceId, name: 'Web cluster' },
  });
  expect(await open.until(instanceId, 'RUNNING')).toMatchObject({ runningSince: expect.any(String) });
  await until(async () => ((await client.instance.byId.query({ instanceId })).memoryBytes ?? 0) > 10_000_000);

  expect(await client.instance.start.mutate({ instanceId })).toMatchObject({ status: 'RUNNING' });
  expect(await client.instance.stop.mutate({ instanceId })).toMatchObject({ status: 'STOPPED', statusDetail: null });
  await until(
    async () => (await app.tenant.agentInstance.findUnique({ where: { id: instanceId } }))!.bridgeUrl === null,
  );
  expect(await client.instance.stop.mutate({ instanceId })).toMatchObject({ status: 'STOPPED', memoryBytes: null });
  expect(await client.instance.start.mutate({ instanceId })).toMatchObject({ status: 'DEPLOYING' });
  const first = await open.until(instanceId, 'RUNNING');
  expect(await client.instance.restart.mutate({ instanceId })).toMatchObject({ status: 'DEPLOYING' });
  // The model name of the fake bridge identifies a start.
  await until(() => open.lists.at(-1)!.some((one) => one.id === instanceId && one.modelName !== first.modelName));

  expect(existsSync(getFolder(app, instanceId))).toBe(true);
  await client.instance.remove.mutate({ instanceId });
  expect(await getRefusal(client.instance.byId.query({ instanceId }))).toMatchObject({
    data: { reason: 'INSTANCE_NOT_FOUND' },
  });
  await until(() => open.lists.at(-1)!.every(({ id }) => id !== instanceId));
  await until(async () => !(await app.tenant.agentInstance.findUnique({ where: { id: instanceId } })));
  expect(existsSync(getFolder(app, instanceId))).toBe(false);
});

test('create uses a new id when the requestId is the id of an instance of the same or another tenant', async () => {
  await using app = await testApp({ availableMemory: unlimitedMemory });
  const otherTenant = await app.database.createTenant({ name: 'Other' });
  const owner = app.client(await app.newUser());
  const { id } = await owner.instance.create.mutate({ requestId: randomUUID(), name: 'Mine' });
  const others = [await app.newUser(), await app.newUser({ inTenant: otherTenant })].map((other) => app.client(other));
  for (const { instance } of [owner, ...others]) {
    for (const driver of ['local', 'remote'] as const) {
      const requestId = driver === 'local' ? id : id.toUpperCase();
      const created = await instance.create.mutate({ requestId, name: 'Twin', driver });
      expect([created.name, created.mine]).toEqual(['Twin', true]);
      expect(created.id).not.toBe(id);
    }
  }
  expect(await owner.instance.byId.query({ instanceId: id })).toMatchObject({ name: 'Mine', driver: 'local' });
});

test('logs, restart and remove do not affect an instance with the same id in another tenant', async () => {
  await using app = await startApp();
  const otherTenant = await app.database.createTenant({ name: 'Other' });
  const client = app.client(await app.newUser());
  const { instance } = app.client(await app.newUser({ inTenant: otherTenant }));
  using open = followStatus(client);
  const { id: instanceId } = await client.instance.create.mutate({ requestId: randomUUID(), name: 'Mine' });
  await open.until(instanceId, 'RUNNING');
  const row = () => app.tenant.agentInstance.findUniqueOrThrow({ where: { id: instanceId } });
  const { bridgeUrl } = await row();
  writeFileSync(toLogFile(getFolder(app, instanceId)), 'my log\n');
  for (const call of [instance.restart.mutate, instance.remove.mutate, instance.logs.query] as const) {
    expect(await getRefusal(call({ instanceId }))).toMatchObject({ data: { reason: 'INSTANCE_NOT_FOUND' } });
  }

  const created = await instance.create.mutate({ requestId: instanceId, name: 'Twin', driver: 'remote' });
  const twins = app.database.tenant(otherTenant).agentInstance;
  await twins.update({ where: { id: created.id }, data: { id: instanceId, driver: 'local' } });
  expect(await instance.logs.query({ instanceId })).toEqual({ bridge: [], gateway: [] });
  await instance.restart.mutate({ instanceId });
  const twin = await until(() => twins.findFirst({ where: { status: 'RUNNING' } }));
  expect(twin.bridgeUrl).not.toBe(bridgeUrl);
  expect((await instance.logs.query({ instanceId })).bridge).not.toContain('my log');
  await instance.remove.mutate({ instanceId });
  await until(async () => (await twins.count()) === 0);

  // The same process still runs and responds.
  expect(await row()).toMatchObject({ status: 'RUNNING', bridgeUrl });
  expect((await askBridge(app, await row())).status).toBe(200);
  expect((await client.instance.logs.query({ instanceId })).bridge).toEqual(['my log']);
});

test('create makes one instance per person and tenant for concurrent requests with one requestId', async () => {
  await using app = await testApp({ availableMemory: unlimitedMemory });
  const otherTenant = await app.database.createTenant({ name: 'Other' });
  const people = [await app.newUser(), await app.newUser(), await app.newUser({ inTenant: otherTenant })];
  const requestId = randomUUID();
  const created = await Promise.all(
    people.map((person) =>
      // Separate clients, so that the requests are not batched.
      Promise.all(
        Array.from({ length: 5 }, () => app.client(person).instance.create.mutate({ requestId, name: person.id })),
      ),
    ),
  );
  expect(created.map((same) => new Set(same.map(({ id, name }) => `${id} ${name}`)).size)).toEqual([1, 1, 1]);
  expect(new Set(created.flat().map(({ id }) => id)).size).toBe(3);
  expect(await app.tenant.agentInstance.count({ where: { requestId } })).toBe(2);
});

test('stopping an instance waits for its running task', async () => {
  await using app = await startApp();
  const owner = await app.newUser();
  const client = app.client(owner);
  using open = followStatus(client);
  const { id: instanceId } = await client.instance.create.mutate({ requestId: randomUUID(), name: 'Busy' });
  await open.until(instanceId, 'RUNNING');
  const session = { id: randomUUID(), ownerId: owner.id, agentInstanceId: instanceId, engineType: 'x', title: 'x' };
  await app.tenant.agentSession.create({ data: session });
  const task = { sessionId: session.id, ownerId: owner.id, requestId: randomUUID(), message: 'x' };
  const { id } = await app.tenant.agentTask.create({ data: { id: randomUUID(), ...task, status: 'RUNNING' } });
  const row = () => app.tenant.agentInstance.findUniqueOrThrow({ where: { id: instanceId } });
  const stopping = await row();

  expect(await client.instance.stop.mutate({ instanceId })).toMatchObject({ status: 'STOPPED' });
  // Without the task it would exit during these requests.
  for (let n = 0; n < 100; n++) expect((await askBridge(app, stopping)).status).toBe(200);
  await app.tenant.agentTask.update({ where: { id }, data: { status: 'COMPLETED' } });
  await until(async () => (await row()).bridgeUrl === null);
});

test('an instance with an unreadable secret does not prevent others from running', async () => {
  await using app = await startApp();
  const owner = await app.newUser();
  const client = app.client(owner);
  using open = followStatus(client);
  const broken = await app.newInstance(owner, { driver: 'remote', status: 'DEPLOYING' });
  const data = { driver: 'local', bridgeSecret: new Uint8Array(40) } as const;
  await app.tenant.agentInstance.update({ where: { id: broken.id }, data });
  const { id } = await client.instance.create.mutate({ requestId: randomUUID(), name: 'Well' });
  await open.until(id, 'RUNNING');
});

test('a desired state that is set on another server is reconciled and sent to all subscribers', async () => {
  await using app = await startApp();
  const other = await app.another({ localDriver: undefined });
  const owner = await app.newUser();
  using open = followStatus(app.client(owner));
  const otherClient = app.client(owner, `http://localhost:${other.port}`);
  const { id } = await otherClient.instance.create.mutate({ requestId: randomUUID(), name: 'Far' });
  await open.until(id, 'RUNNING');
  await otherClient.instance.stop.mutate({ instanceId: id });
  await open.until(id, 'STOPPED');
  await until(async () => (await app.tenant.agentInstance.findUnique({ where: { id } }))!.bridgeUrl === null);
});

test('instance.onStatus sends nothing about instances of others', async () => {
  await using app = await startApp();
  const [owner, stranger] = [await app.newUser(), await app.newUser()];
  using ownerPage = followStatus(app.client(owner));
  using strangerPage = followStatus(app.client(stranger));
  await until(() => strangerPage.lists.length > 0);
  const { id } = await app.client(owner).instance.create.mutate({ requestId: randomUUID(), name: 'Mine' });
  await ownerPage.until(id, 'RUNNING');
  const strangerInstance = await app
    .client(stranger)
    .instance.create.mutate({ requestId: randomUUID(), name: 'Theirs' });
  await strangerPage.until(strangerInstance.id, 'RUNNING');
  expect(JSON.stringify(strangerPage.lists)).not.toContain(id);
});

test('create returns NOT_ENOUGH_MEMORY, counting the memory of instances that are starting', async () => {
  let free = 2.4e9;
  await using app = await testApp({ availableMemory: async () => free });
  await app.tenant.agentInstance.deleteMany();
  for (const { id } of await app.database.platform.organization.findMany())
    await app.database.tenant(id).agentInstance.deleteMany();
  const { instance } = app.client(await app.newUser());
  const create = () => instance.create.mutate({ requestId: randomUUID(), name: 'x' });
  const first = await create();
  await create();
  expect(await getRefusal(create())).toMatchObject({
    message:
      'Another agent needs 1.0 GB of memory. 2.4 GB are free, of which 2.0 GB are reserved for agents that are starting. Stop an agent first.',
    data: { reason: 'NOT_ENOUGH_MEMORY' },
  });
  await instance.stop.mutate({ instanceId: first.id });
  free = 1.9e9;
  expect(await getRefusal(instance.start.mutate({ instanceId: first.id }))).toMatchObject({
    data: { reason: 'NOT_ENOUGH_MEMORY' },
  });
  free = 2e9;
  expect(await instance.start.mutate({ instanceId: first.id })).toMatchObject({ status: 'DEPLOYING' });
});

test('a task of a stopped instance is sent after its start, and its timeout begins then', async () => {
  await using world = await createFixture();
  const { app, bridge, client, instance } = world;
  const instanceId = instance.id;
  const { sessionId, task } = await world.send();
  await bridge.report(task, { type: 'task', status: 'RUNNING' });
  const later = { instanceId, sessionId, message: 'later', requestId: randomUUID() };
  const { taskId } = await client.instance.createTask.mutate(later);
  await client.instance.stop.mutate({ instanceId });
  expect(await getRefusal(client.instance.createTask.mutate({ ...later, requestId: randomUUID() }))).toMatchObject({
    data: { reason: 'INSTANCE_NOT_RUNNING' },
  });
  // The running task may end.
  expect((await bridge.report(task, { type: 'completed', text: 'done' })).status).toBe(200);
  const attempts = async () => (await app.database.platform.dispatch.findFirst({ where: { taskId } }))!.attempt;
  await until(async () => (await attempts()) > 0);
  expect(await app.tenant.agentTask.findUnique({ where: { id: taskId } })).toMatchObject({
    status: 'QUEUED',
    deadline: null,
  });
  await client.instance.start.mutate({ instanceId });
  await app.tenant.agentInstance.update({ where: { id: instanceId }, data: { status: 'RUNNING' } });
  expect(await bridge.task('later')).toMatchObject({ taskId });
});

test('removing an instance ends its tasks, sessions and subscriptions', async () => {
  await using world = await createFixture();
  const { bridge, client, instance } = world;
  const { sessionId, task } = await world.send();
  await bridge.report(task, { type: 'task', status: 'RUNNING' });
  using events = follow(client, sessionId, '0');
  await events.next('task');
  await client.instance.remove.mutate({ instanceId: instance.id });
  expect((await bridge.report(task, { type: 'completed', text: 'done' })).status).toBe(410);
  expect(await until(() => events.errors[0])).toMatchObject({ data: { reason: 'SESSION_NOT_FOUND' } });
  expect(await client.instance.list.query()).toEqual([]);
});

test('two clients on one connection can subscribe concurrently, as request ids are unique', async () => {
  await using world = await createFixture();
  const { app, user, bridge } = world;
  const { sessionId, task } = await world.send();
  const connection = connect({ url: app.url, connectionParams: () => ({ token: user.bearer }) });
  try {
    using open = followStatus(createTRPCClient<AppRouter>({ links: connection.links }));
    using events = follow(connection.trpc, sessionId, '0');
    await bridge.report(task, { type: 'completed', text: 'done' });
    await events.next('completed');
    await until(() => open.lists.length > 0);
    expect(events.errors).toEqual([]);
  } finally {
    await connection.close();
  }
});

const anthropic = { provider: 'anthropic', name: 'claude', baseUrl: null } as const;

test('a model’s key is stored sealed, never returned, and sent only to its provider', async () => {
  await using app = await testApp({ availableMemory: unlimitedMemory });
  const { instance } = app.client(await app.newUser());
  const key = 'sk-ant-a-key-of-the-test';
  expect(
    await getRefusal(instance.create.mutate({ requestId: randomUUID(), name: 'x', model: anthropic })),
  ).toMatchObject({ data: { reason: 'MODEL_KEY_MISSING' } });
  const { id: instanceId, model } = await instance.create.mutate({
    ...{ requestId: randomUUID(), name: 'x' },
    model: { ...anthropic, key },
  });
  expect(model).toEqual({ ...anthropic, hasKey: true });
  const row = await app.tenant.agentInstance.findUniqueOrThrow({ where: { id: instanceId } });
  expect(JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}` : value))).not.toContain(key);
  expect(app.services.keys.open(row.modelKey!)).toBe(key);

  const renamed = await instance.setModel.mutate({ instanceId, model: { ...anthropic, name: 'other' } });
  expect(renamed.model).toEqual({ ...anthropic, name: 'other', hasKey: true });
  const otherAddress = { ...anthropic, baseUrl: 'https://models.example.com' };
  expect(await getRefusal(instance.setModel.mutate({ instanceId, model: otherAddress }))).toMatchObject({
    data: { reason: 'MODEL_KEY_MISSING' },
  });
  expect(await getRefusal(instance.testModel.mutate({ instanceId, model: otherAddress }))).toMatchObject({
    data: { reason: 'MODEL_KEY_MISSING' },
  });
  const file = { ...anthropic, baseUrl: 'file:///etc/passwd', key };
  expect(await getRefusal(instance.setModel.mutate({ instanceId, model: file }))).toMatchObject({
    data: { reason: 'INVALID_INPUT' },
  });
});

test('testModel returns the outcome of the provider', async () => {
  await using app = await testApp({ availableMemory: unlimitedMemory });
  const { instance } = app.client(await app.newUser());
  const { id: instanceId } = await instance.create.mutate({ requestId: randomUUID(), name: 'x' });
  const keys: (string | null)[] = [];
  let status = 200;
  const provider = setupServer(
    http.post('https://api.anthropic.com/v1/messages', ({ request }) => {
      keys.push(request.headers.get('x-api-key'));
      return HttpResponse.json({}, { status });
    }),
    http.post('https://models.example.com/v1/chat/completions', ({ request }) => {
      keys.push(request.headers.get('authorization'));
      return HttpResponse.error();
    }),
    http.all('*', () => passthrough()),
  );
  provider.listen({ onUnhandledFrame: 'bypass' });
  try {
    const reasons: unknown[] = [];
    for (status of [200, 401, 429, 500]) {
      const model = { ...anthropic, key: 'sk-1' };
      reasons.push((await instance.testModel.mutate({ instanceId, model })).reason);
    }
    expect(reasons).toEqual([null, 'MODEL_KEY_REFUSED', 'MODEL_RATE_LIMITED', 'MODEL_UNAVAILABLE']);
    const other = { provider: 'openai-compatible', name: 'm', baseUrl: 'https://models.example.com/v1/' } as const;
    expect(await instance.testModel.mutate({ instanceId, model: { ...other, key: 'k2' } })).toEqual({
      reason: 'MODEL_UNAVAILABLE',
      status: null,
    });
    expect(keys).toEqual(['sk-1', 'sk-1', 'sk-1', 'sk-1', 'Bearer k2']);
  } finally {
    provider.close();
  }
});

test('testModel of the server’s model ignores the address in the request', async () => {
  const requests: unknown[] = [];
  const provider = setupServer(
    http.post('https://models.example.com/v1/messages', async ({ request }) => {
      const { model } = (await request.json()) as { model: string };
      requests.push([request.headers.get('x-api-key'), model]);
      return HttpResponse.json({}, { status: 401 });
    }),
    http.all('*', () => passthrough()),
  );
  provider.listen({ onUnhandledFrame: 'bypass' });
  try {
    const serverModel = { ...anthropic, baseUrl: 'https://models.example.com', name: 'opus', key: 'sk-server' };
    for (const [model, response] of [
      [serverModel, { reason: 'MODEL_KEY_REFUSED', status: 401 }],
      [undefined, { reason: null, status: null }],
    ] as const) {
      await using app = await testApp({ availableMemory: unlimitedMemory, serverModel: model });
      const { instance } = app.client(await app.newUser());
      const { id: instanceId } = await instance.create.mutate({ requestId: randomUUID(), name: 'x' });
      expect(await instance.testModel.mutate({ instanceId })).toEqual(response);
      const otherAddress = { provider: 'server', name: 'other', baseUrl: 'http://127.0.0.1:9' } as const;
      expect(await instance.testModel.mutate({ instanceId, model: otherAddress })).toEqual(response);
      const remote = await instance.create.mutate({ requestId: randomUUID(), name: 'y', driver: 'remote' });
      // The server does not know the model of another machine.
      expect(await getRefusal(instance.testModel.mutate({ instanceId: remote.id }))).toMatchObject({
        data: { reason: 'INVALID_INPUT' },
      });
    }
    expect(requests).toEqual([
      ['sk-server', 'opus'],
      ['sk-server', 'opus'],
    ]);
  } finally {
    provider.close();
  }
});

test('instance.logs returns logs to the owner only, with secrets redacted', async () => {
  await using app = await startApp({
    localDriver: (driver) => createLocalDriver({ ...driver, sandbox, env: { CRASH: '1' }, main }),
  });
  const { instance } = app.client(await app.newUser());
  const { id: instanceId } = await instance.create.mutate({ requestId: randomUUID(), name: 'x' });
  const logs = await until(async () => {
    const read = await instance.logs.query({ instanceId });
    return read.bridge.length > 0 && read;
  });
  expect(logs).toEqual({ bridge: ['first line', 'the disk is full'], gateway: [] });
});
