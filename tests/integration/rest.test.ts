import { randomUUID } from 'node:crypto';
import type { CreateApiKey } from '@it0/api/auth/api-key/api-key';
import { CALLBACK_PATH } from '@it0/contracts/bridge';
import { ErrorResponse } from '@it0/contracts/error-response';
import { limits } from '@it0/contracts/limits';
import { KeyScope } from '@it0/contracts/permissions';
import { createFixture } from '@it0/tests/support/fixture';
import { restClient } from '@it0/tests/support/rest';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { z } from 'zod';

type World = Awaited<ReturnType<typeof createFixture>>;

const newKey = (
  { client }: World,
  { scopes = KeyScope.options, days = null }: Partial<z.infer<typeof CreateApiKey>> = {},
) => client.apiKey.create.mutate({ name: 'script', scopes: [...scopes], days });

const refused = ({ status, body }: { status: number; body: unknown }) => [
  status,
  ErrorResponse.strict().parse(body).reason,
];

test('the REST API accepts an API key in either header, or a bearer token', async () => {
  await using world = await createFixture();
  const { app, bridge, instance, user } = world;
  const { key } = await newKey(world);
  const credentials: Record<string, string>[] = [
    { 'x-api-key': key },
    { authorization: `Bearer ${key}` },
    { authorization: `Bearer ${user.bearer}` },
  ];
  for (const authHeaders of credentials) {
    const call = restClient(app.url, authHeaders);
    const message = `hello ${randomUUID()}`;
    const created = await call('POST', `/agent/instances/${instance.id}/tasks`, { message, requestId: randomUUID() });
    expect([created.status, created.headers.get('cache-control')]).toEqual([200, 'no-store']);
    await bridge.report(await bridge.task(message), { type: 'completed', text: 'hi' });
    const { sessionId } = created.body;
    const { body: history } = await call('GET', `/agent/sessions/${sessionId}/messages`);
    expect(history.messages.map(({ parts }: { parts: unknown }) => parts)).toEqual([
      [{ type: 'text', text: message }],
      [{ type: 'text', text: 'hi' }],
    ]);
    const { body: page } = await call('GET', `/agent/instances/${instance.id}/sessions?limit=1`);
    expect(page.items).toMatchObject([{ id: sessionId, title: message }]);
  }
});

test('a repeated request returns the original task', async () => {
  await using world = await createFixture();
  const { app, instance, user } = world;
  const call = restClient(app.url, { authorization: `Bearer ${user.bearer}` });
  const ask = () => call('POST', `/agent/instances/${instance.id}/tasks`, { message: 'once', requestId });
  const requestId = randomUUID();
  const first = await ask();
  expect((await ask()).body).toEqual(first.body);
  expect(await app.tenant.agentTask.count()).toBe(1);
});

test('a JSON body may have a charset', async () => {
  await using world = await createFixture();
  const call = restClient(world.app.url, { authorization: `Bearer ${world.user.bearer}` });
  const type = { 'content-type': 'application/json; charset=utf-8' };
  const task = { message: '你好', requestId: randomUUID() };
  expect((await call('POST', `/agent/instances/${world.instance.id}/tasks`, task, type)).status).toBe(200);
});

test('an API key is limited to its scopes', async () => {
  await using world = await createFixture();
  const { key } = await newKey(world, { scopes: ['instance:read'] });
  const call = restClient(world.app.url, { 'x-api-key': key });
  expect((await call('GET', '/agent/instances')).body).toMatchObject([{ id: world.instance.id }]);
  const task = { message: 'x', requestId: randomUUID() };
  expect(refused(await call('POST', `/agent/instances/${world.instance.id}/tasks`, task))).toEqual([403, 'FORBIDDEN']);
  expect(refused(await call('GET', `/agent/instances/${world.instance.id}/sessions`))).toEqual([403, 'FORBIDDEN']);
  expect((await call('GET', '/auth/me')).body).toMatchObject({ permissions: ['instance:read'], by: 'apiKey' });
});

