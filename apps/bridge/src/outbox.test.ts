import { randomUUID } from 'node:crypto';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { expect, test, vi } from 'vitest';
import type { NewReport } from './engines/engine.ts';
import { createOutbox } from './outbox.ts';
import { fakeServer, joinReplyText } from './testing/fake-server.ts';
import { temporaryFolder } from './testing/folder.ts';

const log = pino({ level: 'silent' });
const running: NewReport = { type: 'task', status: 'RUNNING' };
const completed: NewReport = { type: 'completed', text: 'done' };
const tool: NewReport = { type: 'tool', phase: 'start', callId: 'c', name: 'exec', title: 'ls', textOffset: 0 };
const piece = (offset: number, delta: string): NewReport => ({ type: 'text', offset, delta });

function newOutbox(dir: string) {
  const gone: string[] = [];
  const decisions: unknown[] = [];
  const outbox = createOutbox({
    ...{ dir, log },
    onAbandon: (taskId) => gone.push(taskId),
    onDecision: (approvalId, decision) => decisions.push({ approvalId, decision }),
  });
  return { ...outbox, gone, decisions, [Symbol.asyncDispose]: outbox.close };
}

test('durable reports are numbered, arrive in order, and the task is then done with', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  const task = server.newTask();
  expect(outbox.accept(task)).toBe(true);
  for (const report of [running, tool, completed]) outbox.report(task.taskId, report);
  await server.waitForEnd(task.taskId);
  expect(server.durable(task.taskId).map(({ n, type }) => [n, type])).toEqual([
    [1, 'task'],
    [2, 'tool'],
    [3, 'completed'],
  ]);
  expect(outbox.find(task.taskId)).toMatchObject({ state: 'ended', lastN: 3 });
  expect(outbox.listUnended()).toEqual([]);
});

test('a task that is known is not taken again, not even when it is over, or after a restart', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  const task = server.newTask();
  {
    await using outbox = newOutbox(folder.path);
    outbox.accept(task);
    expect(outbox.accept(task)).toBe(false);
    outbox.report(task.taskId, completed);
    await server.waitForEnd(task.taskId);
  }
  await using outbox = newOutbox(folder.path);
  expect(outbox.accept(task)).toBe(false);
});

test('close delivers the reports that the server takes, and waits for no server that is away', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  const task = server.newTask();
  outbox.accept(task);
  for (const report of [running, tool, completed]) outbox.report(task.taskId, report);
  await outbox.close();
  expect(server.durable(task.taskId).map(({ type }) => type)).toEqual(['task', 'tool', 'completed']);

  using other = temporaryFolder();
  await using away = newOutbox(other.path);
  server.refuse(() => 'hang up');
  const lost = server.newTask();
  away.accept(lost);
  away.report(lost.taskId, completed);
  await away.close();
  await using again = newOutbox(other.path);
  server.refuse(() => undefined);
  expect(await server.waitForEnd(lost.taskId)).toMatchObject({ type: 'completed' });
  expect(again.find(lost.taskId)).toMatchObject({ state: 'ended' });
});

test('what could not be delivered is delivered after a restart, and the numbers go on', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  const task = server.newTask();
  const { promise: tried, resolve } = Promise.withResolvers<undefined>();
  server.refuse(() => {
    resolve(undefined);
    return 'hang up';
  });
  {
    await using outbox = newOutbox(folder.path);
    outbox.accept(task);
    outbox.report(task.taskId, running);
    outbox.report(task.taskId, tool);
    await tried;
  }
  server.refuse(() => undefined);
  await using outbox = newOutbox(folder.path);
  expect(outbox.listUnended()).toEqual([task]);
  outbox.report(task.taskId, completed);
  await server.waitForEnd(task.taskId);
  expect(server.durable(task.taskId).map(({ n }) => n)).toEqual([1, 2, 3]);
});

test('reports that met nobody go to the server that asks for the task again, after a restart too', async () => {
  using folder = temporaryFolder();
  await using gone = await fakeServer();
  await using server = await fakeServer();
  const task = gone.newTask();
  const { promise: tried, resolve } = Promise.withResolvers<undefined>();
  gone.refuse(() => {
    resolve(undefined);
    return 'hang up';
  });
  {
    await using outbox = newOutbox(folder.path);
    outbox.accept(task);
    outbox.report(task.taskId, running);
    await tried;
    const { callbackUrl } = server.newTask();
    expect(outbox.accept({ ...task, callbackUrl })).toBe(false);
    await server.waitForReport(task.taskId, ({ type }) => type === 'task');
  }
  await using outbox = newOutbox(folder.path);
  outbox.report(task.taskId, completed);
  await server.waitForEnd(task.taskId);
  expect(server.durable(task.taskId).map(({ n }) => n)).toEqual([1, 2]);
});

test('a busy server is left alone for as long as it asks', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  const at: number[] = [];
  server.refuse(() => {
    at.push(Date.now());
    return at.length === 1 ? { status: 503, headers: { 'retry-after': '1' } } : undefined;
  });
  const task = server.newTask();
  outbox.accept(task);
  outbox.report(task.taskId, completed);
  await server.waitForEnd(task.taskId);
  expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(990);
});

test('reports that are not acknowledged with the first ones of their callback are sent again', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  const task = server.newTask();
  server.limitEvents(1);
  outbox.accept(task);
  for (const report of [running, tool, tool, completed]) outbox.report(task.taskId, report);
  await server.waitForEnd(task.taskId);
  expect(server.durable(task.taskId).map(({ n }) => n)).toEqual([1, 2, 3, 4]);
  expect(outbox.gone).toEqual([]);
});

