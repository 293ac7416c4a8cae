import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attachmentKey } from '@it0/api/agent/attachment/store';
import { signCallbackToken } from '@it0/api/agent/dispatch/callback-token';
import { createSignInLink } from '@it0/api/auth/sign-in-link';
import type { TaskRequest } from '@it0/contracts/bridge';
import type { Driver } from '@it0/contracts/instance';
import { formatBridgeToken } from '@it0/contracts/remote-bridge';
import { toTenantSchema } from '@it0/db/sql';
import { listTables } from '@it0/db/tenant-sources';
import { hashToken } from '@it0/node/token';
import { createLocalDriver } from '@it0/server/instances/drivers/local';
import { toLogFile } from '@it0/server/instances/drivers/local/bridge-process';
import { type TestApp, type TestUser, testApp } from '@it0/tests/support/app';
import { approvalReport } from '@it0/tests/support/approval';
import { fakeBridge } from '@it0/tests/support/fake-bridge';
import { follow } from '@it0/tests/support/follow';
import { followApprovals } from '@it0/tests/support/follow-approvals';
import { setRules } from '@it0/tests/support/set-rules';
import { until } from '@it0/tests/support/until';
import { createForm, upload } from '@it0/tests/support/upload';
import { HttpResponse } from 'msw';
import type { Actors } from './actors.ts';
import { password } from './actors.ts';

export type Name = 'first' | 'second';
export type Twins = Awaited<ReturnType<typeof twins>>;
/** Returns the marker in all texts and files of a tenant. Both have the same length, since file sizes have to match. */
export const getMarker = (name: Name) => (name === 'first' ? 'marker-of-tenant-1' : 'marker-of-tenant-2');

const main = fileURLToPath(new URL('../../apps/server/src/instances/drivers/local.fixture.ts', import.meta.url));
const bridgePackage = { version: '1', path: '/bridge/1.tgz', file: '/nowhere' };
const timeouts = { readyMs: 600_000, silentMs: 600_000, deadMs: 600_000, responseMs: 600_000 };
const distant = `now() + interval '1 day'`;

/**
 * Sets up two tenants with the same ids for everything: instances of every kind, sessions, tasks, approvals, files and
 * shares. No change in one may affect the other.
 */
