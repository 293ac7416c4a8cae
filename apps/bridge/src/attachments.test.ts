import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskAttachment, TaskRequest } from '@it0/contracts/bridge';
import pino from 'pino';
import { expect, test } from 'vitest';
import { createAttachments } from './attachments.ts';
import { fakeServer } from './testing/fake-server.ts';
import { temporaryFolder } from './testing/folder.ts';

async function newWorld() {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(temporaryFolder());
  const server = stack.use(await fakeServer());
  const make = () => createAttachments({ dir: folder.path, log: pino({ level: 'silent' }) });
  const attachments = make();
  const bring = (task: TaskRequest, signal = new AbortController().signal) => attachments.fetchAll(() => task, signal);
  const kept = () => {
    const root = join(folder.path, 'attachments');
    return existsSync(root) ? readdirSync(root, { recursive: true, encoding: 'utf8' }) : [];
  };
  return { server, attachments, make, bring, kept, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
const filesOf = (brought: Awaited<ReturnType<Awaited<ReturnType<typeof newWorld>>['bring']>>) => {
  if ('end' in brought) throw new Error(`ended: ${JSON.stringify(brought.end)}`);
  return brought.files;
};

test('files are fetched once, and gone when their task is over', async () => {
  await using world = await newWorld();
  const { server, attachments, bring, kept } = world;
  const task = server.newTask({ attachments: [server.newAttachment('report.txt', 'text/plain', 'twelve bytes')] });
  const [file] = filesOf(await bring(task));
  expect(file).toMatchObject({ name: 'report.txt', mediaType: 'text/plain', size: 12 });
  expect(readFileSync(file!.path, 'utf8')).toBe('twelve bytes');
  server.refuseFiles(() => 404);
  expect(filesOf(await bring(task))).toEqual([file]);
  await attachments.forget(task.taskId);
  expect(kept()).toEqual([]);
});

test('a server that is away comes back, or another one has taken the task over', async () => {
  await using world = await newWorld();
  const { server, attachments } = world;
  const file = server.newAttachment('a.txt', 'text/plain', 'a');
  let tried = 0;
  server.refuseFiles(() => (tried++ === 0 ? 503 : undefined));
  filesOf(await world.bring(server.newTask({ attachments: [file] })));
  expect(tried).toBe(2);

  const elsewhere: TaskAttachment = { ...file, url: 'http://127.0.0.1:1/gone' };
  let asked = 0;
  const task = server.newTask();
  const current = () => ({ ...task, attachments: [asked++ < 2 ? elsewhere : file] });
  filesOf(await attachments.fetchAll(current, new AbortController().signal));
});

test.for([
  { how: 'is no longer there', change: {}, status: 404 },
  { how: 'is another one', change: { sha256: '0'.repeat(64) }, status: undefined },
  { how: 'is longer', change: { size: 3 }, status: undefined },
  { how: 'is cut off', change: { size: 5 }, status: undefined },
])('a file that $how ends its task before the agent hears of it', async ({ change, status }) => {
  await using world = await newWorld();
  const { server, bring, kept } = world;
  const file = { ...server.newAttachment('a.txt', 'text/plain', 'four'), ...change };
  server.refuseFiles(() => status);
  const brought = await bring(server.newTask({ attachments: [file] }));
  expect(brought).toMatchObject({ end: { status: 'FAILED', reason: 'ATTACHMENT_NOT_FOUND' } });
  expect(kept().filter((name) => name.includes(file.id))).toEqual([]);
});

test('a task that is stopped, or a bridge that closes, waits for no file', async () => {
  await using world = await newWorld();
  const { server, attachments } = world;
  const task = server.newTask({ attachments: [server.newAttachment('a.txt', 'text/plain', 'a')] });
  const stop = new AbortController();
  server.refuseFiles(() => {
    stop.abort('cancelled');
    return 503;
  });
  expect(await world.bring(task, stop.signal)).toMatchObject({ end: { status: 'CANCELLED' } });
  server.refuseFiles(() => {
    attachments.close();
    return 503;
  });
  expect(await world.bring(task)).toEqual({ end: undefined });
});

test('what a bridge that was killed has left of tasks that are over is removed', async () => {
  await using world = await newWorld();
  const { server, bring, make, kept } = world;
  const tasks = [1, 2].map(() => server.newTask({ attachments: [server.newAttachment('a.txt', 'text/plain', 'a')] }));
  for (const task of tasks) filesOf(await bring(task));
  await make().keepOnly([tasks[1]!.taskId]);
  expect(kept().filter((name) => !name.includes('/'))).toEqual([tasks[1]!.taskId]);
});
