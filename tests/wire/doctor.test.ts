import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { examine } from '@it0/server/doctor/examine';
import type { Finding } from '@it0/server/doctor/finding';
import { testApp } from '@it0/tests/support/app';
import { runCommand } from '@it0/tests/support/command';
import { hasRedis, startRedis } from '@it0/tests/support/redis';
import { scene } from '@it0/tests/support/scene';
import { until } from '@it0/tests/support/until';
import { HttpResponse } from 'msw';
import { expect, test } from 'vitest';

const runDoctor = (env: Record<string, string>) => runCommand('doctor', [], env);

async function wrong(findings: AsyncGenerator<Finding>): Promise<Record<string, string>> {
  const seen: [string, string][] = [];
  for await (const { what, seen: how, todo } of findings) if (todo) seen.push([what, how]);
  return Object.fromEntries(seen);
}

test('where all is well, the doctor says what it saw and ends with 0', async () => {
  await using app = await testApp();
  for (const { id } of await app.database.platform.organization.findMany()) {
    await app.database.tenant(id).agentInstance.updateMany({ data: { status: 'STOPPED' } });
  }
  const { code, output } = await runDoctor({ DATABASE_URL: app.database.url, IT0_SECRET: app.secret });
  for (const line of ['✓ database: PostgreSQL', '✓ migrations: applied', '✓ bus: PostgreSQL', '✓ servers: one runs']) {
    expect(output).toContain(line);
  }
  expect(code).toBe(0);
});

test('where no server runs, or no database, the doctor says so and ends with 1', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'it0-doctor-'));
  expect(await runDoctor({ IT0_DATA: dir })).toMatchObject({ code: 1, output: expect.stringContaining('npm start') });
  const nowhere = await runDoctor({ IT0_DATA: dir, DATABASE_URL: 'postgresql://127.0.0.1:1/none' });
  expect(nowhere).toEqual({
    code: 1,
    output: '✗ database: cannot be used (ECONNREFUSED)\n    Start the database, or correct DATABASE_URL.\n',
  });
  rmSync(dir, { recursive: true });
});

test('the doctor finds tasks that nobody looks after, and bridges that do not answer', async () => {
  await using stage = await scene();
  const { app, bridge, instance } = stage;
  const { platform } = app.database;
  bridge.knows(() => HttpResponse.json({ state: 'running' }, { status: 503 }));
  const [unseen, overdue, waiting] = [await stage.send(), await stage.send(), await stage.send()];
  await until(async () => (await app.tenant.agentTask.count({ where: { status: 'DISPATCHED' } })) === 3);
  await app.stop();
  await app.tenant.agentTask.updateMany({ data: { createdAt: new Date(0) } });
  await platform.dispatch.delete({ where: { taskId: unseen.taskId } });
  await app.tenant.agentTask.update({ where: { id: overdue.taskId }, data: { deadline: new Date(0) } });
  await platform.dispatch.update({ where: { taskId: waiting.taskId }, data: { due: new Date(0) } });
  const found = await wrong(examine({ ...app, url: app.database.url, databaseUrl: app.database.url }));
  expect(found).toMatchObject({
    servers: 'none runs on this database',
    [`instance ${instance.id}`]: 'its bridge does not answer',
    [`task ${unseen.taskId}`]: expect.stringContaining('no server knows'),
    [`task ${overdue.taskId}`]: expect.stringContaining('deadline'),
    [`task ${waiting.taskId}`]: expect.stringContaining('waiting'),
  });
});

test.skipIf(!hasRedis)('the doctor tells a configuration that is not the running server’s', async () => {
  await using app = await testApp();
  await using redis = await startRedis();
  const { url } = app.database;
  const findings = examine({ url, databaseUrl: url, redisUrl: redis.url, secret: 'another one' });
  let said = '';
  for await (const { what, todo } of findings) if (what === 'servers') said = todo ?? '';
  expect(said).toMatch(/REDIS_URL.*IT0_SECRET/s);
});
