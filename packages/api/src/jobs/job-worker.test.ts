import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { testDatabase } from '@it0/tests/support/database';
import { until } from '@it0/tests/support/until';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { Job, JobKind } from './job-kind.ts';
import {
  claimJobs,
  deleteJob,
  enqueueJob,
  type JobClaim,
  listFailedJobs,
  releaseJob,
  renewLease,
} from './job-table.ts';
import { type JobWorkerOptions, startJobWorker } from './job-worker.ts';

const log = pino({ level: 'silent' });
const Payload = z.object({ n: z.int() });

/** Creates a kind that records its runs. `run` does its work. */
function createKind(
  run: (job: Job<{ n: number }>) => unknown = () => {},
  options: Partial<JobKind<{ n: number }>> = {},
) {
  const runs: Job<{ n: number }>[] = [];
  const kind: JobKind<{ n: number }> = {
    ...{ name: 'count', payload: Payload, ...options },
    async run(job) {
      runs.push(job);
      await run(job);
    },
  };
  return { kind, runs };
}

async function setUp() {
  const db = await testDatabase();
  const { job } = db.platform;
  const start = (kind: JobKind<{ n: number }>, options: Partial<JobWorkerOptions> = {}) =>
    startJobWorker({ pool: db.pool, log, kinds: [kind], ...options });
  const enqueue = (kind: JobKind<{ n: number }>, key = '1', payload = { n: 1 }, runAt?: Date) =>
    enqueueJob(db.pool, kind, { tenantId: null, key, payload, runAt });
  const claim = async (kind: string, count = 1) =>
    claimJobs(db.pool, [{ kind, count }], new Set()) as Promise<[JobClaim, ...JobClaim[]]>;
  const makeDue = () => job.updateMany({ data: { runAt: new Date(0) } });
  return { ...db, job, start, enqueue, claim, makeDue };
}

test('two workers on one database run each job once', async () => {
  await using db = await setUp();
  const { kind, runs } = createKind(() => sleep(1), { concurrency: 3 });
  for (let n = 0; n < 40; n++) await db.enqueue(kind, String(n), { n });
  await using _one = await db.start(kind);
  await using _two = await db.start(kind);
  await until(async () => (await db.job.count()) === 0);
  expect(runs.map(({ payload: { n } }) => n).sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, n) => n));
});

test('a worker runs at most as many jobs of a kind at once as it allows, whatever other kinds do', async () => {
  await using db = await setUp();
  const release = Promise.withResolvers<void>();
  const slow = createKind(() => release.promise, { name: 'slow', concurrency: 2 });
  const quick = createKind(undefined, { name: 'quick' });
  for (const n of [1, 2, 3]) await db.enqueue(slow.kind, String(n));
  await using _worker = await db.start(slow.kind, { kinds: [slow.kind, quick.kind] });
  await until(() => slow.runs.length === 2);
  await db.enqueue(quick.kind);
  await until(async () => (await db.job.count({ where: { kind: 'quick' } })) === 0);
  expect([slow.runs.length, quick.runs.length]).toEqual([2, 1]);
  release.resolve();
  await until(async () => (await db.job.count()) === 0);
  expect(slow.runs.length).toBe(3);
});

test('enqueueJob changes the job with the same key, also when it has no tenant', async () => {
  await using db = await setUp();
  const { kind, runs } = createKind();
  const later = new Date(Date.now() + 3_600_000);
  await db.enqueue(kind, 'a', { n: 1 }, later);
  await db.enqueue(kind, 'a', { n: 2 }, later);
  await enqueueJob(db.pool, kind, { tenantId: db.tenantId, key: 'a', payload: { n: 3 } });
  expect((await db.job.findMany({ orderBy: { id: 'asc' } })).map(({ payload }) => payload)).toEqual([
    { n: 2 },
    { n: 3 },
  ]);
  await using worker = await db.start(kind);
  await until(() => runs.length === 1);
  await db.enqueue(kind, 'a', { n: 4 });
  worker.wake();
  await until(() => runs.length === 2);
  expect(runs).toMatchObject([
    { tenantId: db.tenantId, payload: { n: 3 } },
    { tenantId: null, payload: { n: 4 } },
  ]);
});

