import { every, type Loop } from '@it0/node/every';
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
  let sweeps: Loop | undefined;
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

  const logFailure = (error: unknown) => log.warn({ err: error }, 'the dispatch table could not be read; retrying');

  function trackPass(filter: DueFilter): Promise<void> {
    const pass = runPass(filter)
      .catch(logFailure)
      .finally(() => passes.delete(pass));
    passes.add(pass);
    return pass;
  }

  return {
    start(reconcile: ReconcileTask) {
      reconcileTask = reconcile;
      sweeps = every({
        ms: SWEEP_MS,
        // Does not wait for the pass: claims are exclusive, and a slow bridge must not delay the tasks of others.
        run: () => void trackPass({}),
        onError: logFailure,
      });
      void sweeps.wake();
    },
    /** Processes this task at once if it is due. */
    wake: ({ tenantId, taskId }: TaskKey) => void trackPass({ tenantId, taskId }),
    /** Processes the next task of a session at once. */
    wakeSession: (tenantId: string, sessionId: string) => void trackPass({ tenantId, sessionId }),
    /** Stops claiming tasks, and waits for the claimed ones. */
    async [Symbol.asyncDispose]() {
      closed = true;
      await sweeps?.[Symbol.asyncDispose]();
      await Promise.all(passes);
    },
  };
}
export type Dispatcher = ReturnType<typeof createDispatcher>;
