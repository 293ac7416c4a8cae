import { randomUUID } from 'node:crypto';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { NewReport } from './engines/engine.ts';
import { createOutbox } from './outbox.ts';
import { eventGap, fakeServer, joinReplyText } from './testing/fake-server.ts';
import { temporaryFolder } from './testing/folder.ts';

const log = pino({ level: 'silent' });
const running: NewReport = { type: 'task', status: 'RUNNING' };
const completed: NewReport = { type: 'completed', text: 'done' };
const tool: NewReport = { type: 'tool', phase: 'start', callId: 'c', name: 'exec', title: 'ls', textOffset: 0 };
const piece = (offset: number, delta: string): NewReport => ({ type: 'text', offset, delta });

function newOutbox(dir: string) {
  const abandoned: string[] = [];
  const decisions: unknown[] = [];
  const outbox = createOutbox({
    ...{ dir, log },
    onAbandon: (taskId) => abandoned.push(taskId),
    onDecision: (approvalId, decision) => decisions.push({ approvalId, decision }),
  });
  return { ...outbox, abandoned, decisions, [Symbol.asyncDispose]: outbox[Symbol.asyncDispose] };
}

test('durable reports are numbered and delivered in order, and their task then ends', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  const task = server.newTask();
  expect(outbox.accept(task)).toBe(true);
  for (const report of [running, tool, completed]) outbox.report(task.taskId, report);
  await server.waitForEnd(task.taskId);
  expect(server.durableReports(task.taskId).map(({ n, type }) => [n, type])).toEqual([
    [1, 'task'],
    [2, 'tool'],
    [3, 'completed'],
  ]);
  expect(outbox.find(task.taskId)).toMatchObject({ state: 'ended', lastN: 3 });
  expect(outbox.listUnended()).toEqual([]);
});

test('accept returns false for a known task, also after its end and after a restart', async () => {
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

test('disposing an outbox delivers pending reports, and does not wait for an unavailable server', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  const task = server.newTask();
  outbox.accept(task);
  for (const report of [running, tool, completed]) outbox.report(task.taskId, report);
  await outbox[Symbol.asyncDispose]();
  expect(server.durableReports(task.taskId).map(({ type }) => type)).toEqual(['task', 'tool', 'completed']);

  using other = temporaryFolder();
  await using away = newOutbox(other.path);
  server.refuse(() => 'hang up');
  const lost = server.newTask();
  away.accept(lost);
  away.report(lost.taskId, completed);
  await away[Symbol.asyncDispose]();
  await using restarted = newOutbox(other.path);
  server.refuse(() => undefined);
  expect(await server.waitForEnd(lost.taskId)).toMatchObject({ type: 'completed' });
  expect(restarted.find(lost.taskId)).toMatchObject({ state: 'ended' });
});

test('disposing an outbox does not wait for reports that the server no longer accepts', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  server.refuse(() => ({ status: 410 }));
  const task = server.newTask();
  outbox.accept(task);
  outbox.report(task.taskId, completed);
  // The clock is stopped, so that the longest wait never ends.
  const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now());
  onTestFinished(() => now.mockRestore());
  await outbox[Symbol.asyncDispose]();
  expect(outbox.abandoned).toEqual([task.taskId]);
});

test('undelivered reports are delivered after a restart, and their numbers continue', async () => {
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
  expect(server.durableReports(task.taskId).map(({ n }) => n)).toEqual([1, 2, 3]);
});

