import type { Queryable } from '@it0/db/queryable';
import { quoteTenantSchema } from '@it0/db/sql';
import type { Pool } from 'pg';

/** Key of a task across all tenants. */
export type TaskKey = { tenantId: string; taskId: string };

/** A claimed row of the dispatch table. This server is responsible for the task until the lease ends at `due`. */
export type Claim = TaskKey & { sessionId: string; attempt: number; due: Date };

/** Scope of a claim of due tasks: all, one task, or one session of a tenant. */
export type DueFilter = { tenantId?: string; taskId?: string; sessionId?: string };

const LEASE_SECONDS = 6;
/** Maximum number of tasks per claim. */
export const MAX_CLAIMS = 20;

/** SQL condition: the task of the dispatch `d` is the first open one of its session. Only that one is dispatched. */
export const IS_FIRST_OF_SESSION = `NOT EXISTS (
  SELECT FROM public."Dispatch" e
  WHERE e."tenantId" = d."tenantId" AND e."sessionId" = d."sessionId" AND e."id" < d."id")`;

const CLAIM = `
  UPDATE public."Dispatch"
  SET "due" = now() + interval '${LEASE_SECONDS} seconds', "attempt" = "attempt" + 1
  WHERE "id" IN (
    SELECT d."id"
    FROM public."Dispatch" d
    WHERE d."tenantId" <> ALL($4)
      AND ($1::uuid IS NULL OR d."tenantId" = $1)
      AND ($2::uuid IS NULL OR d."taskId" = $2)
      AND ($3::uuid IS NULL OR d."sessionId" = $3)
      AND d."due" <= now()
      AND ${IS_FIRST_OF_SESSION}
    ORDER BY d."due"
    LIMIT ${MAX_CLAIMS}
    FOR UPDATE SKIP LOCKED
  )
  RETURNING "tenantId", "sessionId", "taskId", "attempt", "due"`;

/** Claims due tasks, each for one server until its lease ends. */
export async function claimDue(
  pool: Pool,
  { tenantId, taskId, sessionId }: DueFilter,
  refusedTenants: ReadonlySet<string>,
): Promise<Claim[]> {
  const values = [tenantId ?? null, taskId ?? null, sessionId ?? null, [...refusedTenants]];
  return (await pool.query<Claim>({ name: 'claim-dispatch', text: CLAIM, values })).rows;
}

/** Makes a claimed task due after a delay, unless it was made due meanwhile and must be checked sooner. */
export const postpone = (pool: Pool, { tenantId, taskId, due }: Claim, delayMs: number) =>
  pool.query(
    `UPDATE public."Dispatch" SET "due" = now() + $4 * interval '1 millisecond'
     WHERE "tenantId" = $1 AND "taskId" = $2 AND "due" = $3`,
    [tenantId, taskId, due, delayMs],
  );

/** Makes a task due now. Call `wake` after the commit. */
export const makeDue = (client: Queryable, { tenantId, taskId }: TaskKey) =>
  client.query('UPDATE public."Dispatch" SET "due" = now(), "attempt" = 0 WHERE "tenantId" = $1 AND "taskId" = $2', [
    tenantId,
    taskId,
  ]);

/** Makes the tasks of an instance due now, since it has just started to run. */
export const makeInstanceDue = (client: Queryable, { tenantId, id }: { tenantId: string; id: string }) =>
  client.query(
    `UPDATE public."Dispatch" d SET "due" = now(), "attempt" = 0
     FROM ${quoteTenantSchema(tenantId)}."AgentSession" s
     WHERE d."tenantId" = $1 AND d."sessionId" = s."id" AND s."agentInstanceId" = $2`,
    [tenantId, id],
  );

/** Removes a task from the dispatch table. */
export const removeDispatch = (client: Queryable, { tenantId, taskId }: TaskKey) =>
  client.query('DELETE FROM public."Dispatch" WHERE "tenantId" = $1 AND "taskId" = $2', [tenantId, taskId]);

/** By then, bridges have noticed that their callbacks fail. */
const EXPEDITED_DUE = `now() + interval '2 seconds'`;

/** Makes all tasks due soon, after another server has gone: bridges that reported to it get a new callback URL. */
export const expediteAll = (client: Queryable) =>
  client.query(`UPDATE public."Dispatch" SET "due" = ${EXPEDITED_DUE} WHERE "due" > ${EXPEDITED_DUE}`);
