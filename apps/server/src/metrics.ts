import { monitorEventLoopDelay } from 'node:perf_hooks';
import { countOpenTasks } from '@it0/api/agent/task/open-tasks';
import type { TaskMetrics } from '@it0/api/agent/task/task-metrics';
import { countFailedJobs } from '@it0/api/jobs/job-table';
import type { Bus } from '@it0/bus/bus';
import type { Database } from '@it0/db/database';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** Sampling interval of the event loop delay, which the measured delay includes. */
const LOOP_RESOLUTION_MS = 20;
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Creates the Prometheus metrics. Labels have few values and identify no person or tenant. */
export function createMetrics({ db, bus }: { db: Database; bus: Bus }) {
  const registry = new Registry();
  const registers = [registry];
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  loop.enable();

  new Gauge({
    name: 'it0_tasks',
    help: 'Open tasks of the whole platform, by status. Every server reports the same value.',
    labelNames: ['status'],
    registers,
    async collect() {
      this.reset();
      for (const [status, count] of await countOpenTasks(db).catch(() => [])) this.set({ status }, count);
    },
  });
  const endedTasks = new Counter({
    name: 'it0_tasks_ended_total',
    help: 'Tasks that this server ended, by final status.',
    labelNames: ['status'],
    registers,
  });
  const dispatchTime = new Histogram({
    name: 'it0_dispatch_seconds',
    help: 'Time from a message to its acceptance by a bridge, including the wait for earlier tasks of the session.',
    buckets: BUCKETS_SECONDS,
    registers,
  });
  const callbackTime = new Histogram({
    name: 'it0_callback_seconds',
    help: 'Duration of callback requests, by HTTP status.',
    labelNames: ['status'],
    buckets: BUCKETS_SECONDS,
    registers,
  });
  const jobTime = new Histogram({
    name: 'it0_job_seconds',
    help: 'Duration of runs of background jobs, by kind and outcome: done, retry or failed.',
    labelNames: ['kind', 'outcome'],
    buckets: BUCKETS_SECONDS,
    registers,
  });
  new Gauge({
    name: 'it0_jobs_failed',
    help: 'Background jobs of the whole platform whose attempts have all failed. Every server reports the same value.',
    registers,
    async collect() {
      this.set(await countFailedJobs(db.pool).catch(() => Number.NaN));
    },
  });
  new Gauge({
    name: 'it0_subscribers',
    help: 'Subscriptions to the bus on this server.',
    registers,
    collect() {
      this.set(bus.listenerCount());
    },
  });
  new Gauge({
    name: 'it0_bus_lag_seconds',
    help: 'Round-trip time over the bus; infinite without a response.',
    registers,
    async collect() {
      this.set((await bus.ping().catch(() => Number.POSITIVE_INFINITY)) / 1_000);
    },
  });
  new Gauge({
    name: 'it0_event_loop_lag_seconds',
    help: 'Event loop lag since the last scrape.',
    labelNames: ['quantile'],
    registers,
    collect() {
      for (const quantile of [0.5, 0.99, 1]) {
        this.set({ quantile }, Math.max(0, loop.percentile(quantile * 100) / 1e9 - LOOP_RESOLUTION_MS / 1e3));
      }
      loop.reset();
    },
  });
  new Gauge({
    name: 'it0_resident_memory_bytes',
    help: 'Resident memory of this server.',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });

  return {
    tasks: {
      dispatched: (seconds) => dispatchTime.observe(seconds),
      ended: (status) => endedTasks.inc({ status }),
    } satisfies TaskMetrics,
    /** Records the response to a callback. */
    recordCallback: (durationMs: number, status: number) => callbackTime.observe({ status }, durationMs / 1_000),
    /** Records the end of a run of a background job. */
    recordJob: (kind: string, outcome: string, seconds: number) => jobTime.observe({ kind, outcome }, seconds),
    contentType: registry.contentType,
    text: () => registry.metrics(),
    [Symbol.dispose]: () => void loop.disable(),
  };
}
