import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { examine } from '@it0/server/cli/doctor/examine';
import type { Finding } from '@it0/server/cli/doctor/finding';
import { testApp } from '@it0/tests/support/app';
import { runCommand } from '@it0/tests/support/command';
import { createFixture } from '@it0/tests/support/fixture';
import { hasRedis, startRedis } from '@it0/tests/support/redis';
import { remoteBridge } from '@it0/tests/support/remote-bridge';
import { until } from '@it0/tests/support/until';
import { HttpResponse } from 'msw';
import { expect, test } from 'vitest';

const runDoctor = (env: Record<string, string>) => runCommand('doctor', [], env);

async function listProblems(findings: AsyncGenerator<Finding>): Promise<Record<string, string>> {
  const problems: [string, string][] = [];
  for await (const { subject, state, advice } of findings) if (advice) problems.push([subject, state]);
  return Object.fromEntries(problems);
}

test('doctor lists its checks and exits with 0 when all of them pass', async () => {
  await using app = await testApp();
  for (const { id } of await app.database.platform.organization.findMany()) {
    await app.database.tenant(id).agentInstance.updateMany({ data: { status: 'STOPPED' } });
  }
  const server = { DATABASE_URL: app.database.url, IT0_SECRET: app.secret };
  const { code, output } = await runDoctor({ ...server, IT0_ALLOW_UNISOLATED: 'yes' });
  for (const line of [
    '✓ isolation: agents on this machine',
    '✓ database: PostgreSQL',
    '✓ migrations: applied',
    '✓ bus: PostgreSQL',
    '✓ servers: 1 running',
  ]) {
    expect(output).toContain(line);
  }
  expect(code).toBe(0);
});

test('doctor warns when local agents can pretend to be the proxy, and not without local agents or with a proxy secret', async () => {
  await using app = await testApp();
  const { id } = await app.newInstance(await app.newUser());
  await app.tenant.agentInstance.updateMany({ data: { driver: 'remote', status: 'STOPPED' } });
  const findings = async (more: Record<string, string>) => {
    const env = { DATABASE_URL: app.database.url, IT0_SECRET: app.secret, IT0_DATA: app.dataDir, ...more };
    return (await runDoctor(env)).output.split('\n').filter((line) => line.includes(' proxy: '));
  };
  const loopback = { TRUST_PROXY: '10.99.0.0/16, loopback' };
  expect(await findings(loopback)).toEqual([expect.stringMatching(/^✓ proxy: .*no agents/)]);
  await app.tenant.agentInstance.update({ where: { id }, data: { driver: 'local' } });
  expect(await findings(loopback)).toEqual([
    expect.stringMatching(/^✗ proxy: agents on this machine can impersonate it/),
  ]);
  expect(await findings({ ...loopback, TRUST_PROXY_SECRET: 'a secret of the proxy' })).toEqual([]);
  expect(await findings({ TRUST_PROXY: '192.0.2.1' })).toEqual([]);
});

test('doctor reports a missing server or database and exits with 1', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'it0-doctor-'));
  expect(await runDoctor({ IT0_DATA: dir })).toMatchObject({ code: 1, output: expect.stringContaining('npm start') });
  const nowhere = await runDoctor({
    IT0_DATA: dir,
    IT0_DISK_FLOOR_MB: '900000000',
    DATABASE_URL: 'postgresql://127.0.0.1:1/none',
  });
  expect(nowhere).toMatchObject({
    code: 1,
    output: expect.stringMatching(
      /^✗ database: unavailable \(ECONNREFUSED\)\n {4}Start the database or correct DATABASE_URL.\n✗ disk: Only \d+ MB are free.*\n {4}Free up space .*\n. isolation:/,
    ),
  });
  rmSync(dir, { recursive: true });
});

test('doctor reports overdue tasks and bridges that do not respond', async () => {
  await using world = await createFixture();
  const { app, bridge, instance } = world;
  const { platform } = app.database;
  bridge.setTaskState(() => HttpResponse.json({ state: 'running' }, { status: 503 }));
  const [undispatched, overdue, waiting] = [await world.send(), await world.send(), await world.send()];
  await until(async () => (await app.tenant.agentTask.count({ where: { status: 'DISPATCHED' } })) === 3);
  await app.stop();
  await app.tenant.agentTask.updateMany({ data: { createdAt: new Date(0) } });
  await platform.dispatch.deleteMany({ where: { taskId: undispatched.taskId } });
  await app.tenant.agentTask.update({ where: { id: overdue.taskId }, data: { deadline: new Date(0) } });
  await platform.dispatch.updateMany({ where: { taskId: waiting.taskId }, data: { due: new Date(0) } });
  const problems = await listProblems(examine({ ...app, url: app.database.url, databaseUrl: app.database.url }));
  expect(problems).toMatchObject({
    servers: 'none is running on this database',
    [`instance ${instance.id}`]: 'its bridge does not respond',
    [`task ${undispatched.taskId}`]: expect.stringContaining('no server processes it'),
    [`task ${overdue.taskId}`]: expect.stringContaining('deadline'),
    [`task ${waiting.taskId}`]: expect.stringContaining('waiting'),
  });
});

