import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, listProcesses, listProcessTree, readCommandLine } from '@it0/node/process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBridge } from '../../testing/bridge-process.ts';
import { type FakeServer, fakeServer } from '../../testing/fake-server.ts';
import { temporaryFolder } from '../../testing/folder.ts';
import { createTaskClient } from '../../testing/task-client.ts';

// Restarts of the bridge and of its real gateway with the scripted model. The tests run in order.
const folder = temporaryFolder();
let server: FakeServer;
let bridge: Awaited<ReturnType<typeof startBridge>>;

beforeAll(async () => {
  server = await fakeServer();
  bridge = await startBridge(folder.path);
  await bridge.ready();
});
afterAll(async () => {
  await bridge.end('SIGTERM');
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const tasks = createTaskClient(() => ({ server, bridge }));
const { send, decide } = tasks;

test.for(['SIGKILL', 'SIGTERM'] as const)(
  'a command that is allowed after a %s of the bridge runs once, when the agent repeats the call',
  async (signal) => {
    const marker = join(folder.path, 'workspaces', server.userId, signal);
    const pending = await send(`run \`echo x >>${signal}; cat ${signal}\``);
    const approvalId = await pending.waitForApproval();
    await bridge.end(signal);
    bridge = await startBridge(folder.path);
    await bridge.listening();
    expect((await decide(approvalId, 'allow-once')).status).toBe(200);
    expect(await pending.waitForEnd()).toMatchObject({
      type: 'completed',
      text: expect.stringContaining('```text\nx'),
    });
    expect(readFileSync(marker, 'utf8')).toBe('x\n');
    expect(pending.steps().filter((step) => step.type === 'approval' && step.approvalId !== approvalId)).toEqual([]);
    expect(pending.durable().map(({ n }) => n)).toEqual(pending.durable().map((_, index) => index + 1));
  },
);

test('a killed gateway restarts and continues its task, which ends once', async () => {
  const task = await send('slow');
  await task.waitForText('Step 1');
  const gateway = bridge.gatewayPid();
  process.kill(gateway, 'SIGKILL');
  await task.waitForText('Step 2');
  expect(bridge.gatewayPid()).not.toBe(gateway);
  await task.cancel();
  await task.waitForEnd();
  const later = await send('Hello');
  await later.waitForEnd();
  expect(task.durable().filter(({ type }) => type === 'error' || type === 'completed')).toHaveLength(1);
});

test('a killed bridge ends its commands, which need a new approval to run again', async () => {
  const task = await send('run `echo $$ >pid; sleep 1000`');
  const first = await task.waitForApproval();
  await decide(first, 'allow-once');
  const gateway = await listProcessTree(bridge.gatewayPid());
  const commands = await expect
    .poll(() => findCommands('sleep 1000'))
    .toHaveLength(1)
    .then(() => findCommands('sleep 1000'));
  await bridge.end('SIGKILL');
  await expect.poll(() => [...gateway, ...commands].filter(isAlive)).toEqual([]);
  bridge = await startBridge(folder.path);
  const repeated = await server.until(() =>
    task.steps().find((step) => step.type === 'approval' && step.approvalId !== first),
  );
  expect(repeated).toMatchObject({
    type: 'approval',
    status: 'PENDING',
    command: expect.stringContaining('sleep 1000'),
  });
  if (repeated.type === 'approval') await decide(repeated.approvalId, 'deny');
  expect(await task.waitForEnd()).toMatchObject({ type: 'completed', text: expect.stringContaining('denied') });
});

/** Lists the ids of the processes with exactly this command line. */
const findCommands = async (line: string) =>
  (await listProcesses()).map(({ id }) => id).filter((id) => readCommandLine(id) === `${line} `);