test('a server whose acknowledgement was lost gets the same again, and nothing twice', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  let posts = 0;
  server.refuse(() => (++posts === 1 ? { status: 200, body: { not: 'an ack' } } : undefined));
  const task = server.newTask();
  outbox.accept(task);
  outbox.report(task.taskId, running);
  outbox.report(task.taskId, completed);
  await server.waitForEnd(task.taskId);
  expect(server.durable(task.taskId).map(({ n }) => n)).toEqual([1, 2]);
});

test('on a gap it goes on where the server is', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  const firsts: unknown[] = [];
  server.refuse(({ events: [first] }) => {
    firsts.push(first && 'n' in first ? first.n : null);
    if (firsts.length === 1) return 'hang up';
    return firsts.length === 2 ? { status: 409, body: { expected: 2 } } : { status: 410 };
  });
  const task = server.newTask();
  outbox.accept(task);
  outbox.report(task.taskId, running);
  outbox.report(task.taskId, completed);
  await expect.poll(() => outbox.gone).toEqual([task.taskId]);
  expect(firsts).toEqual([1, 1, 2]);
});

test.for([401, 410])('on a %i it stops and forgets the task', async (status) => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  server.refuse(() => ({ status }));
  const task = server.newTask();
  outbox.accept(task);
  outbox.report(task.taskId, running);
  await expect.poll(() => outbox.gone).toEqual([task.taskId]);
  outbox.report(task.taskId, completed);
  expect(outbox.find(task.taskId)?.state).toBe('ended');
  expect(outbox.listUnended()).toEqual([]);
});

test.for([413, 422])('a report that gets a %i ends its task with an error in its place', async (status) => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  server.refuse(({ events }) => (events.some(({ type }) => type === 'tool') ? { status } : undefined));
  const task = server.newTask();
  outbox.accept(task);
  for (const report of [running, tool, tool]) outbox.report(task.taskId, report);
  await server.waitForEnd(task.taskId);
  expect(server.durable(task.taskId)).toMatchObject([
    { n: 1, type: 'task' },
    { n: 2, type: 'error', status: 'FAILED', reason: 'AGENT_ERROR' },
  ]);
  expect(outbox.gone).toEqual([task.taskId]);
});

test('while the server is slow, only the latest of the text and of the progress is kept', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const { promise: held, resolve: release } = Promise.withResolvers<undefined>();
  server.refuse(() => {
    arrive();
    return held;
  });
  const task = server.newTask();
  outbox.accept(task);
  outbox.report(task.taskId, running);
  await arrived;
  for (let index = 0; index < 5_000; index += 1) {
    outbox.report(task.taskId, piece(index, 'x'));
    outbox.report(task.taskId, { type: 'progress', callId: 'c', output: `${index}` });
  }
  outbox.report(task.taskId, piece(4_990, 'the end'));
  release(undefined);
  await server.until(() => server.callbacks[1]);
  expect(server.callbacks[1]!.events).toEqual([
    { type: 'text', offset: 0, delta: `${'x'.repeat(4_990)}the end` },
    { type: 'progress', callId: 'c', output: '4999' },
  ]);
  outbox.report(task.taskId, piece(4_997, ', really'));
  await server.until(() => server.callbacks[2]);
  expect(server.callbacks[2]!.events).toEqual([{ type: 'text', offset: 4_997, delta: ', really' }]);
});

test('text that could not be sent is sent with what came after it', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  let posts = 0;
  const task = server.newTask();
  server.refuse(() => {
    if (++posts > 1) return undefined;
    outbox.report(task.taskId, piece(5, ' world'));
    return { status: 500 };
  });
  outbox.accept(task);
  outbox.report(task.taskId, piece(0, 'hello'));
  await server.until(() => server.callbacks[0]);
  expect(joinReplyText(server.reports(task.taskId))).toBe('hello world');
});

test('text that the server says it misses is sent again from there', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  const task = server.newTask();
  outbox.accept(task);
  outbox.report(task.taskId, piece(0, 'Once upon'));
  await server.waitForReport(task.taskId, ({ type }) => type === 'text');
  server.refuse(() => {
    server.refuse(() => undefined);
    return { status: 200, body: { ack: 0, textFrom: 5 } };
  });
  outbox.report(task.taskId, piece(9, ' a time'));
  const again = await server.waitForReport(task.taskId, (report) => report.type === 'text' && report.offset === 5);
  expect(again).toMatchObject({ delta: 'upon a time' });
});

test('a clock that is set back by an hour holds nothing back', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  const task = server.newTask();
  outbox.accept(task);
  server.refuse(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
    server.refuse(() => undefined);
    return { status: 503 };
  });
  outbox.report(task.taskId, completed);
  await server.waitForEnd(task.taskId);
  vi.useRealTimers();
});

test('the outbox’s files are accessible to their owner only, including those of an earlier version', async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'outbox.db'), '', { mode: 0o644 });
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  outbox.accept(server.newTask());
  const files = readdirSync(folder.path);
  expect(files).toContain('outbox.db-wal');
  expect(files.map((name) => statSync(join(folder.path, name)).mode & 0o777)).toEqual(files.map(() => 0o600));
});

test('onDecision receives the decisions in the response to a callback', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  const task = server.newTask();
  const decisions = [
    { approvalId: randomUUID(), decision: 'allow-once' },
    { approvalId: randomUUID(), decision: 'deny' },
  ];
  server.refuse(() => ({ status: 200, body: { ack: 1, decisions } }));
  outbox.accept(task);
  outbox.report(task.taskId, running);
  await expect.poll(() => outbox.decisions).toEqual(decisions);
});