test('enqueueJob refuses an invalid payload, and a stored one fails its job', async () => {
  await using db = await setUp();
  const { kind, runs } = createKind();
  await expect(db.enqueue(kind, 'a', { n: 0.5 })).rejects.toThrow(z.ZodError);
  await db.job.create({ data: { kind: kind.name, payload: { n: 'one' } } });
  await using _worker = await db.start(kind);
  await until(async () => (await db.job.findFirst())?.lastError);
  expect(runs).toEqual([]);
});

test('a job that is enqueued while it runs runs again', async () => {
  await using db = await setUp();
  const { kind, runs } = createKind(async ({ payload: { n } }) => {
    if (n === 1) await db.enqueue(kind, '1', { n: 2 });
  });
  await db.enqueue(kind);
  await using _worker = await db.start(kind);
  await until(async () => (await db.job.count()) === 0);
  expect(runs.map(({ payload }) => payload)).toEqual([{ n: 1 }, { n: 2 }]);
});

test('a job that is enqueued for the same time while it runs runs again', async () => {
  await using db = await setUp();
  const time = new Date(0);
  const { kind, runs } = createKind(async ({ payload: { n } }) => {
    if (n === 1) await db.enqueue(kind, '1', { n: 2 }, time);
  });
  await db.enqueue(kind, '1', { n: 1 }, time);
  await using _worker = await db.start(kind);
  await until(async () => (await db.job.count()) === 0);
  expect(runs.map(({ payload }) => payload)).toEqual([{ n: 1 }, { n: 2 }]);
});

test('a job of a transaction that rolls back does not run', async () => {
  await using db = await setUp();
  const { kind } = createKind();
  const client = await db.pool.connect();
  await client.query('BEGIN');
  await enqueueJob(client, kind, { tenantId: null, key: 'a', payload: { n: 1 } });
  await client.query('ROLLBACK');
  client.release();
  expect(await db.job.count()).toBe(0);
});

test('a job of a killed server is taken when its lease ends, and not before', async () => {
  await using db = await setUp();
  const { kind, runs } = createKind();
  await db.enqueue(kind);
  const [dead] = await db.claim(kind.name);
  expect(await db.job.findFirst()).toMatchObject({ leaseUntil: expect.any(Date) });
  // Longer than the test takes on a slow machine.
  await db.job.updateMany({ data: { leaseUntil: new Date(Date.now() + 3_600_000) } });
  await using worker = await db.start(kind);
  await db.enqueue(kind, 'other');
  worker.wake();
  await until(() => runs.some(({ key }) => key === 'other'));
  expect(runs.map(({ key }) => key)).toEqual(['other']);

  await db.job.updateMany({ data: { leaseUntil: new Date(0) } });
  await until(() => runs.length === 2);
  expect(runs[1]).toMatchObject({ id: dead.id, key: '1' });
  await until(async () => (await db.job.count()) === 0);
});

test('the end of a claim that another server has taken over has no effect', async () => {
  await using db = await setUp();
  const { kind } = createKind();
  await db.enqueue(kind);
  const [first] = await db.claim(kind.name);
  await db.job.updateMany({ data: { leaseUntil: new Date(0) } });
  const [second] = await db.claim(kind.name);
  expect(second).toMatchObject({ id: first.id, attempts: 2 });
  const before = await db.job.findFirst();
  expect(await renewLease(db.pool, first)).toBe(false);
  expect(await deleteJob(db.pool, first)).toBe(false);
  await releaseJob(db.pool, first, { outcome: 'failed', delayMs: null, attempts: 0, error: 'late' });
  expect(await db.job.findFirst()).toEqual(before);
  expect(await renewLease(db.pool, second)).toBe(true);
  expect(await deleteJob(db.pool, second)).toBe(true);
});

test('a running job keeps its lease, and is aborted when another server has claimed it', async () => {
  await using db = await setUp();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const aborted = Promise.withResolvers<void>();
  const { kind, runs } = createKind(({ signal }) => {
    signal.addEventListener('abort', () => aborted.resolve());
    return aborted.promise.then(() => signal.throwIfAborted());
  });
  await db.enqueue(kind);
  await using _worker = await db.start(kind);
  await until(() => runs.length === 1);
  await db.job.updateMany({ data: { leaseUntil: new Date(0) } });
  vi.advanceTimersByTime(10_000);
  await until(async () => Number((await db.job.findFirst())?.leaseUntil) > Date.now());

  const holder = randomUUID();
  await db.job.updateMany({ data: { holder } });
  vi.advanceTimersByTime(10_000);
  await aborted.promise;
  vi.useRealTimers();
  expect(await db.job.findFirst()).toMatchObject({ holder, failedAt: null });
});

