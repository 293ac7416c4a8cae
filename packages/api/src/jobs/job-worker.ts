import { every } from '@it0/node/every';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { JobKind } from './job-kind.ts';
import { claimJobs, ensurePeriodicJobs, type JobClaim, type JobResult } from './job-table.ts';
import { runJob } from './run-job.ts';

/** Options of `startJobWorker`. Jobs of `refusedTenants` are not run. */
export type JobWorkerOptions = {
  pool: Pool;
  log: Logger;
  kinds: JobKind[];
  refusedTenants?: ReadonlySet<string>;
  /** Records the end of a run. */
  onRun?(kind: string, outcome: JobResult['outcome'], seconds: number): void;
};

/** Runs due jobs until it is disposed. */
export type JobWorker = AsyncDisposable & {
  /** Claims due jobs at once. */
  wake(): void;
};

const POLL_MS = 1_000;

/**
 * Starts running jobs of these kinds, and adds the missing periodic ones. A job that fails runs again with backoff, and
 * is failed after its last attempt. The jobs of a server that dies run elsewhere when their leases end. Disposing it
 * aborts the running jobs.
 */
export async function startJobWorker(options: JobWorkerOptions): Promise<JobWorker> {
  const { pool, log, kinds, refusedTenants = new Set(), onRun } = options;
  const periodic = kinds.filter(({ everyMs }) => everyMs !== undefined);
  await ensurePeriodicJobs(
    pool,
    periodic.map(({ name }) => name),
  );
  const stopping = new AbortController();
  const running = new Map<Promise<void>, string>();

  async function startDueJobs() {
    const names = [...running.values()];
    const slots = kinds
      .map(({ name, concurrency = 1 }) => ({ kind: name, count: concurrency - names.filter((n) => n === name).length }))
      .filter(({ count }) => count > 0);
    const claims = slots.length > 0 ? await claimJobs(pool, slots, refusedTenants) : [];
    for (const claim of claims) {
      const run = runClaim(claim).finally(() => {
        running.delete(run);
        void loop.wake();
      });
      running.set(run, claim.kind);
    }
  }

  async function runClaim(claim: JobClaim) {
    const kind = kinds.find(({ name }) => name === claim.kind)!;
    const start = performance.now();
    try {
      const outcome = await runJob({ pool, log }, kind, claim, stopping.signal);
      onRun?.(kind.name, outcome, (performance.now() - start) / 1_000);
    } catch (error) {
      log.warn({ err: error, job: claim.id }, 'the end of a job could not be recorded; it runs again');
    }
  }

  const loop = every({
    ms: POLL_MS,
    run: startDueJobs,
    onError: (error) => log.warn({ err: error }, 'the job table could not be read; retrying'),
  });
  void loop.wake();
  return {
    wake: () => void loop.wake(),
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('The server is stopping.'));
      await loop[Symbol.asyncDispose]();
      await Promise.all(running.keys());
    },
  };
}
