import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRemote } from '@it0/bridge/testing/remote-process';
import { freePort } from '@it0/node/free-port';
import { testApp } from '@it0/tests/support/app';
import { follow } from '@it0/tests/support/follow';
import { getRefusal } from '@it0/tests/support/refusal';
import { until } from '@it0/tests/support/until';
import { createForm, upload } from '@it0/tests/support/upload';
import { expect, test } from 'vitest';

// The real server and the real bridge, with the engine that is quickest to start.
const bridgePackage = { version: '0.1.0-test', path: '/bridge/0.1.0-test.tgz', file: '/nowhere' };

/** A person's agent on another machine, and the command that they type there. */
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
  const turns = (status: string) =>
    until(async () => {
      const one = await client.instance.byId.query({ instanceId });
      return one.status === status && one;
    });
  async function ask(message: string, attachmentIds: string[] = []) {
    const asked = await client.instance.createTask.mutate({
      ...{ instanceId, message, attachmentIds, requestId: randomUUID() },
    });
    return { ...asked, events: stack.use(follow(client, asked.sessionId, '0')) };
  }
  return { app, owner, client, instanceId, command, turns, ask, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('a remote agent runs, replies, reads attachments, stops, starts and is removed', async () => {
  await using it = await createWorld();
  const { app, owner, client, instanceId } = it;
  await using remote = startRemote(it.command);
  expect(await it.turns('RUNNING')).toMatchObject({ scripted: true, statusReason: null, host: expect.any(String) });
  await (await it.ask('What can you do?')).events.next('completed');

  const shown = { authorization: `Bearer ${owner.bearer}` };
  const { id } = (await upload(app.url, shown, createForm('notes.txt', 'disk 91 %'))).body;
  const withFile = await it.ask('Hello', [id]);
  expect(await withFile.events.next('completed')).toMatchObject({ text: expect.stringContaining('notes.txt') });

  const slow = await it.ask('slow');
  await slow.events.next('text');
  await client.task.cancel.mutate({ taskId: slow.taskId });
  await slow.events.next('error', ({ status }) => status === 'CANCELLED');
  expect((await client.instance.logs.query({ instanceId })).bridge.join('\n')).toContain('task ended');

  await client.instance.stop.mutate({ instanceId });
  await remote.waitForLine('The agent is stopped.');
  await client.instance.start.mutate({ instanceId });
  await it.turns('RUNNING');
  await client.instance.restart.mutate({ instanceId });
  await it.turns('RUNNING');
  await (await it.ask('What can you do?')).events.next('completed');

  await client.instance.remove.mutate({ instanceId });
  expect(await remote.exited).toBe(1);
});

test('a bridge that was killed during a reply restarts with the same command, and the task ends', async () => {
  await using it = await createWorld();
  await using killed = startRemote(it.command);
  await it.turns('RUNNING');
  const { events } = await it.ask('slow');
  await events.next('text');
  await killed.end('SIGKILL');
  await using remote = startRemote(it.command);
  // This engine cannot go on with a reply that was cut short, and says so.
  expect(await events.next('error')).toMatchObject({ status: 'FAILED', reason: 'AGENT_ERROR' });
  await remote.waitForLine('The agent is ready.');
  const again = await until(() => it.ask('What can you do?').catch(() => null));
  await again.events.next('completed');
});

test('a reachable bridge is called directly when the server allows its address', async () => {
  await using it = await createWorld({ bridgeAllow: ['127.0.0.1'] });
  const port = await freePort();
  const direct = ['--url', `http://127.0.0.1:${port}`, '--port', `${port}`, '--host', '127.0.0.1'];
  await using _ = startRemote([...it.command, ...direct]);
  await it.turns('RUNNING');
  await (await it.ask('What can you do?')).events.next('completed');
  expect(await it.app.tenant.agentInstance.findFirst({ where: { id: it.instanceId } })).toMatchObject({
    bridgeUrl: `http://127.0.0.1:${port}`,
  });
});

test('a bridge with an address that is not allowed is refused and does not enroll', async () => {
  await using it = await createWorld();
  const direct = ['--url', 'http://127.0.0.1:61001', '--port', '61001'];
  await using remote = startRemote([...it.command, ...direct]);
  expect(await remote.exited).toBe(1);
  expect(remote.lines.join('\n')).toContain('BRIDGE_ALLOW');
  expect(await getRefusal(it.client.instance.logs.query({ instanceId: it.instanceId }))).toMatchObject({
    data: { reason: 'BRIDGE_UNREACHABLE' },
  });
});
