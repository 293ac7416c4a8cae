import type { z } from 'zod';

/** A job that a worker runs. */
export type Job<Payload = unknown> = {
  id: string;
  /** Null for work for all tenants. */
  tenantId: string | null;
  key: string;
  payload: Payload;
  /** Aborted when the server stops, or when it can no longer be sure that it alone runs the job. */
  signal: AbortSignal;
};

/** A kind of background job, and what it does. */
export type JobKind<Payload = unknown> = {
  name: string;
  payload: z.ZodType<Payload>;
  /** Interval of a periodic job. Any other job is deleted when it is done. */
  everyMs?: number;
  /** Maximum number of its jobs that one server runs at the same time. Defaults to 1. */
  concurrency?: number;
  /** Does the work. It must be repeatable, since a job whose server dies runs again. Long work checks `signal`. */
  run(job: Job<Payload>): Promise<void>;
};
