import { randomUUID } from 'node:crypto';
import type { TaskRequest } from '@it0/contracts/bridge';
import pino from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { UnnumberedReport } from './engines/engine.ts';
import { type OutboxStore, openOutboxStore } from './outbox-store.ts';
import { DISK_RETRY_MS, TaskReports } from './task-reports.ts';
import { temporaryFolder } from './testing/folder.ts';

const running: UnnumberedReport = { type: 'task', status: 'RUNNING' };
const completed: UnnumberedReport = { type: 'completed', text: 'done' };

/** Opens the reports of a new task. `disk.isFull` makes writes of reports fail. */
function newReports() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const folder = temporaryFolder();
  const store = openOutboxStore(folder.path);
  const disk = { isFull: false };
  const taskId = randomUUID();
  store.accept({ taskId } as TaskRequest, Date.now() + 60_000);
  const append: OutboxStore['append'] = (...args) => {
    if (disk.isFull) throw new Error('database or disk is full');
    store.append(...args);
  };
  const onSave = vi.fn();
  const reports = new TaskReports({
    ...{ taskId, onSave, progress: { state: 'waiting', lastN: 0, ackedN: 0 } },
    ...{ store: { ...store, append }, log: pino({ level: 'silent' }) },
  });
  onTestFinished(() => {
    reports.close();
    store[Symbol.dispose]();
    folder[Symbol.dispose]();
    vi.useRealTimers();
  });
  return { reports, disk, onSave, readStored: () => store.find(taskId) };
}

test('a report counts as stored only once it is on disk, and is written again after a disk error', () => {
  const { reports, disk, onSave, readStored } = newReports();
  disk.isFull = true;
  reports.append(running);
  reports.append(completed);
  expect(reports.progress).toEqual({ state: 'ended', lastN: 2, ackedN: 0 });
  expect(reports.hasStored).toBe(false);
  expect(reports.readBatch(100)).toEqual([]);
  expect(readStored()).toMatchObject({ state: 'waiting', lastN: 0 });

  disk.isFull = false;
  onSave.mockClear();
  vi.advanceTimersByTime(DISK_RETRY_MS);
  expect(onSave).toHaveBeenCalledOnce();
  expect(reports.hasStored).toBe(true);
  expect(reports.readBatch(100).map(({ n }) => n)).toEqual([1, 2]);
  expect(readStored()).toMatchObject({ state: 'ended', lastN: 2 });
});

test('a batch has the oldest reports, and not more than fit into one callback', () => {
  const { reports } = newReports();
  const output = 'x'.repeat(400_000);
  for (let call = 0; call < 3; call += 1)
    reports.append({ type: 'tool', phase: 'end', callId: 'c', status: 'completed', output });
  reports.append(completed);
  expect(reports.readBatch(1).map(({ n }) => n)).toEqual([1]);
  expect(reports.readBatch(100).map(({ n }) => n)).toEqual([1, 2]);
  reports.acknowledge(2);
  expect(reports.readBatch(100).map(({ n }) => n)).toEqual([3, 4]);
  expect(reports.isDelivered).toBe(false);
  reports.acknowledge(4);
  expect(reports.isDelivered).toBe(true);
});

test('endWith drops unsaved reports, whose later write would reset the number of the last report', () => {
  const { reports, disk, readStored } = newReports();
  reports.append(running);
  disk.isFull = true;
  reports.append(completed);
  disk.isFull = false;
  reports.endWith({ type: 'error', n: 1, status: 'FAILED', reason: 'AGENT_ERROR', text: '' });
  vi.advanceTimersByTime(DISK_RETRY_MS);
  expect(reports.readBatch(100)).toMatchObject([{ n: 1, type: 'error' }]);
  expect(readStored()).toMatchObject({ state: 'ended', lastN: 1 });
});