test('requests without credentials or with an expired key, a revoked key or an ended login are refused', async () => {
  await using world = await createFixture();
  const { app, client, user } = world;
  const [expired, revoked] = [await newKey(world, { days: 1 }), await newKey(world)];
  const ended = restClient(app.url, { authorization: `Bearer ${user.bearer}` });
  for (const call of [expired, revoked].map(({ key }) => restClient(app.url, { 'x-api-key': key }))) {
    expect((await call('GET', '/auth/me')).status).toBe(200);
  }
  await app.database.platform.apiKey.update({ where: { id: expired.id }, data: { expiresAt: new Date(0) } });
  await client.apiKey.remove.mutate({ id: revoked.id });
  await client.auth.signOut.mutate();
  const [byExpired, byRevoked] = [expired, revoked].map(({ key }) => restClient(app.url, { 'x-api-key': key }));
  for (const call of [byExpired!, byRevoked!, ended, restClient(app.url)]) {
    expect(refused(await call('GET', '/agent/instances'))).toEqual([401, 'NOT_SIGNED_IN']);
  }
});

test('every error response has its status and a reason', async () => {
  await using world = await createFixture();
  const { app, user, instance } = world;
  const stopped = await app.newInstance(user, { status: 'STOPPED' });
  const call = restClient(app.url, { authorization: `Bearer ${user.bearer}` });
  const tasks = `/agent/instances/${instance.id}/tasks`;
  const task = { message: 'x', requestId: randomUUID() };
  const large = JSON.stringify({ ...task, message: 'x'.repeat(limits.requestBytes) });
  const all: [Parameters<typeof call>, number, string][] = [
    [['POST', tasks, '{"message":'], 400, 'INVALID_INPUT'],
    [['POST', tasks, '"text"'], 400, 'INVALID_INPUT'],
    [['POST', tasks, '[1]'], 400, 'INVALID_INPUT'],
    [['POST', tasks, 'null'], 400, 'INVALID_INPUT'],
    [['POST', tasks, ''], 400, 'INVALID_INPUT'],
    [['POST', tasks], 415, 'INVALID_INPUT'],
    [['POST', tasks, 'message=x', { 'content-type': 'application/x-www-form-urlencoded' }], 415, 'INVALID_INPUT'],
    [['POST', tasks, JSON.stringify(task), { 'content-type': 'text/plain' }], 415, 'INVALID_INPUT'],
    [['POST', tasks, large], 413, 'BODY_TOO_LARGE'],
    [['POST', tasks, { ...task, message: ' ' }], 400, 'INVALID_INPUT'],
    [['POST', '/agent/instances/x/tasks', task], 400, 'INVALID_INPUT'],
    [['POST', '/agent/instances/%/tasks', task], 400, 'INVALID_INPUT'],
    [['POST', tasks, { ...task, sessionId: randomUUID() }], 404, 'SESSION_NOT_FOUND'],
    [['POST', `/agent/instances/${randomUUID()}/tasks`, task], 404, 'INSTANCE_NOT_FOUND'],
    [['POST', `/agent/instances/${stopped.id}/tasks`, task], 409, 'INSTANCE_NOT_RUNNING'],
    [['GET', `/agent/instances/${instance.id}/sessions?limit=x`], 400, 'INVALID_INPUT'],
    [['GET', `/agent/instances/${instance.id}/sessions?limit=`], 400, 'INVALID_INPUT'],
    [['GET', `/agent/instances/${instance.id}/sessions?limit=1&limit=2`], 400, 'INVALID_INPUT'],
    [['GET', `/agent/instances/${instance.id}/sessions?limit=101`], 400, 'INVALID_INPUT'],
    [['GET', `/agent/instances/${instance.id}/sessions?cursor=x`], 400, 'INVALID_INPUT'],
    [['POST', `/agent/tasks/${randomUUID()}/cancel`], 404, 'TASK_NOT_FOUND'],
    [
      [
        'POST',
        `/agent/approvals/${randomUUID()}/resolve`,
        { decision: 'deny', seen: { command: 'x', allowedDecisions: ['deny'] } },
      ],
      404,
      'APPROVAL_NOT_FOUND',
    ],
    [['DELETE', `/agent/instances/${instance.id}/shares/${randomUUID()}`], 404, 'SHARE_NOT_FOUND'],
    [['PUT', tasks, task], 405, 'NOT_FOUND'],
    [['GET', tasks], 405, 'NOT_FOUND'],
    [['GET', '/agent/nothing'], 404, 'NOT_FOUND'],
    [['GET', '/'], 404, 'NOT_FOUND'],
  ];
  for (const [request, status, reason] of all) {
    const answer = await call(...request);
    expect([request.slice(0, 2), ...refused(answer)]).toEqual([request.slice(0, 2), status, reason]);
  }
  expect((await call('PUT', tasks, task)).headers.get('allow')).toBe('POST');
  expect((await call('POST', '/agent/instances/x/tasks', { ...task, message: 7 })).body).toEqual({
    reason: 'INVALID_INPUT',
    message: expect.stringContaining('instanceId: Invalid UUID; message: '),
    issues: { formErrors: [], fieldErrors: { instanceId: [expect.any(String)], message: [expect.any(String)] } },
  });
  expect(await app.tenant.agentTask.count()).toBe(0);
});