export async function twins() {
  const stack = new AsyncDisposableStack();
  const bridge = stack.use(fakeBridge());
  const app: TestApp = stack.use(
    await testApp({
      ...{ tasksPerMinute: 100_000, bridgePackage, availableMemory: async () => 1e12, bridgeAllow: ['127.0.0.1'] },
      // With these times no row changes by itself once the instance runs, even on a slow machine.
      localDriver: (driver) => createLocalDriver({ ...driver, env: {}, main, timeouts, usageIntervalMs: 2 ** 31 - 1 }),
    }),
  );
  await app.newAssistant({ bridgeUrl: bridge.url });
  bridge.setTaskState(() => HttpResponse.json({ taskId: ids.taskId, state: 'running', lastN: 9, ackedN: 0 }));

  const tenantIds = { first: app.tenantId, second: await app.database.createTenant({ name: getMarker('second') }) };
  const newOwner = (name: Name) => app.newUser({ password, inTenant: tenantIds[name], name: getMarker(name) });
  const owners = { first: await newOwner('first'), second: await newOwner('second') };
  // A second owner, so that the first can leave.
  for (const name of ['first', 'second'] as const) await newOwner(name);
  const ids = await fill(app, bridge, owners.first);
  await copy(app, tenantIds, owners);
  await storeFiles(app, tenantIds, ids);
  for (const owner of Object.values(owners)) await invite(app.client(owner), 'invited-by-both@example.com');
  for (const tenantId of Object.values(tenantIds)) await prepareLocal(app, tenantId, ids.localId);

  const tenant = (name: Name) => {
    const [tenantId, owner] = [tenantIds[name], owners[name]];
    const { taskId, sessionId, instanceId } = ids;
    const client = app.client(owner);
    return {
      ...{ tenantId, owner, client },
      rows: app.database.tenant(tenantId),
      /** Returns the running task as the bridge of this tenant's instance received it. */
      async task(): Promise<TaskRequest> {
        const deadline = new Date(Date.now() + 3_600_000);
        const received = bridge.tasks.find((task) => task.taskId === taskId)!;
        const capability = { tenantId, instanceId, sessionId, taskId };
        return { ...received, callbackToken: await signCallbackToken(app.services.keys, capability, deadline) };
      },
      bridgeToken: formatBridgeToken({ tenantId, instanceId: ids.remoteId, secret: getBridgeSecret(name) }),
      snapshot: () => snapshot(app, tenantId),
      listen: () => listen(client, ids.sessionId),
      inputs: createInputs(app, client, owner, ids),
    };
  };
  const pair = { first: tenant('first'), second: tenant('second') };
  return { app, bridge, ids, ...pair, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const invite = (client: ReturnType<TestApp['client']>, email: string) =>
  client.invitation.create.mutate({ email, role: 'viewer' });

type Ids = Awaited<ReturnType<typeof fill>>;
const getBridgeSecret = (name: Name) => `secret-of-the-bridge-${name}`;

/** Creates everything that a tenant can have in the first tenant. */
async function fill(app: TestApp, bridge: ReturnType<typeof fakeBridge>, owner: TestUser) {
  const { tenant, url } = app;
  const client = app.client(owner);
  const marker = getMarker('first');
  await app.database.platform.organization.update({ where: { id: owner.tenantId }, data: { name: marker } });
  const newInstance = async (driver: Driver, more = {}) => {
    // The reconciler leaves a remote one alone until the row is complete.
    const { id } = await app.newInstance(owner, { driver: 'remote', bridgeUrl: bridge.url });
    await tenant.agentInstance.update({ where: { id }, data: { name: marker, driver, ...more } });
    return id;
  };
  const instanceId = await newInstance('remote');
  const localId = await newInstance('local', { status: 'DEPLOYING', transport: null, bridgeUrl: null });
  const bridgeSecret = app.services.keys.seal(getBridgeSecret('first'));
  const remoteId = await newInstance('remote', { transport: 'poll', bridgeUrl: null, bridgeSecret });
  const codeHash = hashToken('code of the first');
  const { platform } = app.database;
  await platform.remoteBridge.create({ data: { tenantId: owner.tenantId, instanceId: remoteId, codeHash } });
  const bridgeRequest = { method: 'GET', path: `/${marker}` };
  const request = app.services.keys.seal(JSON.stringify(bridgeRequest));
  // Otherwise it would expire while a slow machine gets to it.
  const createdAt = new Date(Date.now() + 24 * 60 * 60_000);
  await tenant.bridgeRequest.create({ data: { instanceId: remoteId, request, createdAt } });

  const shareId = randomUUID();
  await tenant.instanceShare.create({ data: { id: shareId, instanceId: localId, role: 'viewer' } });
  const rule = { kind: 'exec', pattern: marker, action: 'ask' } as const;
  for (const id of [localId, instanceId]) await setRules(client, id, [rule]);

  const authHeaders = { authorization: `Bearer ${owner.bearer}` };
  const newFile = async () => (await upload(url, authHeaders, createForm(`${marker}.txt`, marker))).body.id as string;
  const [attachmentId, unusedId] = [await newFile(), await newFile()];
  const send = (message: string, to: object = {}) =>
    client.instance.createTask.mutate({ instanceId, message: `${message} ${marker}`, requestId: randomUUID(), ...to });
  const { sessionId, taskId } = await send('runs', { attachmentIds: [attachmentId] });
  const task = await bridge.task(`runs ${marker}`);
  const { taskId: queuedId } = await send('waits', { sessionId });
  const approvalRequest = approvalReport({ command: 'marker', allowedDecisions: ['deny'], expiresInMs: 3_600_000 });
  await bridge.report(task, { type: 'task', status: 'RUNNING' }, approvalRequest);
  const privateTask = await client.assistant.createTask.mutate({ message: `asks ${marker}`, requestId: randomUUID() });
  await bridge.task(`asks ${marker}`);
  await until(async () => (await tenant.agentTask.count({ where: { status: 'DISPATCHED' } })) === 1);
  return {
    ...{ instanceId, localId, remoteId, shareId, attachmentId, unusedId },
    ...{ sessionId, taskId, queuedId, approvalRequest, approvalId: approvalRequest.approvalId },
    assistantSessionId: privateTask.sessionId,
  };
}

type Pair<T> = Record<Name, T>;

/** Copies every row of the first tenant to the second under the same id, with the second's owner and marker. */
async function copy({ database, services }: TestApp, tenantIds: Pair<string>, owners: Pair<TestUser>) {
  const { pool, platform } = database;
  const [from, to] = [toTenantSchema(tenantIds.first), toTenantSchema(tenantIds.second)];
  const translated = `replace(replace(row_to_json(r)::text, '${getMarker('first')}', '${getMarker('second')}'), '${owners.first.id}', '${owners.second.id}')`;
  const tables = (await listTables(pool, from)).filter((table) => table !== '_prisma_migrations');
  const copies = tables.map(
    (table) => `INSERT INTO ${to}."${table}"
      SELECT (json_populate_record(NULL::${to}."${table}", ${translated}::json)).* FROM ${from}."${table}" r`,
  );
  await pool.query(
    `BEGIN; SET LOCAL session_replication_role = replica; ${copies.join(';')};
     INSERT INTO public."Dispatch" ("tenantId", "sessionId", "taskId")
       SELECT '${tenantIds.second}', "sessionId", "taskId" FROM public."Dispatch" ORDER BY "id";
     UPDATE public."Dispatch" SET "due" = ${distant};
     UPDATE public."Organization" SET "desiredRevision" = "desiredRevision" + 1;
     COMMIT`,
  );
  const seal = services.keys.seal;
  const { instanceId } = (await platform.remoteBridge.findFirst())!;
  const code = { codeHash: hashToken('code of the second') };
  await platform.remoteBridge.create({ data: { tenantId: tenantIds.second, instanceId, ...code } });
  const second = database.tenant(tenantIds.second);
  await second.agentInstance.update({
    where: { id: instanceId },
    data: { bridgeSecret: seal(getBridgeSecret('second')) },
  });
  const request = seal(JSON.stringify({ method: 'GET', path: `/${getMarker('second')}` }));
  await second.bridgeRequest.updateMany({ data: { request } });
}

async function storeFiles({ dataDir, services }: TestApp, tenantIds: Pair<string>, { attachmentId, unusedId }: Ids) {
  for (const id of [attachmentId, unusedId]) {
    const file = join(dataDir, id);
    writeFileSync(file, getMarker('second'));
    await services.attachments.put(attachmentKey(tenantIds.second, id), file);
  }
}

/** Waits until the local instance runs, then writes a file to its workspace and a line to its log. */
async function prepareLocal({ dataDir, database, tenantId: first }: TestApp, tenantId: string, id: string) {
  const where = { id, status: 'RUNNING', modelName: { startsWith: 'start' } } as const;
  await until(async () => (await database.tenant(tenantId).agentInstance.count({ where })) > 0);
  const folder = join(dataDir, 'instances', tenantId, id);
  const marker = getMarker(tenantId === first ? 'first' : 'second');
  mkdirSync(join(folder, 'workspace'), { recursive: true });
  writeFileSync(join(folder, 'workspace', 'plans.txt'), marker);
  writeFileSync(toLogFile(folder), `${marker}\n`);
}

/** Returns all rows and files of a tenant. */
async function snapshot({ database: { pool }, dataDir }: TestApp, tenantId: string) {
  const schema = toTenantSchema(tenantId);
  const own = (await listTables(pool, schema)).map((table) => [table, `${schema}."${table}"`, 'true'] as const);
  const platform = [
    ...['Dispatch', 'RemoteBridge', 'ApiKey'].map((table) => [table, 'tenantId'] as const),
    ...['Member', 'Invitation'].map((table) => [table, 'organizationId'] as const),
    ['Organization', 'id'] as const,
  ].map(([table, column]) => [table, `public."${table}"`, `r."${column}" = '${tenantId}'`] as const);
  const rows: Record<string, string[]> = {};
  for (const [table, from, where] of [...own, ...platform]) {
    const result = await pool.query(`SELECT row_to_json(r)::text AS "row" FROM ${from} r WHERE ${where} ORDER BY 1`);
    rows[table] = result.rows.map(({ row }) => row);
  }
  const files = ['instances', 'attachments'].flatMap((folder) => filesIn(join(dataDir, folder, tenantId)));
  return { rows, files };
}

const filesIn = (dir: string) =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(dir, name)).isFile())
    .sort()
    .map((name) => [name, readFileSync(join(dir, name), 'utf8')]);

