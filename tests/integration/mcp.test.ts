import { randomUUID } from 'node:crypto';
import type { SearchResult } from '@it0/api/agent/search/search-sessions';
import { KeyScope } from '@it0/contracts/permissions';
import { approvalReport } from '@it0/tests/support/approval';
import { createFixture } from '@it0/tests/support/fixture';
import { mcpClient } from '@it0/tests/support/mcp';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

type World = Awaited<ReturnType<typeof createFixture>>;

const newKey = ({ client }: World, scopes: KeyScope[] = [...KeyScope.options]) =>
  client.apiKey.create.mutate({ name: 'MCP', scopes, days: 1 });

const post = (url: string, headers: Record<string, string>) =>
  fetch(`${url}/mcp`, {
    method: 'POST',
    headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });

/** Creates a session with everything that the tools read. */
async function createSession({ bridge, send }: World, marker = 'marker') {
  const completed = await send(`How full is the disk of ${marker}?`);
  const step = { type: 'tool', callId: 'c', textOffset: 0 } as const;
  await bridge.report(completed.task, { ...step, phase: 'start', name: 'exec', title: `df of ${marker}`, args: '{}' });
  await bridge.report(completed.task, { type: 'tool', callId: 'c', phase: 'end', status: 'completed', output: '' });
  await bridge.report(completed.task, { type: 'completed', text: `It is 71 % full, says ${marker}.` });
  const failed = await send(`Fail, ${marker}`, completed.sessionId);
  const end = { status: 'FAILED', reason: 'MODEL_UNAVAILABLE', detail: `No model for ${marker}.`, text: '' } as const;
  await bridge.report(failed.task, { type: 'error', ...end });
  const waiting = await send(`Wait, ${marker}`, completed.sessionId);
  await bridge.report(waiting.task, approvalReport({ command: `rm ${marker}`, allowedDecisions: ['deny'] }));
  return completed.sessionId;
}

test('an MCP client with an API key reads what its person can see', async () => {
  await using world = await createFixture();
  const sessionId = await createSession(world);
  await using mcp = await mcpClient(world.app.url, (await newKey(world)).key);
  const { tools } = await mcp.client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([
    'list_instances',
    'list_sessions',
    'search_sessions',
    'read_transcript',
    'pending_approvals',
    'recent_failures',
  ]);
  for (const { annotations, outputSchema } of tools) {
    expect([annotations?.readOnlyHint, outputSchema?.type]).toEqual([true, 'object']);
  }
  expect(await mcp.call('list_instances')).toMatchObject({
    instances: [{ name: 'Web cluster', status: 'RUNNING', runningTasks: 1, pendingApprovals: 1 }],
  });
  expect(await mcp.call('list_sessions')).toMatchObject({ items: [{ id: sessionId, instanceId: world.instance.id }] });
  expect(await mcp.call('pending_approvals')).toMatchObject({
    approvals: [{ command: 'rm marker', instanceName: 'Web cluster', askerName: 'Ada', sessionId }],
  });
  expect(await mcp.call('recent_failures')).toMatchObject({
    failures: [{ message: 'Fail, marker', reason: 'MODEL_UNAVAILABLE', detail: 'No model for marker.', sessionId }],
  });
  expect(await mcp.call('read_transcript', { sessionId })).toMatchObject({
    lines: [
      { role: 'user', text: 'How full is the disk of marker?' },
      { role: 'assistant', text: 'It is 71 % full, says marker.', steps: ['df of marker (completed)'] },
      { role: 'user' },
      { role: 'assistant', status: 'FAILED', reason: 'MODEL_UNAVAILABLE' },
      { role: 'user' },
      { role: 'assistant', status: 'WAITING_APPROVAL', steps: ['rm marker (pending)'] },
    ],
  });
});

test('the search tool finds words in messages and titles', async () => {
  await using world = await createFixture();
  const sessionId = await createSession(world);
  await using mcp = await mcpClient(world.app.url, (await newKey(world)).key);
  const find = async (query: string) => (await mcp.call<SearchResult>('search_sessions', { query })).matches;
  const [match] = await find('71 % FULL');
  expect(match).toMatchObject({ sessionId });
  expect(match!.snippet.map(({ text }) => text).join('')).toBe('df of marker It is 71 % full, says marker.');
  // The message, and the title of its session.
  expect((await find('how full')).map(({ messageId }) => messageId !== null).sort()).toEqual([false, true]);
  expect(await find('71%fullest')).toEqual([]);
  expect(await mcp.call('search_sessions', { query: ' % ' })).toEqual({ reason: undefined });
});

