import { createHash, randomUUID } from 'node:crypto';
import {
  type ApprovalDecision,
  type ApprovalStatus,
  serializeApprovalRequest,
  serializeApprovalSubject,
} from '@it0/contracts/chat-event';
import { limits } from '@it0/contracts/limits';
import { head } from '@it0/contracts/text';
import { openApprovalStore, type StoredApproval } from './approval-store.ts';
import type { Run } from './engines/engine.ts';
import type { ApprovalRequest } from './tools/tool.ts';

export type AskOptions = ApprovalRequest & {
  taskId: string;
  callId: string;
  textOffset: number;
  expiresInMs: number;
  report: Run['report'];
  /**
   * Cancels the approval; with `BRIDGE_CLOSED` as its reason the approval stays pending for the next process instead.
   */
  signal: AbortSignal;
  /** Aborts when the caller disconnects. The approval stays pending for a while, in which the call may be repeated. */
  disconnected: AbortSignal;
};
type Settled = Exclude<ApprovalStatus, 'PENDING'>;
export type Approvals = ReturnType<typeof createApprovals>;

/** The abort reason of calls that are stopped because the bridge stops. */
export const BRIDGE_CLOSED = 'bridge closed';

const DEFAULTS = {
  /** The time in which a lost call can be repeated: enough for a gateway to restart and to resume its task. */
  lostCallMs: 180_000,
  /** The time after the expiry in which a decision is still accepted, since a user may have made it in time. */
  lateDecisionMs: 5_000,
};

/** A call that waits for a decision. */
type Waiter = { isLost: boolean; decide(status: Settled): void; leave(): void };

const ALLOWED_DECISIONS: ApprovalDecision[] = ['allow-once', 'deny'];

/**
 * Creates the approvals of a bridge, which are stored in `dir`. An approval is bound to one task and to the digest of
 * its request, which is all that the user sees.
 */
