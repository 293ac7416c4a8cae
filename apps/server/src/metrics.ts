import { monitorEventLoopDelay } from 'node:perf_hooks';
import { countOpenTasks } from '@it0/api/agent/task/open-tasks';
import type { Measure } from '@it0/api/measure';
import type { Bus } from '@it0/bus/bus';
import type { Database } from '@it0/db/database';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** How often the event loop is looked at: what it took longer is the lag. */
const resolutionMs = 20;
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What Prometheus is told. Labels have few values, and none of them tells who anybody is. */
export function createMetrics({ db, bus }: { db: Database; bus: Bus }) {
  const registry = new Registry();
  const registers = [registry];
  const loop = monitorEventLoopDelay({ resolution: resolutionMs });
  loop.enable();

  new Gauge({
    name: 'it0_tasks',
    help: 'Tasks that are not over, by state. The same on every server: they are those of the whole platform.',
    labelNames: ['status'],
    registers,
    async collect() {
      this.reset();
      for (const [status, count] of await countOpenTasks(db).catch(() => [])) this.set({ status }, count);
    },
  });
  const ended = new Counter({
    name: 'it0_tasks_ended_total',
    help: 'Tasks that this server ended, by how.',
    labelNames: ['status'],
    registers,
  });
  const dispatch = new Histogram({
    name: 'it0_dispatch_seconds',
    help: 'From a message to the bridge that took it, the wait behind others of its session included.',
    buckets: seconds,
    registers,
  });
  const callback = new Histogram({
    name: 'it0_callback_seconds',
    help: 'How long a bridge waited for the answer to a callback, by the answer’s HTTP status.',
    labelNames: ['status'],
    buckets: seconds,
    registers,
  });
  new Gauge({
    name: 'it0_subscribers',
    help: 'Readers that hang on this server.',
    registers,
    collect() {
      this.set(bus.listeners());
    },
  });
  new Gauge({
    name: 'it0_bus_lag_seconds',
    help: 'From this server over the bus and back; infinite when nothing comes back.',
    registers,
    async collect() {
      this.set((await bus.ping().catch(() => Number.POSITIVE_INFINITY)) / 1_000);
    },
  });
  new Gauge({
    name: 'it0_event_loop_lag_seconds',
    help: 'How late this server’s event loop was since the last time somebody looked.',
    labelNames: ['quantile'],
    registers,
    collect() {
      for (const quantile of [0.5, 0.99, 1]) {
        this.set({ quantile }, Math.max(0, loop.percentile(quantile * 100) / 1e9 - resolutionMs / 1e3));
      }
      loop.reset();
    },
  });
  new Gauge({
    name: 'it0_resident_memory_bytes',
    help: 'What this server has in memory.',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });

  return {
    measure: {
      dispatched: (took) => dispatch.observe(took),
      ended: (status) => ended.inc({ status }),
    } satisfies Measure,
    /** A callback was answered with this status after so many milliseconds. */
    callback: (tookMs: number, status: number) => callback.observe({ status }, tookMs / 1_000),
    contentType: registry.contentType,
    text: () => registry.metrics(),
    close: () => void loop.disable(),
  };
}
