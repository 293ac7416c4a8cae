import type { Queryable } from '@it0/db/queryable';
import type { Pool } from 'pg';
import type { Logger } from 'pino';

/** Key of a task across all tenants. */
export type TaskKey = { tenantId: string; taskId: string };

/** A claimed row of the dispatch table. This server is responsible for the task until the lease ends at `due`. */
export type Claim = TaskKey & { sessionId: string; attempt: number; due: Date };

/** Does what a task needs now. Returns the delay until the next check in milliseconds, or null when there is none. */
export type ReconcileTask = (claim: Claim) => Promise<number | null>;

/** Options of `createDispatcher`. Tasks of `refusedTenants` are not dispatched. */
export type DispatcherOptions = { pool: Pool; log: Logger; refusedTenants?: ReadonlySet<string> };

/** Scope of a pass over due tasks: all, one task, or one session of a tenant. */
type DueFilter = { tenantId?: string; taskId?: string; sessionId?: string };

const SWEEP_MS = 1_000;
const LEASE_SECONDS = 6;
const MAX_CLAIMS = 20;

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

/** Makes a task due now. Call `wake` after the commit. */
export const makeDue = (client: Queryable, { tenantId, taskId }: TaskKey) =>
  client.query('UPDATE public."Dispatch" SET "due" = now(), "attempt" = 0 WHERE "tenantId" = $1 AND "taskId" = $2', [
    tenantId,
    taskId,
  ]);

/** Removes a task from the dispatch table. */
export const removeDispatch = (client: Queryable, { tenantId, taskId }: TaskKey) =>
  client.query('DELETE FROM public."Dispatch" WHERE "tenantId" = $1 AND "taskId" = $2', [tenantId, taskId]);

/** By then, bridges have noticed that their callbacks fail. */
const EXPEDITED_DUE = `now() + interval '2 seconds'`;

/** Makes all tasks due soon, after another server has gone: bridges that reported to it get a new callback URL. */
export const expediteAll = (client: Queryable) =>
  client.query(`UPDATE public."Dispatch" SET "due" = ${EXPEDITED_DUE} WHERE "due" > ${EXPEDITED_DUE}`);

/**
 * Creates the dispatcher, which ensures that some server takes care of every open task: at once when woken, and by a
 * sweep of due tasks, which takes over the tasks of a dead server when its leases expire. Only the first task of a
 * session is dispatched. Tasks of refused tenants wait.
 */
export function createDispatcher({ pool, log, refusedTenants = new Set() }: DispatcherOptions) {
  const passes = new Set<Promise<void>>();
  let reconcileTask: ReconcileTask | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function claimDue({ tenantId, taskId, sessionId }: DueFilter): Promise<Claim[]> {
    const values = [tenantId ?? null, taskId ?? null, sessionId ?? null, [...refusedTenants]];
    return (await pool.query<Claim>({ name: 'claim-dispatch', text: CLAIM, values })).rows;
  }

  async function processClaim(claim: Claim) {
    const delayMs = await reconcileTask!(claim);
    if (delayMs === null) {
      await removeDispatch(pool, claim);
    } else {
      // If `due` was set meanwhile, the task must be checked sooner.
      await pool.query(
        `UPDATE public."Dispatch" SET "due" = now() + $4 * interval '1 millisecond'
         WHERE "tenantId" = $1 AND "taskId" = $2 AND "due" = $3`,
        [claim.tenantId, claim.taskId, claim.due, delayMs],
      );
    }
  }

  async function runPass(filter: DueFilter): Promise<void> {
    if (closed || !reconcileTask) return;
    const claims = await claimDue(filter);
    const results = await Promise.allSettled(claims.map(processClaim));
    for (const [index, result] of results.entries()) {
      if (result.status === 'rejected') {
        const { tenantId, sessionId, taskId } = claims[index]!;
        log.error({ err: result.reason, tenantId, sessionId, taskId }, 'a task could not be reconciled; retrying');
      }
    }
    if (claims.length === MAX_CLAIMS) await runPass(filter);
  }

  function trackPass(filter: DueFilter): Promise<void> {
    const pass = runPass(filter)
      .catch((error: unknown) => log.warn({ err: error }, 'the dispatch table could not be read; retrying'))
      .finally(() => passes.delete(pass));
    passes.add(pass);
    return pass;
  }

  return {
    start(reconcile: ReconcileTask) {
      reconcileTask = reconcile;
      timer = setInterval(() => void trackPass({}), SWEEP_MS);
      void trackPass({});
    },
    /** Processes this task at once if it is due. */
    wake: ({ tenantId, taskId }: TaskKey) => void trackPass({ tenantId, taskId }),
    /** Processes the next task of a session at once. */
    wakeSession: (tenantId: string, sessionId: string) => void trackPass({ tenantId, sessionId }),
    /** Stops claiming tasks, and waits for the claimed ones. */
    async close() {
      closed = true;
      clearInterval(timer);
      await Promise.all(passes);
    },
  };
}
export type Dispatcher = ReturnType<typeof createDispatcher>;
