import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Queryable } from '../task/event-log.ts';

/** Key of a task over all tenants. */
export type TaskKey = { tenantId: string; taskId: string };

/** A claimed row of the dispatch table: this server looks after the task now, until `due`. */
export type Claim = TaskKey & { sessionId: string; attempt: number; due: Date };

/** Looks at one task and does what it needs. Answers in how many milliseconds somebody must look again; null when never. */
export type ReconcileTask = (claim: Claim) => Promise<number | null>;

export type DispatcherOptions = { pool: Pool; log: Logger; refusedTenants?: ReadonlySet<string> };

/** Scope of a pass over due tasks: all, one task, or one session of a tenant. */
type Due = { tenantId?: string; taskId?: string; sessionId?: string };

const SWEEP_MS = 1_000;
const LEASE_SECONDS = 6;
const CLAIMS = 20;

const CLAIM = `
  UPDATE public."Dispatch" SET "due" = now() + interval '${LEASE_SECONDS} seconds', "attempt" = "attempt" + 1
  WHERE "id" IN (
    SELECT d."id" FROM public."Dispatch" d
    WHERE d."tenantId" <> ALL($4) AND ($1::uuid IS NULL OR d."tenantId" = $1)
      AND ($2::uuid IS NULL OR d."taskId" = $2) AND ($3::uuid IS NULL OR d."sessionId" = $3) AND d."due" <= now()
      AND NOT EXISTS (
        SELECT FROM public."Dispatch" e
        WHERE e."tenantId" = d."tenantId" AND e."sessionId" = d."sessionId" AND e."id" < d."id")
    ORDER BY d."due" LIMIT ${CLAIMS} FOR UPDATE SKIP LOCKED
  )
  RETURNING "tenantId", "sessionId", "taskId", "attempt", "due"`;

/** Makes somebody look at a task now: call `wake` after the commit. */
export const makeDue = (client: Queryable, { tenantId, taskId }: TaskKey) =>
  client.query('UPDATE public."Dispatch" SET "due" = now(), "attempt" = 0 WHERE "tenantId" = $1 AND "taskId" = $2', [
    tenantId,
    taskId,
  ]);

/** Removes the dispatch of a task. */
export const removeDispatch = (client: Queryable, { tenantId, taskId }: TaskKey) =>
  client.query('DELETE FROM public."Dispatch" WHERE "tenantId" = $1 AND "taskId" = $2', [tenantId, taskId]);

/** Long enough for a bridge to have found out that nobody takes its callbacks. */
const SOON = `now() + interval '2 seconds'`;

/** Another server is gone: whatever reported to it is looked at soon, and reports elsewhere. */
export const expediteAll = (client: Queryable) =>
  client.query(`UPDATE public."Dispatch" SET "due" = ${SOON} WHERE "due" > ${SOON}`);

/**
 * Sees to it that every task that is not over is looked after by some server: at once when woken, and by a sweep of what
 * is due, so that a dead server's tasks are taken over when its lease runs out. Of a session only the first task counts.
 * Those of refused tenants wait.
 */
export function createDispatcher({ pool, log, refusedTenants = new Set() }: DispatcherOptions) {
  const busy = new Set<Promise<void>>();
  let attend: ReconcileTask | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function claim({ tenantId, taskId, sessionId }: Due): Promise<Claim[]> {
    const values = [tenantId ?? null, taskId ?? null, sessionId ?? null, [...refusedTenants]];
    return (await pool.query<Claim>({ name: 'claim-dispatch', text: CLAIM, values })).rows;
  }

  async function process(claimed: Claim) {
    const next = await attend!(claimed);
    if (next === null) {
      await removeDispatch(pool, claimed);
    } else {
      // Whoever set `due` meanwhile wants it looked at sooner.
      await pool.query(
        `UPDATE public."Dispatch" SET "due" = now() + $4 * interval '1 millisecond'
         WHERE "tenantId" = $1 AND "taskId" = $2 AND "due" = $3`,
        [claimed.tenantId, claimed.taskId, claimed.due, next],
      );
    }
  }

  async function run(due: Due): Promise<void> {
    if (closed || !attend) return;
    const claims = await claim(due);
    const done = await Promise.allSettled(claims.map(process));
    for (const [index, result] of done.entries()) {
      if (result.status === 'rejected') {
        const { tenantId, sessionId, taskId } = claims[index]!;
        log.error({ err: result.reason, tenantId, sessionId, taskId }, 'looking after a task failed; trying again');
      }
    }
    if (claims.length === CLAIMS) await run(due);
  }

  function track(due: Due): Promise<void> {
    const work = run(due)
      .catch((error: unknown) => log.warn({ err: error }, 'the dispatch table could not be read; trying again'))
      .finally(() => busy.delete(work));
    busy.add(work);
    return work;
  }

  return {
    start(how: ReconcileTask) {
      attend = how;
      timer = setInterval(() => void track({}), SWEEP_MS);
      void track({});
    },
    /** Something is due for this task. */
    wake: ({ tenantId, taskId }: TaskKey) => void track({ tenantId, taskId }),
    /** The session's next task may run. */
    wakeSession: (tenantId: string, sessionId: string) => void track({ tenantId, sessionId }),
    /** Claims nothing more and finishes what it claimed. */
    async close() {
      closed = true;
      clearInterval(timer);
      await Promise.all(busy);
    },
  };
}
export type Dispatcher = ReturnType<typeof createDispatcher>;