test('MCP refuses requests without credentials or with only a cookie, from every origin', async () => {
  await using world = await createFixture();
  const { app, user } = world;
  const { key } = await newKey(world);
  const anonymous = await post(app.url, {});
  expect([anonymous.status, anonymous.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  expect(await anonymous.json()).toMatchObject({ reason: 'NOT_SIGNED_IN' });
  for (const origin of [app.url, 'https://evil.example']) {
    expect((await post(app.url, { cookie: user.cookie, origin })).status).toBe(401);
    expect((await post(app.url, { authorization: `Bearer ${key}`, origin })).status).toBe(200);
  }
  expect((await post(app.url, { authorization: `Bearer ${user.bearer}` })).status).toBe(200);
});

test('an API key has the tools of its scopes, and none after it was revoked', async () => {
  await using world = await createFixture();
  const sessionId = await createSession(world);
  const { id, key } = await newKey(world, ['instance:read']);
  await using mcp = await mcpClient(world.app.url, key);
  expect(await mcp.call('list_instances')).toMatchObject({ instances: [{ name: 'Web cluster' }] });
  expect(await mcp.call('read_transcript', { sessionId })).toEqual({ reason: 'FORBIDDEN' });
  expect(await mcp.call('recent_failures')).toEqual({ reason: 'FORBIDDEN' });
  await world.client.apiKey.remove.mutate({ id });
  await expect(mcp.call('list_instances')).rejects.toThrow();
  expect((await post(world.app.url, { authorization: `Bearer ${key}` })).status).toBe(401);
});

test('the tools of a task have the access of its person, while the task runs and the person is a member', async () => {
  await using world = await createFixture();
  const { app, bridge, user } = world;
  await app.newAssistant({ bridgeUrl: bridge.url });
  const sessionId = await createSession(world);
  const created = await world.client.assistant.createTask.mutate({ message: 'Look', requestId: randomUUID() });
  const { tools, callbackToken } = await bridge.task('Look');
  const { url, token } = tools!;
  await using mcp = await mcpClient(url, token);
  expect(await mcp.call('read_transcript', { sessionId })).toMatchObject({
    lines: [{ role: 'user' }, {}, {}, {}, {}, {}],
  });

  // The callback token is refused for tools, and the tools token for callbacks.
  expect((await post(app.url, { authorization: `Bearer ${callbackToken}` })).status).toBe(401);
  expect((await bridge.post(await bridge.task('Look'), { taskId: created.taskId, events: [] }, token)).status).toBe(
    401,
  );
  // The tools token is not a login.
  const me = await fetch(`${app.url}/trpc/auth.me`, { headers: { authorization: `Bearer ${token}` } });
  expect(me.status).toBe(401);

  const where = { organizationId_userId: { organizationId: app.tenantId, userId: user.id } };
  await app.database.platform.member.update({ where, data: { role: 'none of ours' } });
  expect((await post(app.url, { authorization: `Bearer ${token}` })).status).toBe(401);
  await app.database.platform.member.update({ where, data: { role: 'viewer' } });
  expect((await post(app.url, { authorization: `Bearer ${token}` })).status).toBe(200);
  await bridge.report(await bridge.task('Look'), { type: 'completed', text: 'Done.' });
  await until(async () => (await post(app.url, { authorization: `Bearer ${token}` })).status === 401);
});

test('no tool returns data of another owner or tenant, and their objects count as missing', async () => {
  await using world = await createFixture();
  const { app, bridge } = world;
  await app.newAssistant({ bridgeUrl: bridge.url });
  const sessionId = await createSession(world);
  const message = `marker ${randomUUID()}`;
  const privateTask = await world.client.assistant.createTask.mutate({ message, requestId: randomUUID() });
  await bridge.task(message);
  const otherTenant = await app.database.createTenant({ name: 'Other' });
  const strangers = [
    await app.newUser(),
    await app.newUser({ role: 'viewer' }),
    await app.newUser({ inTenant: otherTenant }),
  ];
  for (const { bearer } of strangers) {
    await using mcp = await mcpClient(app.url, bearer);
    const inputs = { search_sessions: { query: 'marker' }, read_transcript: { sessionId } };
    for (const { name } of (await mcp.client.listTools()).tools) {
      const result = await mcp.call(name, inputs[name as keyof typeof inputs]);
      expect([name, JSON.stringify(result)]).toEqual([name, expect.not.stringMatching(/marker|Web cluster/)]);
    }
    const missing = { reason: 'SESSION_NOT_FOUND' };
    expect(await mcp.call('read_transcript', { sessionId })).toEqual(missing);
    expect(await mcp.call('read_transcript', { sessionId: privateTask.sessionId })).toEqual(missing);
    expect(await mcp.call('list_sessions', { instanceId: world.instance.id })).toMatchObject({ items: [] });
  }
  // A share gives access to the sessions of the instance, but not to those with iAgent.
  await world.client.instance.share.mutate({ instanceId: world.instance.id, with: { role: 'viewer' } });
  await using viewer = await mcpClient(app.url, strangers[1]!.bearer);
  expect(await viewer.call('search_sessions', { query: 'marker' })).toMatchObject({
    matches: expect.arrayContaining([expect.objectContaining({ sessionId })]),
  });
  expect(await viewer.call('read_transcript', { sessionId: privateTask.sessionId })).toEqual({
    reason: 'SESSION_NOT_FOUND',
  });
});
