import { randomUUID } from 'node:crypto';
import { createOpenApiDocument, listRestOperations } from '@it0/api/rest/document';
import { appRouter } from '@it0/api/router';
import { toAttachmentPath } from '@it0/contracts/attachment-path';
import { CHECK_IN_PATH, formatBridgeToken, RESPONSES_PATH } from '@it0/contracts/remote-bridge';
import { toAuthHeaders } from '@it0/tests/support/app';
import { mcpClient } from '@it0/tests/support/mcp';
import { createBridgeInfo, enrollAt, newSecret } from '@it0/tests/support/remote-bridge';
import { requestLocalBridge } from '@it0/tests/support/request-local-bridge';
import { callOperation, restClient } from '@it0/tests/support/rest';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';
import { table } from './table.ts';
import { getMarker, type Name, type Twins, twins } from './twins.ts';

const procedures = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>,
).map(([path, { _def }]) => ({ path, type: _def.type }));
const operations = listRestOperations(createOpenApiDocument('/api/v1'));

/** Procedures that end what others need. They run last, in this order. */
const ends = [
  ...[
    'instance.setModel',
    'instance.restart',
    'instance.stop',
    'instance.start',
    'instance.unshare',
    'approval.resolve',
    'queue.sendNow',
    'session.delete',
    'session.restore',
    'task.cancel',
  ],
  ...['instance.remove', 'device.revokeOthers', 'tenant.leave'],
];
const inOrder = <T>(calls: T[], getPath: (call: T) => string) =>
  calls.toSorted((one, otherName) => ends.indexOf(getPath(one)) - ends.indexOf(getPath(otherName)));

type Call = { path: string; outcome: string; text: string };
type Ask = (world: Twins, actor: Name, path: string, input: Record<string, string> | undefined) => Promise<Call>;

const byTrpc: Ask = async ({ app, ...world }, actor, path, input) => {
  const { type } = procedures.find((procedure) => procedure.path === path)!;
  const json = JSON.stringify(input);
  const query = type === 'query' && json ? `?input=${encodeURIComponent(json)}` : '';
  const response = await fetch(`${app.url}/trpc/${path}${query}`, {
    method: type === 'query' ? 'GET' : 'POST',
    headers: { ...toAuthHeaders(await app.newLogin(world[actor].owner.id)), 'content-type': 'application/json' },
    body: type === 'query' ? undefined : (json ?? '{}'),
  });
  const body = (await response.json()) as { error?: { data: { reason: string } } };
  return { path, outcome: body.error?.data.reason ?? 'ok', text: JSON.stringify(body) };
};

const byRest: Ask = async ({ app, ...world }, actor, path, input = {}) => {
  const operation = operations.find(({ procedure }) => procedure === path)!;
  const headers = toAuthHeaders(await app.newLogin(world[actor].owner.id));
  const answer = await callOperation(restClient(app.url, headers), operation, input);
  return { path, outcome: answer.status < 300 ? 'ok' : answer.body.reason, text: JSON.stringify(answer.body ?? null) };
};

const otherName = (name: Name): Name => (name === 'first' ? 'second' : 'first');
const bySubscription = procedures.filter(({ type }) => type === 'subscription').map(({ path }) => path);
const called = procedures.filter(({ path }) => !bySubscription.includes(path)).map(({ path }) => path);

for (const [way, ask, paths] of [
  ['tRPC', byTrpc, called],
  ['REST', byRest, operations.map(({ procedure }) => procedure)],
] as const) {
  for (const actor of ['first', 'second'] as const) {
    test(`no call over ${way} in the ${actor} of two tenants with the same ids reads or changes the other tenant`, async () => {
      await using world = await twins();
      const [own, foreign] = [world[actor], world[otherName(actor)]];
      using streams = own.listen();
      using otherStreams = foreign.listen();
      const [received, otherReceived] = [streams.received, otherStreams.received];
      for (const read of [received, otherReceived]) {
        await until(() => Object.values(read()).every((events) => events.length > 0));
      }
      expect(Object.keys(otherReceived()).sort()).toEqual(bySubscription.toSorted());
      const [before, ownBefore, receivedBefore] = [await foreign.snapshot(), await own.snapshot(), otherReceived()];

      const texts: string[] = [];
      for (const path of inOrder([...paths], (one) => one)) {
        const input = (await table[path]!.input?.(own.inputs)) as Record<string, string> | undefined;
        const call = await ask(world, actor, path, input);
        expect([path, call.outcome]).toEqual([path, table[path]!.gets('owner')]);
        expect([path, call.text.includes(getMarker(otherName(actor)))]).toEqual([path, false]);
        expect([path, await foreign.snapshot()]).toEqual([path, before]);
        texts.push(call.text);
      }
      // The calls did find and change the caller's own data.
      expect(texts.join()).toContain(getMarker(actor));
      expect(await own.snapshot()).not.toEqual(ownBefore);
      // The row disappears once the process of the removed instance has ended and its folder is deleted.
      await until(async () => !(await own.rows.agentInstance.findUnique({ where: { id: world.ids.localId } })));
      expect(await foreign.snapshot()).toEqual(before);
      await expectStillRunning(world, otherName(actor));
      expect(otherReceived()).toEqual(receivedBefore);
      expect(JSON.stringify(received())).not.toContain(getMarker(otherName(actor)));
    });
  }
}

/** Expects that the tenant's local agent still runs, as the same process. */
async function expectStillRunning({ ids, ...world }: Twins, name: Name) {
  const where = { id: ids.localId };
  const { bridgeUrl, modelName } = await world[name].rows.agentInstance.findUniqueOrThrow({ where });
  const answer = await requestLocalBridge(bridgeUrl, '/readyz', 'bridge-secret');
  expect(JSON.parse(answer.text)).toMatchObject({ model: { name: modelName } });
}

