import type { Queryable } from '@it0/db/queryable';
import type { JobKind } from './job-kind.ts';

/** A job to add. The tenant and the key identify it among the jobs of its kind. */
export type NewJob<Payload> = {
  /** Null for work for all tenants. */
  tenantId: string | null;
  /** Identifies the subject of the work. */
  key: string;
  payload: Payload;
  /** Defaults to now. */
  runAt?: Date;
};

/** A job that this server holds until its lease ends. `holder` is different for every claim. */
export type JobClaim = {
  id: string;
  kind: string;
  tenantId: string | null;
  key: string;
  payload: unknown;
  runAt: Date;
  attempts: number;
  holder: string;
};

/** Time after which the job of a dead server can be claimed. */
export const LEASE_MS = 30_000;
const LEASE_END = `now() + interval '${LEASE_MS} milliseconds'`;

/** The time of a job that is running always changes, since the end of its run recognizes by it that it must run again. */
const ENQUEUE = `
  INSERT INTO public."Job" ("kind", "tenantId", "key", "payload", "runAt") VALUES ($1, $2, $3, $4, coalesce($5, now()))
  ON CONFLICT ("kind", "tenantId", "key") DO UPDATE SET
    "payload" = EXCLUDED."payload",
    "runAt" = CASE
      WHEN "Job"."holder" IS NOT NULL AND "Job"."runAt" = EXCLUDED."runAt" THEN EXCLUDED."runAt" + interval '1 millisecond'
      ELSE EXCLUDED."runAt" END,
    "attempts" = 0, "lastError" = NULL, "failedAt" = NULL`;

/**
 * Adds a job in the transaction that causes it, or changes the time and payload of the existing one. A job that is
 * running then runs again at the new time. Wake the worker after the commit.
 */
export async function enqueueJob<Payload>(
  db: Queryable,
  kind: Pick<JobKind<Payload>, 'name' | 'payload'>,
  { tenantId, key, payload, runAt }: NewJob<Payload>,
): Promise<void> {
  await db.query(ENQUEUE, [kind.name, tenantId, key, JSON.stringify(kind.payload.parse(payload)), runAt ?? null]);
}

/** Adds the missing jobs of periodic kinds, due now. */
export const ensurePeriodicJobs = (db: Queryable, kinds: string[]) =>
  db.query(`INSERT INTO public."Job" ("kind") SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`, [kinds]);

const CLAIM = `
  WITH due AS MATERIALIZED (
    SELECT job."id"
    FROM unnest($1::text[], $2::int[]) AS kind("name", "slots"), LATERAL (
      SELECT j."id" FROM public."Job" j
      WHERE j."kind" = kind."name" AND j."runAt" <= now() AND (j."leaseUntil" IS NULL OR j."leaseUntil" <= now())
        AND (j."tenantId" IS NULL OR j."tenantId" <> ALL($3))
      ORDER BY j."runAt" LIMIT kind."slots" FOR UPDATE SKIP LOCKED) job
  )
  UPDATE public."Job" j
  SET "holder" = gen_random_uuid(), "leaseUntil" = ${LEASE_END}, "attempts" = j."attempts" + 1
  FROM due WHERE j."id" = due."id"
  RETURNING j."id", j."kind", j."tenantId", j."key", j."payload", j."runAt", j."attempts", j."holder"`;

/** Claims due jobs of each kind, at most as many as it has free slots, except those of refused tenants. */
export async function claimJobs(
  db: Queryable,
  slots: { kind: string; count: number }[],
  refusedTenants: ReadonlySet<string>,
): Promise<JobClaim[]> {
  const values = [slots.map(({ kind }) => kind), slots.map(({ count }) => count), [...refusedTenants]];
  return (await db.query<JobClaim>({ name: 'claim-jobs', text: CLAIM, values })).rows;
}

/** Extends the lease. Returns false when another server has claimed the job. */
export async function renewLease(db: Queryable, { id, holder }: JobClaim): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE public."Job" SET "leaseUntil" = ${LEASE_END} WHERE "id" = $1 AND "holder" = $2`,
    [id, holder],
  );
  return rowCount === 1;
}

/** How a run has ended. A job that is to be retried stays failed if it was. */
export type JobResult = {
  outcome: 'done' | 'retry' | 'failed';
  /** Time until the next run; null when there is none. */
  delayMs: number | null;
  attempts: number;
  /** Null to leave the last one. */
  error: string | null;
};

const RELEASE = `
  UPDATE public."Job" SET "holder" = NULL, "leaseUntil" = NULL, "attempts" = $5,
    "runAt" = CASE WHEN "runAt" = $3 THEN now() + $4 * interval '1 millisecond' ELSE "runAt" END,
    "lastError" = CASE WHEN $7 <> 'done' THEN coalesce($6, "lastError") END,
    "failedAt" = CASE $7 WHEN 'failed' THEN now() WHEN 'retry' THEN "failedAt" END
  WHERE "id" = $1 AND "holder" = $2`;

/** Ends a claim of a job that remains. Has no effect when another server has claimed the job. */
export const releaseJob = (
  db: Queryable,
  { id, holder, runAt }: JobClaim,
  { delayMs, attempts, error, outcome }: JobResult,
) => db.query(RELEASE, [id, holder, runAt, delayMs, attempts, error, outcome]);

/** Deletes a job that is done. Returns false when it was enqueued again while it ran, or has another holder. */
export async function deleteJob(db: Queryable, { id, holder, runAt }: JobClaim): Promise<boolean> {
  const { rowCount } = await db.query('DELETE FROM public."Job" WHERE "id" = $1 AND "holder" = $2 AND "runAt" = $3', [
    ...[id, holder, runAt],
  ]);
  return rowCount === 1;
}

/** A job whose attempts have all failed. */
export type FailedJob = {
  id: string;
  kind: string;
  tenantId: string | null;
  lastError: string | null;
  /** Null when it will not run again by itself. */
  runAt: Date | null;
};

/** Lists failed jobs, oldest first, at most 20. */
export const listFailedJobs = async (db: Queryable): Promise<FailedJob[]> =>
  (
    await db.query<FailedJob>(
      `SELECT "id", "kind", "tenantId", "lastError", "runAt" FROM public."Job"
       WHERE "failedAt" IS NOT NULL ORDER BY "failedAt", "id" LIMIT 20`,
    )
  ).rows;

/** Counts the failed jobs of all tenants. */
export async function countFailedJobs(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*)::int AS "count" FROM public."Job" WHERE "failedAt" IS NOT NULL`,
  );
  return rows[0]!.count;
}
