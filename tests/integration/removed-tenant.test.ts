import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toApprovalsChannel, toInstancesChannel, toSessionChannel } from '@it0/bus/bus';
import { createDatabase } from '@it0/db/database';
import { toTenantSchema } from '@it0/db/sql';
import { runRemoval } from '@it0/server/cli/tenants/remove';
import { callProcedure } from '@it0/server/http/call-procedure';
import type { LocalDriver } from '@it0/server/instances/drivers/driver';
import { createLocalDriver } from '@it0/server/instances/drivers/local';
import { createLog } from '@it0/server/log';
import { testApp } from '@it0/tests/support/app';
import { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { sandbox } from '@it0/tests/support/sandbox';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';

/** Creates a driver that only records its calls. */
function recordingDriver() {
  const calls: string[] = [];
  const driver: LocalDriver = {
    start: ({ key }) => void calls.push(`start ${key}`),
    stop: async (key) => void calls.push(`stop ${key}`),
    remove: async (key) => void calls.push(`remove ${key}`),
    removeTenant: async (tenantId) => void calls.push(`remove tenant ${tenantId}`),
    async [Symbol.asyncDispose]() {},
  };
  return { calls, localDriver: () => driver };
}

test('removing a tenant stops its agents, notifies its bridges and disconnects its people', async () => {
  const lines: { level: number }[] = [];
  const { calls, localDriver } = recordingDriver();
  await using world = await createFixture({
    localDriver,
    log: createLog('warn', { write: (line) => lines.push(JSON.parse(line)) }),
  });
  const { app, bridge, client, instance, user } = world;
  await app.restart();
  await until(() => calls.includes(`start ${app.tenantId}/${instance.id}`));
  const { task, taskId, sessionId } = await world.send();
  await bridge.report(task, { type: 'task', status: 'RUNNING' }, { type: 'text', offset: 0, delta: 'One' });
  using events = follow(client, sessionId, '0');
  await events.next('text');
  const person = await app.services.findUser({ login: user.bearer });

  const output: string[] = [];
  const remove = (yes: boolean) =>
    runRemoval(
      app.database,
      { id: app.tenantId, yes },
      { dataDir: app.dataDir, attachments: app.services.attachments },
      (line) => void output.push(line),
    );
  await remove(false);
  expect(output).toContain('    tenant.AgentTask: 1 row');
  expect(await app.tenant.agentTask.count()).toBe(1);
  await remove(true);
  expect(output.at(-2)).toMatch(/^✓ Acme was deleted\. Its \d+ rows were exported to .*\/exports\/.*\.jsonl\.gz$/);

  for (const report of [{ type: 'completed', text: 'done', n: 2 }, { type: 'heartbeat' }]) {
    const response = await bridge.post(task, { taskId, events: [report] });
    expect([response.status, await response.json()]).toMatchObject([410, { reason: 'TASK_ENDED' }]);
  }
  const input = { instanceId: instance.id, message: 'x', requestId: randomUUID() };
  const context = { services: app.services, person, caller: null };
  const call = callProcedure(context, { type: 'mutation', path: 'instance.createTask', input });
  await expect(call).rejects.toMatchObject({ reason: 'TENANT_NOT_FOUND' });
  expect(await until(() => events.errors[0])).toMatchObject({ data: { reason: 'NO_TENANT' } });
  expect((await client.auth.me.query()).tenant).toBeNull();
  await until(() => calls.includes(`remove tenant ${app.tenantId}`));
  expect(await app.database.platform.dispatch.count()).toBe(0);
  expect(lines).toEqual([]);
});

const main = fileURLToPath(new URL('../../apps/server/src/instances/drivers/local.fixture.ts', import.meta.url));

for (const runs of ['runs', 'does not run']) {
  test(`removing a tenant deletes the folders of its instances and no others while the server ${runs}`, async () => {
    await using app = await testApp({
      availableMemory: async () => 1e12,
      localDriver: (driver) => createLocalDriver({ ...driver, sandbox, env: {}, main }),
    });
    const { database, dataDir } = app;
    const other = await database.createTenant({ name: 'Other' });
    // Both have an instance with the same id and a file in its folder.
    const ownerId = (await app.newUser()).id;
    const id = randomUUID();
    const bridgeSecret = app.services.keys.seal('secret');
    const data = {
      id,
      requestId: id,
      ownerId,
      name: 'x',
      engineType: 'openclaw',
      driver: 'local' as const,
      bridgeSecret,
    };
    const getFile = (tenantId: string) => join(dataDir, 'instances', tenantId, id, 'plans.txt');
    for (const tenantId of [app.tenantId, other]) {
      await database.tenant(tenantId).agentInstance.create({ data });
      await database.platform.organization.update({
        where: { id: tenantId },
        data: { desiredRevision: { increment: 1 } },
      });
      await until(() => existsSync(dirname(getFile(tenantId))));
      writeFileSync(getFile(tenantId), tenantId);
    }
    if (runs !== 'runs') await app.stop();
    const options = { dataDir, attachments: app.services.attachments };
    await using db = createDatabase({ url: database.url });
    await runRemoval(db, { id: app.tenantId, yes: true }, options, () => {});
    const folder = join(dataDir, 'instances', app.tenantId);
    if (runs === 'runs') await until(() => !existsSync(folder));
    expect(existsSync(folder)).toBe(false);
    expect(readFileSync(getFile(other), 'utf8')).toBe(other);
  });
}

test('a tenant is unavailable while it is removed, and available again when that fails', async () => {
  await using world = await createFixture();
  const { app, bridge, client } = world;
  const { task, taskId } = await world.send();
  const schema = toTenantSchema(app.tenantId);
  await app.database.pool.query(`ALTER SCHEMA ${schema} RENAME TO removing_${schema}`);
  const end = { taskId, events: [{ type: 'completed', text: 'done', n: 1 }] };
  const refused = await bridge.post(task, end);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '60']);
  await expect(client.instance.list.query()).rejects.toMatchObject({ data: { reason: 'TENANT_UNAVAILABLE' } });
  await app.database.pool.query(`ALTER SCHEMA removing_${schema} RENAME TO ${schema}`);
  expect((await bridge.post(task, end)).status).toBe(200);
});

test('each stream of a tenant whose tables are missing ends with TENANT_UNAVAILABLE', async () => {
  await using world = await createFixture();
  const { app, client } = world;
  const { taskId, sessionId } = await world.send();
  const started: string[] = [];
  const ended: [string, unknown][] = [];
  const listen = (name: string) => ({
    onData: () => void started.push(name),
    onError: (error: unknown) => void ended.push([name, error]),
  });
  client.instance.onStatus.subscribe(undefined, listen('status'));
  client.approval.onChange.subscribe(undefined, listen('approvals'));
  client.session.onEvent.subscribe({ sessionId, lastEventId: '0' }, listen('session'));
  await until(() => new Set(started).size === 3);
  await app.database.pool.query(`ALTER SCHEMA ${toTenantSchema(app.tenantId)} RENAME TO removing`);
  const { bus } = app.services;
  bus.publish(toInstancesChannel(app.tenantId), []);
  bus.publish(toApprovalsChannel(app.tenantId), []);
  const later = { seq: 100, at: new Date().toISOString(), taskId, type: 'task', status: 'RUNNING' } as const;
  bus.publish(toSessionChannel(app.tenantId, sessionId), [later]);
  await until(() => ended.length === 3);
  const unavailable = { data: { reason: 'TENANT_UNAVAILABLE' } };
  expect(Object.fromEntries(ended)).toMatchObject({
    ...{ status: unavailable, approvals: unavailable, session: unavailable },
  });
});
