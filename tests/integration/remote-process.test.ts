import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRemote } from '@it0/bridge/testing/remote-process';
import { findFreePort } from '@it0/node/free-port';
import { testApp } from '@it0/tests/support/app';
import { follow } from '@it0/tests/support/follow';
import { getRefusal } from '@it0/tests/support/refusal';
import { until } from '@it0/tests/support/until';
import { createForm, upload } from '@it0/tests/support/upload';
import { expect, test } from 'vitest';

// Uses the real server and bridge, with the engine that starts fastest.
const bridgePackage = { version: '0.1.0-test', path: '/bridge/0.1.0-test.tgz', file: '/nowhere' };

/** Sets up a remote agent and the command that starts its bridge. */
async function createWorld(options: Parameters<typeof testApp>[0] = {}) {
  const stack = new AsyncDisposableStack();
  const app = stack.use(await testApp({ bridgePackage, ...options }));
  const owner = await app.newUser();
  const client = app.client(owner);
  const { id: instanceId } = await client.instance.create.mutate({
    ...{ requestId: randomUUID(), name: 'Far away', driver: 'remote' },
  });
  const { code } = await client.instance.enroll.mutate({ instanceId });
  const dir = await mkdtemp(join(tmpdir(), 'it0-remote-'));
  stack.defer(() => rmSync(dir, { recursive: true, force: true }));
  const command = ['--server', app.url, '--enroll', code, '--dir', dir];
  const waitForStatus = (status: string) =>
    until(async () => {
      const instance = await client.instance.byId.query({ instanceId });
      return instance.status === status && instance;
    });
  async function send(message: string, attachmentIds: string[] = []) {
    const task = await client.instance.createTask.mutate({
      ...{ instanceId, message, attachmentIds, requestId: randomUUID() },
    });
    return { ...task, events: stack.use(follow(client, task.sessionId, '0')) };
  }
  return {
    app,
    owner,
    client,
    instanceId,
    command,
    waitForStatus,
    send,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('a remote agent runs, replies, reads attachments, stops, starts and is removed', async () => {
  await using world = await createWorld();
  const { app, owner, client, instanceId } = world;
  await using remote = startRemote(world.command);
  expect(await world.waitForStatus('RUNNING')).toMatchObject({
    scripted: true,
    statusReason: null,
    host: expect.any(String),
  });
  await (await world.send('What can you do?')).events.next('completed');

  const authHeaders = { authorization: `Bearer ${owner.bearer}` };
  const { id } = (await upload(app.url, authHeaders, createForm('notes.txt', 'disk 91 %'))).body;
  const withFile = await world.send('Hello', [id]);
  expect(await withFile.events.next('completed')).toMatchObject({ text: expect.stringContaining('notes.txt') });

  const slow = await world.send('slow');
  await slow.events.next('text');
  await client.task.cancel.mutate({ taskId: slow.taskId });
  await slow.events.next('error', ({ status }) => status === 'CANCELLED');
  expect((await client.instance.logs.query({ instanceId })).bridge.join('\n')).toContain('task ended');

  await client.instance.stop.mutate({ instanceId });
  await remote.waitForLine('The agent is stopped.');
  await client.instance.start.mutate({ instanceId });
  await world.waitForStatus('RUNNING');
  await client.instance.restart.mutate({ instanceId });
  await world.waitForStatus('RUNNING');
  await (await world.send('What can you do?')).events.next('completed');

  await client.instance.remove.mutate({ instanceId });
  expect(await remote.exited).toBe(1);
});

test('a bridge that was killed during a reply restarts with the same command, and the task ends', async () => {
  await using world = await createWorld();
  await using killed = startRemote(world.command);
  await world.waitForStatus('RUNNING');
  const { events } = await world.send('slow');
  await events.next('text');
  await killed.end('SIGKILL');
  await using remote = startRemote(world.command);
  // This engine cannot continue an interrupted reply.
  expect(await events.next('error')).toMatchObject({ status: 'FAILED', reason: 'AGENT_ERROR' });
  await remote.waitForLine('The agent is ready.');
  const retried = await until(() => world.send('What can you do?').catch(() => null));
  await retried.events.next('completed');
});

test('a reachable bridge is called directly when the server allows its address', async () => {
  await using world = await createWorld({ bridgeAllow: ['127.0.0.1'] });
  const port = await findFreePort();
  const direct = ['--url', `http://127.0.0.1:${port}`, '--port', `${port}`, '--host', '127.0.0.1'];
  await using _ = startRemote([...world.command, ...direct]);
  await world.waitForStatus('RUNNING');
  await (await world.send('What can you do?')).events.next('completed');
  expect(await world.app.tenant.agentInstance.findFirst({ where: { id: world.instanceId } })).toMatchObject({
    transport: 'direct',
    bridgeUrl: `http://127.0.0.1:${port}`,
  });
});

test('a bridge with an address that is not allowed is refused and does not enroll', async () => {
  await using world = await createWorld();
  const port = await findFreePort();
  const direct = ['--url', `http://127.0.0.1:${port}`, '--port', `${port}`];
  await using remote = startRemote([...world.command, ...direct]);
  expect(await remote.exited).toBe(1);
  expect(remote.lines.join('\n')).toContain('BRIDGE_ALLOW');
  expect(await getRefusal(world.client.instance.logs.query({ instanceId: world.instanceId }))).toMatchObject({
    data: { reason: 'BRIDGE_UNREACHABLE' },
  });
});