export function createApprovals(dir: string, { lostCallMs, lateDecisionMs } = DEFAULTS) {
  const store = openApprovalStore(dir);
  const waiting = new Map<string, Waiter>();
  /** The ids of settled approvals whose status the disk failed to store. */
  const unrecorded = new Set<string>();

  /** Returns the pending or unused approval of a lost call with the same request, or creates an approval. */
  function findOrCreate({ taskId, expiresInMs }: AskOptions, digest: string) {
    const isFree = ({ id }: StoredApproval) => waiting.get(id)?.isLost !== false && !unrecorded.has(id);
    const open = store.listOpen(taskId, digest).filter(isFree);
    // An approval counts for the call that was lost, and not for an equal one much later in a long task.
    const existing = open.find(({ expiresAt }) => expiresAt > Date.now());
    // Those that expired while the bridge was stopped have no timer.
    for (const { id, status, expiresAt } of open)
      if (status === 'PENDING' && expiresAt <= Date.now() && !waiting.has(id)) record(id, 'EXPIRED');
    if (existing) {
      waiting.get(existing.id)?.leave();
      return existing;
    }
    requireCapacity(taskId);
    const approval = {
      id: randomUUID(),
      taskId,
      status: 'PENDING' as const,
      expiresAt: Math.round(Date.now() + expiresInMs + lateDecisionMs),
    };
    store.insert(approval, digest);
    return approval;
  }

  /** Throws an error for the model when the task has used up its approvals. */
  function requireCapacity(taskId: string) {
    const { total, pending } = store.count(taskId);
    if (total >= limits.taskApprovals)
      throw new Error(
        `This task has requested ${total} approvals, which is the limit. Report what is done and end the task.`,
      );
    if (pending >= limits.taskPendingApprovals)
      throw new Error(`${pending} calls of this task are waiting for approval. Wait until some of them are decided.`);
  }

  /** Waits for a decision, the expiry or the end of the call. Returns undefined when the approval stays pending. */
  async function wait(
    id: string,
    remainingMs: number,
    { signal, disconnected }: AskOptions,
  ): Promise<Settled | undefined> {
    const { promise, resolve } = Promise.withResolvers<Settled | undefined>();
    const leave = () => resolve(undefined);
    const settle = (status: 'EXPIRED' | 'CANCELLED') => resolve(record(id, status));
    const waiter: Waiter = { isLost: false, decide: resolve, leave };
    const timers = [setTimeout(settle, remainingMs, 'EXPIRED')];
    const stopListening = [
      whenAborted(signal, () => (signal.reason === BRIDGE_CLOSED ? leave() : settle('CANCELLED'))),
      whenAborted(disconnected, () => {
        // A decision is stored for the repeated call, since nothing may run without a caller.
        Object.assign(waiter, { isLost: true, decide: leave });
        timers.push(setTimeout(settle, lostCallMs, 'CANCELLED'));
      }),
    ];
    waiting.set(id, waiter);
    return promise.finally(() => {
      for (const timer of timers) clearTimeout(timer);
      for (const stop of stopListening) stop();
      if (waiting.get(id) === waiter) waiting.delete(id);
    });
  }

  /** Marks the approval of a call that was not allowed as used. */
  function markUsed(id: string) {
    try {
      store.markUsed(id);
    } catch {
      // Without the record, the next process returns the same status for the same call.
    }
  }

  /**
   * Stores a final status that allows nothing. It is returned even if the disk fails, so that no call waits forever.
   */
  function record(id: string, status: 'EXPIRED' | 'CANCELLED'): Settled {
    try {
      return store.settle(id, status) ? status : readFinalStatus(id);
    } catch {
      unrecorded.add(id);
      return status;
    }
  }

  function readFinalStatus(id: string): Settled {
    const status = store.find(id)?.status;
    return status && status !== 'PENDING' ? status : 'CANCELLED';
  }

  return {
    /**
     * Requests an approval and waits for the decision. Returns ALLOWED once per approval, after its use is stored.
     * Returns undefined when the approval stays pending, or its decision unused, for the same call of a later process
     * or caller.
     */
    async ask(options: AskOptions): Promise<Settled | undefined> {
      const { report, signal: _, disconnected: __, expiresInMs, taskId, ...rest } = options;
      const request = {
        ...rest,
        callId: head(rest.callId, limits.name),
        warning: rest.warning && head(rest.warning, limits.detail),
        allowedDecisions: ALLOWED_DECISIONS,
      };
      const approval = findOrCreate(options, hashText(serializeApprovalRequest(request)));
      const remainingMs = Math.max(0, Math.min(expiresInMs + lateDecisionMs, approval.expiresAt - Date.now()));
      const reportStatus = (status: ApprovalStatus) =>
        report({
          type: 'approval',
          ...request,
          approvalId: approval.id,
          digest: hashText(serializeApprovalSubject(request)),
          expiresInMs: Math.max(0, Math.round(remainingMs - lateDecisionMs)),
          status,
        });
      reportStatus('PENDING');
      const status =
        approval.status === 'PENDING' ? await wait(approval.id, remainingMs, options) : readFinalStatus(approval.id);
      if (!status) return undefined;
      reportStatus(status);
      if (status === 'ALLOWED') return store.start(approval.id) ? status : 'CANCELLED';
      markUsed(approval.id);
      return status;
    },
    /**
     * Applies a decision. Returns `decided` also for a repeated one, and `over` when the approval has another status.
     */
    decide(id: string, decision: ApprovalDecision): 'decided' | 'unknown' | 'over' {
      if (unrecorded.has(id)) return 'over';
      const approval = store.find(id);
      if (!approval) return 'unknown';
      const status = decision === 'deny' ? 'DENIED' : 'ALLOWED';
      // A waiting call has a timer of its own, which is not affected by changes of the machine's clock.
      if (approval.status === 'PENDING' && !waiting.has(id) && approval.expiresAt < Date.now()) return 'over';
      if (!store.settle(id, status)) return approval.status === status ? 'decided' : 'over';
      waiting.get(id)?.decide(status);
      return 'decided';
    },
    /** Deletes the approvals of a task that has ended. */
    forget: store.forget,
    /** Deletes the approvals of all other tasks. */
    keepOnly(taskIds: string[]) {
      for (const taskId of store.listTasks()) if (!taskIds.includes(taskId)) store.forget(taskId);
    },
    [Symbol.dispose]: store[Symbol.dispose],
  };
}

const hashText = (text: string) => createHash('sha256').update(text).digest('hex');

/** Calls `listener` once `signal` is aborted. Returns a function that stops listening. */
function whenAborted(signal: AbortSignal, listener: () => void) {
  signal.addEventListener('abort', listener, { once: true });
  if (signal.aborted) listener();
  return () => signal.removeEventListener('abort', listener);
}