test('doctor reports failed jobs with their error and what to do, and the jobs that run are not reported', async () => {
  await using app = await testApp();
  const { job } = app.database.platform;
  const failed = { failedAt: new Date(), lastError: 'the bucket does not respond' };
  const readMetrics = async () => (await fetch(`${app.url}/metrics`)).text();
  const done = 'it0_job_seconds_count{kind="attachment-cleanup",outcome="done"} 1';
  await until(async () => (await readMetrics()).includes(done));
  await job.updateMany({ where: { kind: 'attachment-cleanup' }, data: failed });
  const { id } = await job.create({
    data: { kind: 'export', tenantId: app.tenantId, key: 'a', runAt: null, ...failed },
  });
  await job.create({ data: { kind: 'export', tenantId: app.tenantId, key: 'b', lastError: 'retrying' } });
  const findings: Finding[] = [];
  for await (const finding of examine({ ...app, url: app.database.url, databaseUrl: app.database.url }))
    if (finding.subject.startsWith('job')) findings.push(finding);
  expect(findings).toEqual([
    {
      subject: 'job attachment-cleanup',
      state: 'failed: the bucket does not respond',
      advice: expect.stringContaining('next attempt is at'),
    },
    {
      subject: `job export of tenant ${app.tenantId}`,
      state: 'failed: the bucket does not respond',
      advice: expect.stringMatching(new RegExp(`No attempt follows.*UPDATE public."Job" .* WHERE "id" = ${id};$`)),
    },
  ]);
  const metrics = await readMetrics();
  expect(metrics).toContain('it0_jobs_failed 2');
  expect(metrics).toContain(done);
});

test('doctor checks the bridge of iAgent, and omits it when iAgent is off', async () => {
  await using app = await testApp();
  const { url } = app.database;
  const examineAssistant = async (secret = app.secret) => {
    const findings: Finding[] = [];
    for await (const finding of examine({ url, databaseUrl: url, secret })) findings.push(finding);
    return findings.filter(({ subject }) => subject === 'iAgent');
  };
  expect(await examineAssistant()).toEqual([]);

  const health = { ready: true, detail: null as string | null };
  const bridge = createServer((request, response) => {
    const isAllowed = request.headers.authorization === 'Bearer bridge-secret';
    const rest = { engine: { version: '2.1', connected: health.ready }, model: { name: 'opus', scripted: false } };
    response.writeHead(isAllowed ? 200 : 401).end(JSON.stringify({ ...health, ...rest }));
  });
  await once(bridge.listen(0, '127.0.0.1'), 'listening');
  await app.newAssistant({ bridgeUrl: `http://127.0.0.1:${(bridge.address() as AddressInfo).port}` });
  const subject = 'iAgent';
  expect(await examineAssistant()).toEqual([{ subject, state: 'claude-api, ready, model opus', advice: null }]);
  Object.assign(health, { ready: false, detail: 'Claude Code is not installed.' });
  expect(await examineAssistant()).toEqual([
    { subject, state: 'claude-api, not ready, model opus', advice: 'Claude Code is not installed.' },
  ]);
  expect(await examineAssistant('another secret, of the right length')).toMatchObject([
    { state: 'its secret cannot be decrypted', advice: expect.stringContaining('IT0_SECRET') },
  ]);
  bridge.close();
  bridge.closeAllConnections();
  expect(await examineAssistant()).toMatchObject([
    { state: 'its bridge does not respond', advice: expect.stringContaining('Restart the server') },
  ]);
});

test.skipIf(!hasRedis)('doctor reports a configuration that differs from the running server’s', async () => {
  await using app = await testApp();
  await using redis = await startRedis();
  const { url } = app.database;
  const findings = examine({ url, databaseUrl: url, redisUrl: redis.url, secret: 'another one' });
  let serversAdvice = '';
  for await (const { subject, advice } of findings) if (subject === 'servers') serversAdvice = advice ?? '';
  expect(serversAdvice).toMatch(/REDIS_URL.*IT0_SECRET/s);
});

test('doctor reports when a remote bridge last checked in, and what to do when it did not', async () => {
  const bridgePackage = { version: '1', path: '/bridge/1.tgz', file: '/nowhere' };
  await using app = await testApp({ bridgePackage });
  const client = app.client(await app.newUser());
  const { id: instanceId } = await client.instance.create.mutate({
    ...{ requestId: randomUUID(), name: 'Far away', driver: 'remote' },
  });
  const examineInstance = async () => {
    const findings: Finding[] = [];
    for await (const finding of examine({ ...app, url: app.database.url, databaseUrl: app.database.url }))
      if (finding.subject === `instance ${instanceId}`) findings.push(finding);
    return findings;
  };
  expect(await examineInstance()).toMatchObject([
    { state: 'DEPLOYING on no machine yet, never seen', advice: expect.stringContaining('Run the command') },
  ]);
  const bridge = await remoteBridge(app.url, (await client.instance.enroll.mutate({ instanceId })).code);
  bridge.setRunning(0);
  await bridge.checkIn({ wait: false });
  expect(await examineInstance()).toMatchObject([
    { state: expect.stringMatching(/^RUNNING on web-1, last seen \d s ago$/), advice: null },
  ]);
  await app.database.platform.remoteBridge.updateMany({ data: { lastSeenAt: new Date(Date.now() - 60_000) } });
  await until(async () => (await client.instance.byId.query({ instanceId })).status === 'ERROR');
  expect(await examineInstance()).toMatchObject([
    { state: expect.stringMatching(/^ERROR on web-1/), advice: expect.stringContaining('its bridge is running') },
  ]);
});