test('createTask beyond the rate limit returns Retry-After', async () => {
  await using world = await createFixture({ tasksPerMinute: 1 });
  const call = restClient(world.app.url, { authorization: `Bearer ${world.user.bearer}` });
  const ask = () =>
    call('POST', `/agent/instances/${world.instance.id}/tasks`, { message: 'x', requestId: randomUUID() });
  expect((await ask()).status).toBe(200);
  const answer = await ask();
  expect(refused(answer)).toEqual([429, 'TOO_MANY_REQUESTS']);
  expect(answer.body.retryAfter).toBeGreaterThan(0);
  expect(answer.headers.get('retry-after')).toBe(String(answer.body.retryAfter));
});

test('internal errors are masked', async () => {
  await using world = await createFixture();
  const { app, user, instance } = world;
  const schema = `"tenant_${app.tenantId.replaceAll('-', '')}"`;
  await app.database.pool.query(`ALTER TABLE ${schema}."AgentTask" RENAME TO "gone"`);
  const call = restClient(app.url, { authorization: `Bearer ${user.bearer}` });
  const answer = await call('POST', `/agent/instances/${instance.id}/tasks`, { message: 'x', requestId: randomUUID() });
  expect([answer.status, answer.body]).toEqual([
    500,
    { reason: 'INTERNAL', message: 'Something went wrong on the server.' },
  ]);
});

test('a request with the cookie is refused from another site and accepted from the same site', async () => {
  await using world = await createFixture();
  const { app, user } = world;
  const call = restClient(app.url, { cookie: user.cookie });
  const { taskId } = await world.send();
  const cancel = (origin: string) => call('POST', `/agent/tasks/${taskId}/cancel`, undefined, { origin });
  expect(refused(await cancel('https://evil.example'))).toEqual([403, 'ORIGIN_REFUSED']);
  expect((await cancel(app.url)).status).toBe(200);
});

test('the callback route is not an instance', async () => {
  await using world = await createFixture();
  const call = restClient(world.app.url, { authorization: `Bearer ${world.user.bearer}` });
  const path = CALLBACK_PATH.replace('/api/v1', '');
  expect(refused(await call('POST', path, {}))).toEqual([401, 'CALLBACK_TOKEN_INVALID']);
  expect(refused(await call('GET', path))).toEqual([400, 'INVALID_INPUT']);
});

test('a program can follow a session over the WebSocket as documented', async () => {
  await using world = await createFixture();
  const { app, bridge } = world;
  const { key } = await newKey(world);
  const { sessionId, task } = await world.send();
  const { body: history } = await restClient(app.url, { 'x-api-key': key })(
    'GET',
    `/agent/sessions/${sessionId}/messages`,
  );
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/ws/agent?connectionParams=1`);
  const frames: { result?: { data?: { id: string; data: { type: string }[] } } }[] = [];
  socket.on('message', (frame) => frames.push(JSON.parse(String(frame))));
  await new Promise((resolve) => socket.on('open', resolve));
  socket.send(JSON.stringify({ method: 'connectionParams', data: { apiKey: key } }));
  const input = { sessionId, lastEventId: String(history.seq) };
  socket.send(JSON.stringify({ id: 1, method: 'subscription', params: { path: 'session.onEvent', input } }));
  await bridge.report(task, { type: 'completed', text: 'done' });
  await until(() => frames.some(({ result }) => result?.data?.data.some(({ type }) => type === 'completed')));
  socket.terminate();
});
