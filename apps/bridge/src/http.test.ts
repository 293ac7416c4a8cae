import { randomUUID } from 'node:crypto';
import { BridgeHealth, TaskState } from '@it0/contracts/bridge';
import { ErrorResponse } from '@it0/contracts/error-response';
import { limits } from '@it0/contracts/limits';
import pino from 'pino';
import { expect, test } from 'vitest';
import { createBridge } from './bridge.ts';
import type { Engine, Run } from './engines/engine.ts';
import { toStoppedEnd } from './engines/engine.ts';
import { fakeServer } from './testing/fake-server.ts';
import { temporaryFolder } from './testing/folder.ts';

const secret = 'a secret of some length';

/** Starts a bridge with an engine whose runs are ended by the test. */
async function newBridge() {
  const folder = temporaryFolder();
  const runs: (Run & { complete(text: string): void })[] = [];
  const engine: Engine = {
    health: () => ({
      ready: false,
      engine: { version: null, connected: false },
      model: { name: 'none', scripted: true },
      detail: 'starting',
    }),
    run(run) {
      const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<Engine['run']>>>();
      run.report({ type: 'task', status: 'RUNNING' });
      runs.push({ ...run, complete: (text) => resolve({ type: 'completed', text }) });
      run.signal.addEventListener('abort', () => resolve(toStoppedEnd(run.signal, 'partial')));
      return promise;
    },
    async [Symbol.asyncDispose]() {},
  };
  const log = pino({ level: 'silent' });
  const options = { dir: folder.path, host: '127.0.0.1', port: 0, secret, log, createEngine: () => engine };
  const bridge = await createBridge(options);
  const request = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    fetch(bridge.url + path, {
      method,
      headers: { authorization: `Bearer ${secret}`, ...headers },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    runs,
    request,
    waitForRun: (taskId: string) => expect.poll(() => runs.find(({ task }) => task.taskId === taskId)).toBeDefined(),
    async [Symbol.asyncDispose]() {
      await bridge.close();
      folder[Symbol.dispose]();
    },
  };
}

test('only healthz answers without the secret', async () => {
  await using bridge = await newBridge();
  const anonymous = { authorization: '' };
  expect((await bridge.request('GET', '/healthz', undefined, anonymous)).status).toBe(200);
  for (const authorization of ['', 'Bearer ', `Bearer ${secret}x`, secret, `bearer ${secret}`])
    for (const [method, path] of [
      ['GET', '/readyz'],
      ['POST', '/task-async'],
      ['DELETE', '/task-async/x'],
      ['GET', '/nothing'],
    ] as const) {
      const response = await bridge.request(method, path, undefined, { authorization });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ reason: 'NOT_SIGNED_IN' });
    }
});

test('readyz reports why the engine is not ready', async () => {
  await using bridge = await newBridge();
  const response = await bridge.request('GET', '/readyz');
  expect(response.status).toBe(503);
  expect(BridgeHealth.parse(await response.json())).toMatchObject({ ready: false, detail: 'starting' });
});

test('a task that is sent twice runs once and is reported to its end', async () => {
  await using bridge = await newBridge();
  await using server = await fakeServer();
  const task = server.newTask();
  const { taskId } = task;
  expect((await bridge.request('GET', `/task-async/${taskId}`)).status).toBe(404);
  const both = await Promise.all([
    bridge.request('POST', '/task-async', task),
    bridge.request('POST', '/task-async', task),
  ]);
  expect(both.map(({ status }) => status)).toEqual([202, 202]);
  await bridge.waitForRun(taskId);
  expect(bridge.runs).toHaveLength(1);
  bridge.runs[0]!.complete('done');
  await server.waitForEnd(taskId);
  expect(server.durableReports(taskId)).toEqual([
    { n: 1, type: 'task', status: 'RUNNING' },
    { n: 2, type: 'completed', text: 'done' },
  ]);
  const state = TaskState.parse(await (await bridge.request('GET', `/task-async/${taskId}`)).json());
  expect(state).toMatchObject({ taskId, state: 'ended', lastN: 2 });
  expect((await bridge.request('POST', '/task-async', task)).status).toBe(202);
  expect(bridge.runs).toHaveLength(1);
});

