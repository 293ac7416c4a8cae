import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { toDecisionInput } from '@it0/client/chat-source';
import { TaskRequest } from '@it0/contracts/bridge';
import { limits } from '@it0/contracts/limits';
import { CHECK_IN_PATH, formatBridgeToken, formatEnrollCommand, RESPONSES_PATH } from '@it0/contracts/remote-bridge';
import { type TestApp, testApp } from '@it0/tests/support/app';
import { approvalReport } from '@it0/tests/support/approval';
import { follow } from '@it0/tests/support/follow';
import { getRefusal } from '@it0/tests/support/refusal';
import { createHealth, enrollAt, newSecret, remoteBridge } from '@it0/tests/support/remote-bridge';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

const bridgePackage = { version: '0.1.0-test', path: '/bridge/0.1.0-test.tgz', file: '/nowhere' };

/** Sets up a server with a person and that person's remote instance. */
async function createWorld(options: Parameters<typeof testApp>[0] = {}) {
  const app = await testApp({ bridgePackage, ...options });
  const owner = await app.newUser();
  const client = app.client(owner);
  const { id: instanceId } = await client.instance.create.mutate({
    ...{ requestId: randomUUID(), name: 'Far away', driver: 'remote' },
  });
  const getInstance = () => client.instance.byId.query({ instanceId });
  return {
    ...{ app, owner, client, instanceId, getInstance },
    status: (status: string) => until(async () => ((await getInstance()).status === status ? getInstance() : null)),
    code: async () => (await client.instance.enroll.mutate({ instanceId })).code,
    /** Enrolls a bridge whose agent runs. */
    async running() {
      const bridge = await remoteBridge(app.url, await this.code());
      bridge.setRunning(0);
      await bridge.checkIn({ wait: false });
      return bridge;
    },
    send: (message: string, sessionId?: string) =>
      client.instance.createTask.mutate({ instanceId, sessionId, message, requestId: randomUUID() }),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

const report = (task: TaskRequest, events: object[]) =>
  fetch(task.callbackUrl, {
    method: 'POST',
    headers: { authorization: `Bearer ${task.callbackToken}` },
    body: JSON.stringify({ taskId: task.taskId, events }),
  });

test('a remote instance is created, enrolled, used, stopped, started and removed', async () => {
  await using world = await createWorld();
  const { client, instanceId, app } = world;
  expect(await world.getInstance()).toMatchObject({
    ...{ status: 'DEPLOYING', statusReason: 'BRIDGE_NOT_ENROLLED', driver: 'remote', host: null },
  });
  const notEnrolled = { status: 'DEPLOYING', statusReason: 'BRIDGE_NOT_ENROLLED' };
  const model = { provider: 'server', name: null, baseUrl: null } as const;
  expect(await client.instance.setModel.mutate({ instanceId, model })).toMatchObject(notEnrolled);
  await client.instance.stop.mutate({ instanceId });
  expect(await client.instance.start.mutate({ instanceId })).toMatchObject(notEnrolled);
  const { code, packagePath, expiresAt } = await client.instance.enroll.mutate({ instanceId });
  expect(formatEnrollCommand(app.url, packagePath, code)).toBe(
    `npx --yes ${app.url}/bridge/0.1.0-test.tgz --server ${app.url} --enroll ${code}`,
  );
  expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now() + 50 * 60_000);
  const bridge = await remoteBridge(app.url, code);
  expect(bridge.instanceId).toBe(instanceId);

  const { desired } = await bridge.checkIn();
  expect(desired).toEqual({
    ...{ running: true, revision: 2 },
    model: { provider: 'server', name: null, baseUrl: null, key: null },
  });
  expect(await world.getInstance()).toMatchObject({ status: 'DEPLOYING', host: 'web-1', bridgeVersion: '0.1.0-test' });
  bridge.setRunning(2, createHealth(false, 'The gateway is starting.'));
  await bridge.checkIn({ wait: false });
  expect(await world.getInstance()).toMatchObject({ status: 'DEPLOYING', statusDetail: 'The gateway is starting.' });
  bridge.setRunning(2);
  expect((await bridge.checkIn({ wait: false })).desired).toEqual({ running: true, revision: 2 });
  expect(await world.getInstance()).toMatchObject({ status: 'RUNNING', statusDetail: null, modelName: 'scripted' });

  const fetching = bridge.fetchRequest();
  const { taskId, sessionId } = await world.send('hello out there');
  using events = follow(client, sessionId, '0');
  const request = await fetching;
  expect(request).toMatchObject({ method: 'POST', path: '/task-async' });
  const task = TaskRequest.parse(request.body);
  expect(task).toMatchObject({ taskId, message: 'hello out there' });
  expect(new URL(task.callbackUrl).origin).toBe(app.url);
  await bridge.respond(request, 202, { taskId });
  await report(task, [{ type: 'task', status: 'RUNNING', n: 1 }]);
  await report(task, [{ type: 'completed', text: 'hello in there', n: 2 }]);
  expect(await events.next('completed')).toMatchObject({ text: 'hello in there' });

  const checkIn = bridge.checkIn();
  await client.instance.stop.mutate({ instanceId });
  expect((await checkIn).desired).toEqual({ running: false, revision: 2 });
  bridge.setRunning(null);
  const secondCheckIn = bridge.checkIn();
  await client.instance.start.mutate({ instanceId });
  expect((await secondCheckIn).desired).toMatchObject({ running: true, revision: 3, model: { provider: 'server' } });
  bridge.setRunning(3);
  await bridge.checkIn({ wait: false });
  expect(await world.getInstance()).toMatchObject({ status: 'RUNNING' });

  const lastCheckIn = bridge.postCheckIn();
  await client.instance.remove.mutate({ instanceId });
  expect(await lastCheckIn).toMatchObject({ status: 401, body: { reason: 'BRIDGE_UNKNOWN' } });
  expect(await app.database.platform.remoteBridge.count()).toBe(0);
});

test('a polling bridge fetches cancellations and decisions like tasks', async () => {
  await using world = await createWorld();
  const bridge = await world.running();
  const fetching = bridge.fetchRequest();
  const { taskId } = await world.send('be careful');
  const taskRequest = await fetching;
  const task = TaskRequest.parse(taskRequest.body);
  await bridge.respond(taskRequest, 202);
  const approvalRequest = approvalReport({ command: 'rm -r /srv', cwd: '/' });
  const { approvalId } = approvalRequest;
  await report(task, [
    { type: 'task', status: 'RUNNING', n: 1 },
    { ...approvalRequest, n: 2 },
  ]);
  const decided = bridge.fetchRequest();
  await world.client.approval.resolve.mutate(toDecisionInput(approvalRequest, 'deny'));
  expect(await decided).toMatchObject({ path: `/approvals/${approvalId}`, body: { decision: 'deny' } });
  await bridge.respond(await decided, 200);
  const cancelled = bridge.fetchRequest();
  await world.client.task.cancel.mutate({ taskId });
  expect(await cancelled).toMatchObject({ method: 'DELETE', path: `/task-async/${taskId}` });
});

test('a lost request is sent again, and a late response is ignored', async () => {
  await using world = await createWorld();
  const bridge = await world.running();
  const { taskId } = await world.send('you will miss this');
  // The bridge fetches the request and is killed before it responds.
  const lost = await bridge.fetchRequest();
  const repeated = await bridge.fetchRequest();
  expect(repeated.id).not.toBe(lost.id);
  expect(repeated.body).toMatchObject({ taskId });
  expect((await bridge.respond(lost, 500)).status).toBe(200);
  await bridge.respond(repeated, 202);
  await until(async () => {
    const task = await world.app.tenant.agentTask.findUnique({ where: { id: taskId } });
    return task?.status === 'DISPATCHED';
  });
  expect(await world.app.tenant.bridgeRequest.count()).toBe(0);
});

test('a task waits for an unavailable bridge and is sent when it returns', async () => {
  await using world = await createWorld();
  const bridge = await world.running();
  await world.app.database.platform.remoteBridge.updateMany({ data: { lastSeenAt: new Date(Date.now() - 60_000) } });
  const { taskId } = await world.send('are you there?');
  expect(await world.status('ERROR')).toMatchObject({ statusReason: 'BRIDGE_SILENT' });
  expect(await getRefusal(world.send('and now?'))).toMatchObject({ data: { reason: 'INSTANCE_NOT_RUNNING' } });
  const request = await bridge.fetchRequest();
  expect(request.body).toMatchObject({ taskId });
  expect(await world.getInstance()).toMatchObject({ status: 'RUNNING', statusDetail: null });
});

test('a check-in with a dead connection takes no requests from a later one', async () => {
  await using world = await createWorld();
  const bridge = await world.running();
  const lastSeenAt = async () => (await world.app.database.platform.remoteBridge.findFirst())!.lastSeenAt;
  const deadCheckIns = [];
  for (let n = 0; n < 3; n++) {
    const seenBefore = await lastSeenAt();
    deadCheckIns.push(bridge.checkIn());
    await until(async () => (await lastSeenAt())! > seenBefore!);
  }
  const alive = bridge.fetchRequest();
  await world.send('to the living');
  await bridge.respond(await alive, 202);
  for (const { requests } of await Promise.all(deadCheckIns)) expect(requests).toEqual([]);
});

test('an enrollment code is valid once, for an hour, and until a new one exists', async () => {
  await using world = await createWorld();
  const { app } = world;
  const code = await world.code();
  const secret = newSecret();
  const first = await enrollAt(app.url, code, secret);
  expect(first).toMatchObject({ status: 200, body: { instanceId: world.instanceId, name: 'Far away' } });
  // The response was lost, so the bridge enrolls again.
  expect(await enrollAt(app.url, code, secret)).toEqual(first);
  const invalid = { status: 401, body: { reason: 'BRIDGE_CODE_INVALID' } };
  expect(await enrollAt(app.url, code)).toMatchObject(invalid);
  expect(await enrollAt(app.url, 'f'.repeat(40))).toMatchObject(invalid);
  const other = await world.code();
  expect(await enrollAt(app.url, code, secret)).toMatchObject(invalid);
  await app.database.platform.remoteBridge.updateMany({ data: { codeExpiresAt: new Date() } });
  expect(await enrollAt(app.url, other)).toMatchObject(invalid);
});

test('the last bridge to enroll replaces the one before, which is refused', async () => {
  await using world = await createWorld();
  const previous = await world.running();
  const waiting = previous.postCheckIn();
  const bridge = await world.running();
  expect((await previous.postCheckIn()).status).toBe(401);
  expect((await waiting).status).toBe(401);
  expect((await bridge.checkIn({ wait: false })).desired.running).toBe(true);
  expect((await previous.respond({ id: '1' }, 200)).status).toBe(401);
});

test('a model’s key is sent only to its own bridge, and only when it is in use', async () => {
  await using world = await createWorld();
  const bridge = await world.running();
  const { client, instanceId } = world;
  const checkIn = bridge.checkIn();
  const model = { provider: 'anthropic', name: null, baseUrl: null, key: 'sk-ant-very-secret-key' } as const;
  expect(JSON.stringify(await client.instance.setModel.mutate({ instanceId, model }))).not.toContain(model.key);
  expect((await checkIn).desired).toEqual({ running: true, revision: 1, model });
  expect(await world.getInstance()).toMatchObject({ status: 'DEPLOYING' });
  bridge.setRunning(1);
  expect((await bridge.checkIn({ wait: false })).desired).toEqual({ running: true, revision: 1 });
  expect(await world.getInstance()).toMatchObject({ status: 'RUNNING' });
});

test('a bridge of another protocol is refused with an install command, and an older release is accepted', async () => {
  await using world = await createWorld();
  const bridge = await world.running();
  const refused = await bridge.postCheckIn({ protocol: 0, version: '0.0.1' });
  const message = expect.stringContaining(`npx --yes ${world.app.url}${bridgePackage.path} --server ${world.app.url}`);
  expect(refused).toMatchObject({ status: 412, body: { reason: 'BRIDGE_OUTDATED', message } });
  expect(await world.getInstance()).toMatchObject({
    ...{ status: 'ERROR', statusReason: 'BRIDGE_OUTDATED' },
    statusDetail: expect.stringMatching(/^npx --yes http/),
  });
  expect(await bridge.postCheckIn({ protocol: 99 })).toMatchObject({ status: 412 });
  expect(await enrollAt(world.app.url, await world.code(), newSecret(), { protocol: 0 })).toMatchObject({
    status: 412,
  });
  expect(await bridge.checkIn({ version: '0.1.0-older', wait: false })).toMatchObject({ upgrade: bridgePackage.path });
  expect(await world.getInstance()).toMatchObject({ status: 'RUNNING' });
});

test('a reachable bridge is called directly only at addresses that the server allows', async () => {
  await using world = await createWorld({ bridgeAllow: ['127.0.0.1'] });
  const { app } = world;
  const tasks: string[] = [];
  const http = createServer((request, response) => {
    const isAuthorized = request.headers.authorization === `Bearer ${bridge.secret}`;
    if (isAuthorized && request.method === 'POST') tasks.push(request.url!);
    response.writeHead(isAuthorized ? 200 : 401).end(JSON.stringify(createHealth()));
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const bridge = await remoteBridge(app.url, await world.code());
  bridge.setRunning(0);
  expect(await bridge.postCheckIn({ url: 'http://10.0.0.1:80' })).toMatchObject({
    status: 403,
    body: { reason: 'BRIDGE_ADDRESS_REFUSED', message: expect.stringContaining('BRIDGE_ALLOW') },
  });
  expect(await world.getInstance()).toMatchObject({
    status: 'ERROR',
    statusReason: 'BRIDGE_ADDRESS_REFUSED',
    statusDetail: 'http://10.0.0.1:80',
  });
  await bridge.checkIn({ url, wait: false });
  expect(await world.getInstance()).toMatchObject({ status: 'RUNNING' });
  await world.send('by the front door');
  await until(() => tasks.includes('/task-async'));

  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
  await bridge.checkIn({ url, wait: false });
  expect(await world.getInstance()).toMatchObject({
    status: 'ERROR',
    statusReason: 'BRIDGE_UNREACHABLE',
    statusDetail: url,
  });
});

test('the address of a bridge cannot lead to the server’s own machine', async () => {
  await using world = await createWorld();
  const bridge = await world.running();
  for (const url of [world.app.url, 'http://127.0.0.1:5432', 'http://[::1]/', 'https://localhost', 'http://0.0.0.0']) {
    expect(await bridge.postCheckIn({ url })).toMatchObject({
      status: 403,
      body: { reason: 'BRIDGE_ADDRESS_REFUSED' },
    });
    expect(await enrollAt(world.app.url, await world.code(), newSecret(), { url })).toMatchObject({ status: 403 });
  }
});

test('the logs of a remote instance come from its bridge, redacted, or with a reason when it is unavailable', async () => {
  await using world = await createWorld();
  const { client, instanceId } = world;
  expect(await getRefusal(client.instance.logs.query({ instanceId }))).toMatchObject({
    data: { reason: 'BRIDGE_UNREACHABLE' },
  });
  const bridge = await world.running();
  const logs = client.instance.logs.query({ instanceId });
  const request = await bridge.fetchRequest();
  expect(request).toMatchObject({ method: 'GET', path: '/logs' });
  await bridge.respond(request, 200, { bridge: [`secret ${bridge.secret}`], gateway: ['ready'] });
  expect(await logs).toEqual({ bridge: ['secret [hidden]'], gateway: ['ready'] });
});

test('a bridge that waits at one server gets a task that was created at another', async () => {
  await using world = await createWorld();
  const other = await world.app.another();
  const bridge = await world.running();
  const fetching = bridge.fetchRequest({ at: other.url });
  const { taskId } = await world.send('across');
  const request = await fetching;
  expect(request.body).toMatchObject({ taskId });
  await bridge.respond(request, 202, {}, other.url);
  await until(
    async () => (await world.app.tenant.agentTask.findUnique({ where: { id: taskId } }))?.status === 'DISPATCHED',
  );
});

test('a stopping server responds to the check-ins that wait', async () => {
  await using world = await createWorld();
  const bridge = await world.running();
  const waiting = bridge.postCheckIn();
  await until(async () => (await world.app.database.platform.remoteBridge.findFirst())?.lastSeenAt);
  await world.app.restart();
  expect(await waiting).toMatchObject({ status: 200, body: { requests: [] } });
  expect((await bridge.checkIn({ wait: false })).desired.running).toBe(true);
});

test('malformed requests of bridges are refused with a reason', async () => {
  await using world = await createWorld();
  const bridge = await world.running();
  const { url } = world.app;
  const post = (path: string, body: string, token = bridge.token) =>
    fetch(`${url}${path}`, { method: 'POST', body, headers: { authorization: `Bearer ${token}` } });
  for (const path of [CHECK_IN_PATH, RESPONSES_PATH]) {
    const ids = `${world.app.tenantId}.${world.instanceId}`;
    const wrong = [`${ids}.`, `${ids}.wrong`, `${world.instanceId}.${bridge.secret}`, `${bridge.token}.more`];
    const foreign = [
      `${randomUUID()}.${world.instanceId}.${bridge.secret}`,
      `${world.app.tenantId}.${randomUUID()}.${bridge.secret}`,
    ];
    for (const token of ['', 'x', '..', ...wrong, ...foreign]) expect((await post(path, '{}', token)).status).toBe(401);
    expect((await post(path, 'no json')).status).toBe(400);
    expect((await post(path, '{}')).status).toBe(400);
  }
  expect((await post(CHECK_IN_PATH, ' '.repeat(limits.requestBytes + 1))).status).toBe(413);
  const answers = { responses: [{ id: "1'; DROP", status: 200 }] };
  expect((await post(RESPONSES_PATH, JSON.stringify(answers))).status).toBe(200);
});

test('check-ins beyond the rate limit are refused with the time to wait', async () => {
  await using world = await createWorld();
  const bridge = await world.running();
  const sendUntilRefused = async () => {
    for (;;) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => bridge.respond({ id: '1' }, 200)));
      const refused = answers.find(({ status }) => status === 429);
      if (refused) return refused;
    }
  };
  expect((await sendUntilRefused()).body).toMatchObject({
    reason: 'TOO_MANY_REQUESTS',
    retryAfter: expect.any(Number),
  });
  expect(await world.getInstance()).toMatchObject({ status: 'RUNNING' });
});

