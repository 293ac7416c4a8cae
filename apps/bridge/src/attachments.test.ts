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
  const fetchAll = (task: TaskRequest, signal = new AbortController().signal) =>
    attachments.fetchAll(() => task, signal);
  const listStored = () => {
    const root = join(folder.path, 'attachments');
    return existsSync(root) ? readdirSync(root, { recursive: true, encoding: 'utf8' }) : [];
  };
  return { server, attachments, make, fetchAll, listStored, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
const requireFiles = (result: Awaited<ReturnType<Awaited<ReturnType<typeof newWorld>>['fetchAll']>>) => {
  if ('end' in result) throw new Error(`ended: ${JSON.stringify(result.end)}`);
  return result.files;
};

test('files are fetched once, and deleted when their task ends', async () => {
  await using world = await newWorld();
  const { server, attachments, fetchAll, listStored } = world;
  const task = server.newTask({ attachments: [server.newAttachment('report.txt', 'text/plain', 'twelve bytes')] });
  const [file] = requireFiles(await fetchAll(task));
  expect(file).toMatchObject({ name: 'report.txt', mediaType: 'text/plain', size: 12 });
  expect(readFileSync(file!.path, 'utf8')).toBe('twelve bytes');
  server.refuseFiles(() => 404);
  expect(requireFiles(await fetchAll(task))).toEqual([file]);
  await attachments.forget(task.taskId);
  expect(listStored()).toEqual([]);
});

test('fetchAll retries an unavailable server, and uses the URL of a server that takes over the task', async () => {
  await using world = await newWorld();
  const { server, attachments } = world;
  const file = server.newAttachment('a.txt', 'text/plain', 'a');
  let attempts = 0;
  server.refuseFiles(() => (attempts++ === 0 ? 503 : undefined));
  requireFiles(await world.fetchAll(server.newTask({ attachments: [file] })));
  expect(attempts).toBe(2);

  const elsewhere: TaskAttachment = { ...file, url: 'http://127.0.0.1:1/gone' };
  let calls = 0;
  const task = server.newTask();
  const current = () => ({ ...task, attachments: [calls++ < 2 ? elsewhere : file] });
  requireFiles(await attachments.fetchAll(current, new AbortController().signal));
});

test.for([
  { how: 'no longer exists', change: {}, status: 404 },
  { how: 'has another digest', change: { sha256: '0'.repeat(64) }, status: undefined },
  { how: 'is too long', change: { size: 3 }, status: undefined },
  { how: 'is truncated', change: { size: 5 }, status: undefined },
])('fetchAll ends the task when a file $how', async ({ change, status }) => {
  await using world = await newWorld();
  const { server, fetchAll, listStored } = world;
  const file = { ...server.newAttachment('a.txt', 'text/plain', 'four'), ...change };
  server.refuseFiles(() => status);
  const result = await fetchAll(server.newTask({ attachments: [file] }));
  expect(result).toMatchObject({ end: { status: 'FAILED', reason: 'ATTACHMENT_NOT_FOUND' } });
  expect(listStored().filter((name) => name.includes(file.id))).toEqual([]);
});

test('fetchAll stops retrying when the task is stopped or the bridge closes', async () => {
  await using world = await newWorld();
  const { server, attachments } = world;
  const task = server.newTask({ attachments: [server.newAttachment('a.txt', 'text/plain', 'a')] });
  const stop = new AbortController();
  server.refuseFiles(() => {
    stop.abort('cancelled');
    return 503;
  });
  expect(await world.fetchAll(task, stop.signal)).toMatchObject({ end: { status: 'CANCELLED' } });
  server.refuseFiles(() => {
    attachments[Symbol.dispose]();
    return 503;
  });
  expect(await world.fetchAll(task)).toEqual({ end: undefined });
});

test('keepOnly deletes the files of all other tasks', async () => {
  await using world = await newWorld();
  const { server, fetchAll, make, listStored } = world;
  const tasks = [1, 2].map(() => server.newTask({ attachments: [server.newAttachment('a.txt', 'text/plain', 'a')] }));
  for (const task of tasks) requireFiles(await fetchAll(task));
  await make().keepOnly([tasks[1]!.taskId]);
  expect(listStored().filter((name) => !name.includes('/'))).toEqual([tasks[1]!.taskId]);
});
