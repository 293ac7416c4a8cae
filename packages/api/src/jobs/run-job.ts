import { toFirstLine } from '@it0/db/schema-state';
import { every } from '@it0/node/every';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { JobKind } from './job-kind.ts';
import { deleteJob, type JobClaim, type JobResult, LEASE_MS, releaseJob, renewLease } from './job-table.ts';

const MAX_ATTEMPTS = 8;
const MIN_BACKOFF_MS = 60_000;
const MAX_BACKOFF_MS = 60 * 60_000;

type RunServices = { pool: Pool; log: Logger };

/** Runs a claimed job and records how it ended. `stopping` aborts it; it is then due for other servers. */
export async function runJob(
  services: RunServices,
  kind: JobKind,
  claim: JobClaim,
  stopping: AbortSignal,
): Promise<JobResult['outcome']> {
  const { pool, log } = services;
  const { id: job, tenantId, attempts } = claim;
  const context = { job, kind: kind.name, tenantId, attempts };
  try {
    if (attempts > MAX_ATTEMPTS) throw new Error(`Its server has died during each of ${MAX_ATTEMPTS} attempts.`);
    await runWithLease(services, kind, claim, stopping);
  } catch (error) {
    const result = stopping.aborted ? toInterruption(claim) : toFailure(kind, claim, error);
    if (result.outcome === 'failed') log.error({ err: error, ...context }, 'a job has failed');
    else if (!stopping.aborted) log.warn({ err: error, ...context }, 'a job failed; retrying');
    await releaseJob(pool, claim, result);
    return result.outcome;
  }
  const isDeleted = kind.everyMs === undefined && (await deleteJob(pool, claim));
  if (!isDeleted)
    await releaseJob(pool, claim, { outcome: 'done', delayMs: kind.everyMs ?? 0, attempts: 0, error: null });
  log.debug(context, 'a job is done');
  return 'done';
}

/** Does the work while the lease is renewed. Aborts it when the lease may end, or has another holder. */
async function runWithLease({ pool, log }: RunServices, kind: JobKind, claim: JobClaim, stopping: AbortSignal) {
  const { id, tenantId, key } = claim;
  const lost = new AbortController();
  const loseLease = () => lost.abort(new Error('Another server may have claimed it.'));
  const deadline = setTimeout(loseLease, (LEASE_MS * 2) / 3);
  await using _renewal = every({
    ms: LEASE_MS / 3,
    async run() {
      if (await renewLease(pool, claim)) deadline.refresh();
      else loseLease();
    },
    onError: (error) => log.warn({ err: error, job: id }, 'the lease of a job could not be renewed; retrying'),
  });
  try {
    const signal = AbortSignal.any([stopping, lost.signal]);
    signal.throwIfAborted();
    await kind.run({ id, tenantId, key, payload: kind.payload.parse(claim.payload), signal });
  } finally {
    clearTimeout(deadline);
  }
}

const toInterruption = ({ attempts }: JobClaim): JobResult => ({
  ...{ outcome: 'retry', delayMs: 0, attempts: attempts - 1, error: null },
});

/** A failed periodic job runs again at its interval, since what it needs may be available then. */
function toFailure({ everyMs }: JobKind, { attempts }: JobClaim, error: unknown): JobResult {
  const text = toFirstLine(error);
  if (attempts >= MAX_ATTEMPTS) return { outcome: 'failed', delayMs: everyMs ?? null, attempts: 0, error: text };
  const delayMs = Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS * 2 ** (attempts - 1));
  return { outcome: 'retry', delayMs, attempts, error: text };
}