/** Opens the subscriptions of a page. */
function listen(client: ReturnType<TestApp['client']>, sessionId: string) {
  const events = follow(client, sessionId, '0');
  const approvals = followApprovals(client);
  const lists: unknown[] = [];
  const status = client.instance.onStatus.subscribe(undefined, { onData: (list) => void lists.push(list) });
  const drafts: unknown[] = [];
  const draft = client.draft.onChange.subscribe({ sessionId }, { onData: (one) => void drafts.push(one) });
  return {
    /** Returns everything received so far by procedure. */
    received: () => ({
      'session.onEvent': [...events.batches, ...events.errors],
      'approval.onChange': [...approvals.all, ...approvals.errors],
      'instance.onStatus': [...lists],
      'draft.onChange': [...drafts],
    }),
    [Symbol.dispose]() {
      events.end();
      approvals[Symbol.dispose]();
      status.unsubscribe();
      draft.unsubscribe();
    },
  };
}

/** Returns inputs for the table of all procedures, from the rows that both tenants have already. */
function createInputs(
  app: TestApp,
  client: ReturnType<TestApp['client']>,
  owner: TestUser,
  ids: Ids,
): Actors['inputs'] {
  const { localId: instanceId, remoteId, shareId, sessionId, queuedId, approvalId } = ids;
  return {
    owner: () => ({ email: owner.email, password }),
    signInLink: async () => ({ token: await createSignInLink(app.database, owner.id) }),
    tenant: () => ({ tenantId: owner.tenantId }),
    instance: async () => ({ instanceId }),
    remoteInstance: async () => ({ instanceId: remoteId }),
    assistant: async () => ({ message: 'x', requestId: randomUUID() }),
    assistantSession: async () => ({ sessionId: ids.assistantSessionId }),
    share: async () => ({ instanceId, shareId }),
    task: async () => ({ sessionId, taskId: queuedId, task: {} as TaskRequest }),
    prompt: async () => ({ promptId: (await client.prompt.create.mutate({ name: 'p', text: 'x' })).id }),
    queued: async () => ({ taskId: queuedId }),
    approval: async () => ({ approvalId }),
    member: async () => ({ userId: (await app.newUser({ role: 'viewer', inTenant: owner.tenantId })).id }),
    invitation: async () => ({ id: (await invite(client, `${randomUUID()}@example.com`)).id }),
    apiKey: async () => ({
      id: (await client.apiKey.create.mutate({ name: 'k', scopes: ['instance:read'], days: 1 })).id,
    }),
    async device() {
      await app.newLogin(owner.id);
      return { id: (await client.device.list.query()).find(({ isThis }) => !isThis)!.id };
    },
  };
}