test('a bridge cannot see or answer requests of another bridge', async () => {
  await using world = await createWorld();
  const { app } = world;
  const bridge = await world.running();
  const colleague = app.client(await app.newUser());
  const { id: instanceId } = await colleague.instance.create.mutate({
    ...{ requestId: randomUUID(), name: 'Not mine', driver: 'remote' },
  });
  const { code } = await colleague.instance.enroll.mutate({ instanceId });
  const stranger = await remoteBridge(app.url, code);
  stranger.setRunning(0);
  const fetching = bridge.fetchRequest();
  const { taskId } = await world.send('between us');
  const request = await fetching;
  expect((await stranger.checkIn({ wait: false })).requests).toEqual([]);
  await stranger.respond(request, 202);
  expect(await app.tenant.bridgeRequest.findFirst()).toMatchObject({ answer: null });
  expect((await app.tenant.agentTask.findUnique({ where: { id: taskId } }))?.status).toBe('QUEUED');
  await bridge.respond(request, 202);
});

test('an instance with the same id in another tenant gets no bridge, key or request of the first', async () => {
  await using world = await createWorld();
  const { app, instanceId } = world;
  const otherTenant = await app.database.createTenant({ name: 'Other' });
  const eve = await app.newUser({ inTenant: otherTenant });
  const { instance } = app.client(eve);
  const model = { provider: 'anthropic', name: null, baseUrl: null, key: 'sk-ant-very-secret-key' } as const;
  await world.client.instance.setModel.mutate({ instanceId, model });
  const bridge = await world.running();
  bridge.setRunning(1);
  await bridge.checkIn({ wait: false });

  // A create request with the id of the instance.
  const created = await instance.create.mutate({ requestId: instanceId, name: 'Twin', driver: 'remote' });
  expect(created.id).not.toBe(instanceId);
  expect(await getRefusal(instance.enroll.mutate({ instanceId }))).toMatchObject({
    data: { reason: 'INSTANCE_NOT_FOUND' },
  });
  // The same id, set in the database.
  const { agentInstance } = app.database.tenant(otherTenant);
  await agentInstance.update({ where: { id: created.id }, data: { id: instanceId } });
  const { code } = await instance.enroll.mutate({ instanceId });
  const twin = await remoteBridge(app.url, code);
  expect(twin).toMatchObject({ tenantId: otherTenant, instanceId });
  twin.setRunning(0);
  expect((await twin.checkIn({ wait: false })).desired).toEqual({ running: true, revision: 0 });
  twin.setRunning(null);
  expect((await twin.checkIn({ wait: false })).desired).toMatchObject({ model: { provider: 'server', key: null } });
  twin.setRunning(0);
  await twin.checkIn({ wait: false });

  const fetching = bridge.fetchRequest();
  const { taskId } = await world.send('for my own agent');
  const request = await fetching;
  expect(request.body).toMatchObject({ taskId });
  expect((await twin.checkIn({ wait: false })).requests).toEqual([]);
  await twin.respond(request, 202);
  expect((await app.tenant.agentTask.findUnique({ where: { id: taskId } }))?.status).toBe('QUEUED');
  await bridge.respond(request, 202);
  for (const tenantId of [app.tenantId, otherTenant]) {
    const forged = formatBridgeToken({
      tenantId,
      instanceId,
      secret: tenantId === otherTenant ? bridge.secret : twin.secret,
    });
    const headers = { authorization: `Bearer ${forged}` };
    expect((await fetch(`${app.url}${CHECK_IN_PATH}`, { method: 'POST', headers, body: '{}' })).status).toBe(401);
  }

  await instance.restart.mutate({ instanceId });
  await instance.remove.mutate({ instanceId });
  expect((await twin.postCheckIn()).status).toBe(401);
  expect((await bridge.checkIn({ wait: false })).desired).toEqual({ running: true, revision: 1 });
  expect(await world.getInstance()).toMatchObject({ status: 'RUNNING', host: 'web-1' });
});

test('the bridge package can be downloaded by anyone, and a local instance has no enrollment', async () => {
  const app: TestApp = await testApp({ availableMemory: async () => 1e12 });
  await using _ = app;
  const file = join(app.dataDir, 'bridge.tgz');
  writeFileSync(file, 'the bridge');
  const other = await app.another({ bridgePackage: { ...bridgePackage, file } });
  const answer = await fetch(`${other.url}${bridgePackage.path}`);
  expect([answer.headers.get('content-type'), await answer.text()]).toEqual(['application/gzip', 'the bridge']);
  expect((await fetch(`${app.url}${bridgePackage.path}`)).status).toBe(404);
  const client = app.client(await app.newUser());
  const { id: instanceId } = await client.instance.create.mutate({ requestId: randomUUID(), name: 'Here' });
  expect(await getRefusal(client.instance.enroll.mutate({ instanceId }))).toMatchObject({
    data: { reason: 'INVALID_INPUT' },
  });
});