test('undelivered reports go to the server that sends the task again, also after a restart', async () => {
  using folder = temporaryFolder();
  await using formerServer = await fakeServer();
  await using server = await fakeServer();
  const task = formerServer.newTask();
  const { promise: tried, resolve } = Promise.withResolvers<undefined>();
  formerServer.refuse(() => {
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
  expect(server.durableReports(task.taskId).map(({ n }) => n)).toEqual([1, 2]);
});

test('a callback is retried after the delay in Retry-After', async () => {
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

test('unacknowledged reports of a callback are sent again', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  const task = server.newTask();
  server.limitEvents(1);
  outbox.accept(task);
  for (const report of [running, tool, tool, completed]) outbox.report(task.taskId, report);
  await server.waitForEnd(task.taskId);
  expect(server.durableReports(task.taskId).map(({ n }) => n)).toEqual([1, 2, 3, 4]);
  expect(outbox.abandoned).toEqual([]);
});

test('a callback without a valid acknowledgement is repeated with the same reports', async () => {
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
  expect(server.durableReports(task.taskId).map(({ n }) => n)).toEqual([1, 2]);
});

test('the outbox continues at the number that the server expects', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  const firsts: unknown[] = [];
  server.refuse(({ events: [first] }) => {
    firsts.push(first && 'n' in first ? first.n : null);
    if (firsts.length === 1) return 'hang up';
    return firsts.length === 2 ? eventGap(2) : { status: 410 };
  });
  const task = server.newTask();
  outbox.accept(task);
  outbox.report(task.taskId, running);
  outbox.report(task.taskId, completed);
  await expect.poll(() => outbox.abandoned).toEqual([task.taskId]);
  expect(firsts).toEqual([1, 1, 2]);
});

test.for([401, 410])('the outbox abandons a task on HTTP %i', async (status) => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  server.refuse(() => ({ status }));
  const task = server.newTask();
  outbox.accept(task);
  outbox.report(task.taskId, running);
  await expect.poll(() => outbox.abandoned).toEqual([task.taskId]);
  outbox.report(task.taskId, completed);
  expect(outbox.find(task.taskId)?.state).toBe('ended');
  expect(outbox.listUnended()).toEqual([]);
});

test.for([413, 422])(
  'a report that is rejected with HTTP %i is replaced with an error that ends its task',
  async (status) => {
    using folder = temporaryFolder();
    await using server = await fakeServer();
    await using outbox = newOutbox(folder.path);
    server.refuse(({ events }) => (events.some(({ type }) => type === 'tool') ? { status } : undefined));
    const task = server.newTask();
    outbox.accept(task);
    for (const report of [running, tool, tool]) outbox.report(task.taskId, report);
    await server.waitForEnd(task.taskId);
    expect(server.durableReports(task.taskId)).toMatchObject([
      { n: 1, type: 'task' },
      { n: 2, type: 'error', status: 'FAILED', reason: 'AGENT_ERROR' },
    ]);
    expect(outbox.abandoned).toEqual([task.taskId]);
  },
);

test('text and progress are merged while the server is slow', async () => {
  using folder = temporaryFolder();
  await using server = await fakeServer();
  await using outbox = newOutbox(folder.path);
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const { promise: blocked, resolve: release } = Promise.withResolvers<undefined>();
  server.refuse(() => {
    arrive();
    return blocked;
  });
  const task = server.newTask();
  outbox.accept(task);
  outbox.report(task.taskId, running);
  await arrived;
  for (let index = 0; index < 5_000; index += 1) {
    outbox.report(task.taskId, piece(index, 'x'));
    outbox.report(task.taskId, { type: 'progress', callId: 'c', output: `${index}` });
  }
  outbox.report(task.taskId, { type: 'model-retry', reason: 'MODEL_RATE_LIMITED', attempt: 1 });
  outbox.report(task.taskId, piece(4_990, 'the end'));
  release(undefined);
  await server.until(() => server.callbacks[1]);
  expect(server.callbacks[1]!.events).toEqual([
    { type: 'text', offset: 0, delta: `${'x'.repeat(4_990)}the end` },
    { type: 'progress', callId: 'c', output: '4999' },
  ]);
  outbox.report(task.taskId, piece(4_997, ', really'));
  outbox.report(task.taskId, { type: 'model-retry', reason: 'MODEL_RATE_LIMITED', attempt: 1 });
  await server.until(() => server.callbacks[2]);
  expect(server.callbacks[2]!.events).toEqual([
    { type: 'text', offset: 4_997, delta: ', really' },
    { type: 'model-retry', reason: 'MODEL_RATE_LIMITED', attempt: 1 },
  ]);
});

test('text that could not be sent is merged with later text', async () => {
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

test('text is sent again from the offset that the server requests', async () => {
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
  const repeated = await server.waitForReport(task.taskId, (report) => report.type === 'text' && report.offset === 5);
  expect(repeated).toMatchObject({ delta: 'upon a time' });
});

test('delivery continues when the clock is set back by an hour', async () => {
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