test('tasks of a session run one at a time, and a queued one can be cancelled', async () => {
  await using bridge = await newBridge();
  await using server = await fakeServer();
  const first = server.newTask();
  const [second, third] = [
    server.newTask({ sessionKey: first.sessionKey }),
    server.newTask({ sessionKey: first.sessionKey }),
  ];
  for (const task of [first, second, third]) await bridge.request('POST', '/task-async', task);
  expect((await bridge.request('DELETE', `/task-async/${second.taskId}`)).status).toBe(202);
  expect(await server.waitForEnd(second.taskId)).toMatchObject({
    status: 'CANCELLED',
    reason: 'CANCELLED_BY_USER',
    text: '',
  });
  expect(bridge.runs).toHaveLength(1);
  bridge.runs[0]!.complete('done');
  await bridge.waitForRun(third.taskId);
  expect(bridge.runs).toHaveLength(2);
});

test('a cancelled task keeps the partial reply', async () => {
  await using bridge = await newBridge();
  await using server = await fakeServer();
  const task = server.newTask();
  await bridge.request('POST', '/task-async', task);
  await bridge.waitForRun(task.taskId);
  await bridge.request('DELETE', `/task-async/${task.taskId}`);
  expect(await server.waitForEnd(task.taskId)).toMatchObject({ status: 'CANCELLED', text: 'partial' });
  expect((await bridge.request('DELETE', `/task-async/${task.taskId}`)).status).toBe(202);
  expect((await bridge.request('DELETE', `/task-async/${randomUUID()}`)).status).toBe(404);
});

test('a task times out at its deadline', async () => {
  await using bridge = await newBridge();
  await using server = await fakeServer();
  const task = server.newTask({ timeoutMs: 200 });
  await bridge.request('POST', '/task-async', task);
  expect(await server.waitForEnd(task.taskId)).toMatchObject({ status: 'TIMED_OUT', reason: 'DEADLINE_EXCEEDED' });
});

test('invalid requests get an error with a reason, and the bridge keeps working', async () => {
  await using bridge = await newBridge();
  await using server = await fakeServer();
  const task = server.newTask();
  const invalid: [unknown, number][] = [
    ['{"taskId', 400],
    ['', 400],
    ['null', 400],
    ['[]', 400],
    [{ ...task, taskId: '../../etc/passwd' }, 400],
    [{ ...task, message: '' }, 400],
    [{ ...task, message: 'x'.repeat(limits.message + 1) }, 400],
    [{ ...task, callbackUrl: 'file:///etc/passwd' }, 400],
    [{ ...task, timeoutMs: 'soon' }, 400],
    [{ ...task, attachments: [{}] }, 400],
    ['x'.repeat(limits.taskBytes + 1), 413],
  ];
  for (const [body, status] of invalid) {
    const response = await bridge.request('POST', '/task-async', body);
    expect(response.status).toBe(status);
    expect(ErrorResponse.strict().parse(await response.json())).toBeDefined();
  }
  expect((await bridge.request('POST', `/approvals/${randomUUID()}`, { decision: 'allow-always' })).status).toBe(400);
  expect((await bridge.request('POST', '/approvals/x', { decision: 'deny' })).status).toBe(404);
  expect((await bridge.request('POST', `/approvals/${randomUUID()}`, { decision: 'deny' })).status).toBe(404);
  expect((await bridge.request('GET', '/nothing')).status).toBe(404);
  expect((await bridge.request('GET', '/task-async/%E0%A4%A')).status).toBe(400);
  expect((await bridge.request('POST', '/task-async', task)).status).toBe(202);
});
