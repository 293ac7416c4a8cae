import { randomUUID } from 'node:crypto';
import { toTenantSchema } from '@it0/db/sql';
import { examine } from '@it0/server/cli/doctor/examine';
import { createLog } from '@it0/server/log';
import { type TestApp, testApp } from '@it0/tests/support/app';
import { type FakeBridge, fakeBridge } from '@it0/tests/support/fake-bridge';
import { until } from '@it0/tests/support/until';
import { HttpResponse } from 'msw';
import { expect, test } from 'vitest';

/** Sets up a tenant with a person and an instance. */
async function newTenant(app: TestApp, bridge: FakeBridge, tenantId: string) {
  const user = await app.newUser({ inTenant: tenantId });
  const instance = await app.newInstance(user, { bridgeUrl: bridge.url });
  const client = app.client(user);
  const newTask = (message: string, sessionId?: string) =>
    client.instance.createTask.mutate({ instanceId: instance.id, sessionId, message, requestId: randomUUID() });
  return { id: tenantId, schema: toTenantSchema(tenantId), user, client, instance, newTask };
}

test('a tenant with a failed migration is unavailable until it is repaired, and other tenants work', async () => {
  const lines: { level: number; msg: string; tenantId?: string }[] = [];
  using bridge = fakeBridge();
  await using app = await testApp({ log: createLog('warn', { write: (line) => lines.push(JSON.parse(line)) }) });
  const { database } = app;
  const one = await newTenant(app, bridge, app.tenantId);
  const two = await newTenant(app, bridge, await database.createTenant({ name: 'Two' }));
  const broken = await newTenant(app, bridge, await database.createTenant({ name: 'Broken' }));
  const first = await broken.newTask('first');
  const task = await bridge.task('first');
  await bridge.report(task, { type: 'task', status: 'RUNNING' });
  await broken.newTask('second', first.sessionId);

  await app.stop();
  const table = `${broken.schema}."_prisma_migrations"`;
  await database.pool.query(`DELETE FROM ${table} WHERE migration_name LIKE '%_instance_shares'`);
  await app.restart();
  expect(lines).toMatchObject([{ level: 50, msg: 'a tenant could not be migrated', tenantId: broken.id }]);

  for (const { newTask } of [one, two]) {
    const message = randomUUID();
    await newTask(message);
    await bridge.report(await bridge.task(message), { type: 'completed', text: 'done' });
  }
  bridge.setTaskState(() => HttpResponse.json({ taskId: task.taskId, state: 'running', lastN: 2, ackedN: 1 }));
  const list = await fetch(`${app.url}/trpc/instance.list`, { headers: { cookie: broken.user.cookie } });
  expect([list.status, list.headers.get('retry-after'), await list.json()]).toMatchObject([
    503,
    '60',
    { error: { data: { reason: 'TENANT_UNAVAILABLE', retryAfter: 60 } } },
  ]);
  expect((await broken.client.auth.me.query()).tenant?.id).toBe(broken.id);
  const end = { taskId: task.taskId, events: [{ type: 'completed', text: 'done at last', n: 2 }] };
  const refused = await bridge.post(task, end);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '60']);
  expect(await (await fetch(`${app.url}/metrics`)).text()).toContain('it0_tasks{status="RUNNING"} 1');
  const findings: string[] = [];
  const options = { databaseUrl: database.url, url: database.url, redisUrl: undefined, secret: app.secret };
  for await (const { subject, state } of examine(options)) findings.push(`${subject}: ${state}`);
  expect(findings).toContain(`tenant ${broken.id}: broken: relation "InstanceShare" already exists`);
  await database.platform.dispatch.updateMany({ where: { tenantId: broken.id }, data: { due: new Date(0) } });
  const later = await one.newTask('after a sweep or more');
  await until(async () => {
    const rows = await database.platform.dispatch.findMany({ where: { taskId: later.taskId, attempt: { gt: 0 } } });
    return rows.length > 0;
  });
  expect(lines.length).toBe(1);

  await database.pool.query(`DROP TABLE ${broken.schema}."InstanceShare"`);
  await app.restart();
  expect((await bridge.post(task, end)).status).toBe(200);
  expect(bridge.tasks.filter(({ message }) => message === 'first').length).toBe(1);
  await bridge.report(await bridge.task('second'), { type: 'completed', text: 'done too' });
  const { messages } = await broken.client.session.messages.query({ sessionId: first.sessionId });
  expect(messages.map(({ parts }) => parts)).toMatchObject(
    ['first', 'done at last', 'second', 'done too'].map((text) => [{ type: 'text', text }]),
  );
  expect(lines.length).toBe(1);
});

test('a first start creates the owner even when no tenant is available', async () => {
  await using app = await testApp();
  const { pool, platform } = app.database;
  await app.stop();
  await platform.member.deleteMany();
  for (const { id } of await platform.organization.findMany()) {
    await pool.query(`UPDATE ${toTenantSchema(id)}."_prisma_migrations" SET checksum = 'other'`);
  }
  await app.restart();
  const { organizationId } = await platform.member.findFirstOrThrow({ where: { role: 'owner' } });
  expect(await app.database.tenant(organizationId).agentInstance.count()).toBe(1);
});
