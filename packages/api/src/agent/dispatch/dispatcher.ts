import type { Pool } from 'pg';
import type { Logger } from 'pino';
import {
  type Claim,
  claimDue,
  type DueFilter,
  MAX_CLAIMS,
  postpone,
  removeDispatch,
  type TaskKey,
} from './dispatch-table.ts';

/** Does what a task needs now. Returns the delay until the next check in milliseconds, or null when there is none. */
export type ReconcileTask = (claim: Claim) => Promise<number | null>;

/** Options of `createDispatcher`. Tasks of `refusedTenants` are not dispatched. */
export type DispatcherOptions = { pool: Pool; log: Logger; refusedTenants?: ReadonlySet<string> };

const SWEEP_MS = 1_000;

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

  async function processClaim(claim: Claim) {
    const delayMs = await reconcileTask!(claim);
    await (delayMs === null ? removeDispatch(pool, claim) : postpone(pool, claim, delayMs));
  }

  async function runPass(filter: DueFilter): Promise<void> {
    if (closed || !reconcileTask) return;
    const claims = await claimDue(pool, filter, refusedTenants);
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