test('a job of a server that stops is due at once, and does not count as failed', async () => {
  await using db = await setUp();
  const { kind, runs } = createKind(
    ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  );
  await db.enqueue(kind);
  const worker = await db.start(kind);
  await until(() => runs.length === 1);
  await worker[Symbol.asyncDispose]();
  expect(await db.job.findFirst()).toMatchObject({ holder: null, leaseUntil: null, attempts: 0, lastError: null });
  expect((await db.claim(kind.name)).length).toBe(1);
});

test('a job that fails runs again with backoff, then stays failed, and runs again when it is enqueued', async () => {
  await using db = await setUp();
  let isBroken = true;
  const { kind, runs } = createKind(() => {
    if (isBroken) throw new Error('the provider does not respond\nsecret');
  });
  const ends: unknown[] = [];
  await db.enqueue(kind);
  await using worker = await db.start(kind, { onRun: (...end) => ends.push(end.slice(0, 2)) });
  const delays: number[] = [];
  for (let attempt = 1; attempt < 8; attempt++) {
    await until(() => ends.length === attempt);
    const row = await db.job.findFirstOrThrow();
    expect(row).toMatchObject({ attempts: attempt, failedAt: null, lastError: 'the provider does not respond' });
    delays.push(Math.round((Number(row.runAt) - Date.now()) / 60_000));
    await db.makeDue();
    worker.wake();
  }
  expect(delays.toSorted((a, b) => a - b)).toEqual(delays);
  await until(() => ends.length === 8);
  expect(ends).toEqual([...Array(7).fill(['count', 'retry']), ['count', 'failed']]);
  expect(await listFailedJobs(db.pool)).toMatchObject([{ kind: 'count', runAt: null, tenantId: null }]);
  expect((await db.claim(kind.name)).length).toBe(0);

  isBroken = false;
  await db.enqueue(kind);
  worker.wake();
  await until(async () => (await db.job.count()) === 0);
  expect(runs.length).toBe(9);
});

test('a job during which its server dies every time is failed without another run', async () => {
  await using db = await setUp();
  const { kind, runs } = createKind();
  await db.enqueue(kind);
  await db.job.updateMany({ data: { attempts: 8, holder: randomUUID(), leaseUntil: new Date(0) } });
  await using _worker = await db.start(kind);
  await until(async () => (await listFailedJobs(db.pool)).length === 1);
  expect(runs).toEqual([]);
});

test('a periodic job runs at its interval, and continues after it has failed', async () => {
  await using db = await setUp();
  let isBroken = false;
  const { kind, runs } = createKind(
    () => {
      if (isBroken) throw new Error('broken');
    },
    { payload: z.object({}) as never, everyMs: 3_600_000 },
  );
  await using one = await db.start(kind);
  await using _two = await db.start(kind);
  await until(async () => Number((await db.job.findFirst())?.runAt) > Date.now() + 3_000_000);
  expect(runs.length).toBe(1);
  const run = async (attempts: number) => {
    await db.job.updateMany({ data: { runAt: new Date(0), attempts } });
    one.wake();
    return until(async () => {
      const row = await db.job.findFirstOrThrow();
      return Number(row.runAt) > Date.now() && row.holder === null && row;
    });
  };
  isBroken = true;
  const failed = await run(7);
  expect(failed).toMatchObject({ attempts: 0, lastError: 'broken', failedAt: expect.any(Date) });
  expect(await run(0)).toMatchObject({ attempts: 1, failedAt: failed.failedAt });
  isBroken = false;
  expect(await run(1)).toMatchObject({ attempts: 0, lastError: null, failedAt: null });
});

test('jobs of refused tenants wait, and those of a removed tenant are removed with it', async () => {
  await using db = await setUp();
  const { kind, runs } = createKind();
  const other = await db.createTenant({ name: 'Other' });
  for (const tenantId of [db.tenantId, other]) {
    await enqueueJob(db.pool, kind, { tenantId, key: '1', payload: { n: 1 } });
  }
  await using _worker = await db.start(kind, { refusedTenants: new Set([other]) });
  await until(async () => (await db.job.count()) === 1);
  expect(runs.map(({ tenantId }) => tenantId)).toEqual([db.tenantId]);
  await db.platform.organization.delete({ where: { id: other } });
  expect(await db.job.count()).toBe(0);
});