for (const actor of ['first', 'second'] as const) {
  test(`bridges, agents and files of the ${actor} of two tenants with the same ids affect only that tenant`, async () => {
    await using world = await twins();
    const { app, bridge, ids } = world;
    const [own, foreign] = [world[actor], world[otherName(actor)]];
    const [marker, foreignMarker] = [getMarker(actor), getMarker(otherName(actor))];
    const foreignTask = await foreign.task();
    const textReport = (by: string) => ({ type: 'text' as const, offset: 0, delta: `${by} says` });
    // Both replies are in progress, and their text is in memory only.
    expect((await bridge.post(foreignTask, { taskId: ids.taskId, events: [textReport(foreignMarker)] })).status).toBe(
      200,
    );
    const text = async () => (await foreign.rows.agentTask.findUnique({ where: { id: ids.taskId } }))!.text;
    await until(async () => (await text()) === `${foreignMarker} says`);
    using otherStreams = foreign.listen();
    await until(() => Object.values(otherStreams.received()).every((events) => events.length > 0));
    const [before, receivedBefore] = [await foreign.snapshot(), otherStreams.received()];
    const unchanged = async (what: string) => expect([what, await foreign.snapshot()]).toEqual([what, before]);

    const task = await own.task();
    const report = async (...events: object[]) => bridge.post(task, { taskId: ids.taskId, events });
    expect((await report(textReport(marker))).status).toBe(200);
    expect(JSON.stringify(await own.client.session.messages.query({ sessionId: ids.sessionId }))).toContain(
      `${marker} says`,
    );
    const { approvalRequest } = ids;
    expect((await report({ ...approvalRequest, status: 'EXPIRED', n: 3 })).status).toBe(200);
    const secondRequest = { ...approvalRequest, approvalId: randomUUID() };
    expect((await report({ ...secondRequest, n: 4 })).status).toBe(200);
    await unchanged('reports');

    for (const token of [task.callbackToken, own.owner.bearer]) {
      const headers = { authorization: `Bearer ${token}` };
      const file = await fetch(app.url + toAttachmentPath(ids.attachmentId), { headers });
      expect([file.status, await file.text()]).toEqual([200, marker]);
    }
    const { instance } = own.client;
    expect((await instance.logs.query({ instanceId: ids.localId })).bridge).toEqual([marker]);
    const created = await instance.createTask.mutate({
      ...{ instanceId: ids.localId, message: 'x', requestId: randomUUID(), attachmentIds: [ids.unusedId] },
    });
    expect(created.taskId).toBeTruthy();
    await unchanged('files and logs');

    const { key } = await own.client.apiKey.create.mutate({
      ...{ name: 'k', scopes: ['instance:read' as const, 'session:read' as const], days: 1 },
    });
    await using mcp = await mcpClient(app.url, key);
    const { sessionId } = ids;
    const reads = [['list_instances'], ['list_sessions'], ['pending_approvals'], ['recent_failures']] as const;
    const answers = [
      ...(await Promise.all(reads.map(([name]) => mcp.call(name)))),
      await mcp.call('search_sessions', { query: 'tenant' }),
      await mcp.call('read_transcript', { sessionId }),
    ];
    for (const answer of answers) expect(JSON.stringify(answer)).not.toContain(foreignMarker);
    expect(JSON.stringify(answers)).toContain(marker);
    await unchanged('tools');

    // The bridge on another host: its requests, its answers and its successor.
    const post = async (path: string, body: object, token = own.bridgeToken) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const response = await fetch(app.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      return { status: response.status, body: await response.json() };
    };
    const checkIn = { ...createBridgeInfo(app.url), running: null, wait: false };
    const checkedIn = await post(CHECK_IN_PATH, checkIn);
    expect(checkedIn).toMatchObject({ status: 200, body: { requests: [{ path: `/${marker}` }] } });
    const [request] = checkedIn.body.requests as { id: string }[];
    expect((await post(RESPONSES_PATH, { responses: [{ id: request!.id, status: 200 }] })).status).toBe(200);
    const { code } = await instance.enroll.mutate({ instanceId: ids.remoteId });
    const secret = newSecret();
    expect((await enrollAt(app.url, code, secret)).body).toMatchObject({
      ...{ tenantId: own.tenantId, instanceId: ids.remoteId, name: marker },
    });
    const foreignToken = formatBridgeToken({ tenantId: foreign.tenantId, instanceId: ids.remoteId, secret });
    for (const path of [CHECK_IN_PATH, RESPONSES_PATH])
      expect((await post(path, checkIn, foreignToken)).status).toBe(401);
    await unchanged('bridge');

    expect((await report({ type: 'completed', text: marker, n: 5 })).status).toBe(200);
    await instance.remove.mutate({ instanceId: ids.remoteId });
    await instance.remove.mutate({ instanceId: ids.instanceId });
    await unchanged('ends');
    expect((await report({ type: 'heartbeat' })).status).toBe(410);
    expect(otherStreams.received()).toEqual(receivedBefore);
    expect((await post(CHECK_IN_PATH, checkIn)).status).toBe(401);
    expect((await post(CHECK_IN_PATH, checkIn, foreign.bridgeToken)).status).toBe(200);
    expect((await bridge.post(foreignTask, { taskId: ids.taskId, events: [{ type: 'heartbeat' }] })).status).toBe(200);
    const history = JSON.stringify(await foreign.client.session.messages.query({ sessionId }));
    expect(history).toContain(`${foreignMarker} says`);
    expect(history).not.toContain(marker);
  });
}
