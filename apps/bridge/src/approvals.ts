import { createHash, randomUUID } from 'node:crypto';
import { type ApprovalDecision, type ApprovalStatus, approvalSubject } from '@it0/contracts/chat-event';
import { limits } from '@it0/contracts/limits';
import { head } from '@it0/contracts/text';
import { openApprovalStore } from './approval-store.ts';
import type { Run } from './engines/engine.ts';
import type { ApprovalRequest } from './tools/tool.ts';

export type AskOptions = ApprovalRequest & {
  taskId: string;
  callId: string;
  textOffset: number;
  expiresInMs: number;
  report: Run['report'];
  /**
   * Cancels the approval; with `bridgeClosed` as its reason the approval stays pending for the next process instead.
   */
  signal: AbortSignal;
};
type Settled = Exclude<ApprovalStatus, 'PENDING'>;
export type Approvals = ReturnType<typeof createApprovals>;

/** The abort reason of calls that are stopped because the bridge stops. */
export const bridgeClosed = 'bridge closed';

/**
 * Creates the approvals of a bridge, which are stored in `dir`. An approval is bound to one task and to the digest of
 * the command or content that it allows.
 */
export function createApprovals(dir: string) {
  const store = openApprovalStore(dir);
  const waiting = new Map<string, (status: Settled) => void>();
  /** The ids of settled approvals whose status the disk failed to store. */
  const unrecorded = new Set<string>();

  function open({ taskId, expiresInMs }: AskOptions, digest: string) {
    const before = store.findOpen(taskId, digest);
    if (before && !waiting.has(before.id) && !unrecorded.has(before.id)) return before;
    requireRoom(taskId);
    const approval = {
      id: randomUUID(),
      taskId,
      status: 'PENDING' as const,
      expiresAt: Math.round(Date.now() + expiresInMs),
    };
    store.insert(approval, digest);
    return approval;
  }

  /** Throws an error for the model when the task has used up its approvals. */
  function requireRoom(taskId: string) {
    const { total, pending } = store.count(taskId);
    if (total >= limits.taskApprovals)
      throw new Error(
        `This task has asked for ${total} approvals, which is the limit. Report what is done and end it.`,
      );
    if (pending >= limits.taskPendingApprovals)
      throw new Error(`${pending} calls of this task are waiting for approval. Wait until some of them are decided.`);
  }

  async function wait(id: string, leftMs: number, signal: AbortSignal): Promise<Settled | undefined> {
    const { promise, resolve } = Promise.withResolvers<Settled | undefined>();
    const settle = (status: 'EXPIRED' | 'CANCELLED') => resolve(record(id, status));
    const onAbort = () => (signal.reason === bridgeClosed ? resolve(undefined) : settle('CANCELLED'));
    const expiry = setTimeout(settle, leftMs, 'EXPIRED');
    waiting.set(id, resolve);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    return promise.finally(() => {
      clearTimeout(expiry);
      waiting.delete(id);
      signal.removeEventListener('abort', onAbort);
    });
  }

  function markUsed(id: string) {
    try {
      store.close(id);
    } catch {
      // Without the record, the next process returns the same status for the same call.
    }
  }

  /**
   * Stores a final status that allows nothing. It is returned even if the disk fails, so that no call waits forever.
   */
  function record(id: string, status: 'EXPIRED' | 'CANCELLED'): Settled {
    try {
      return store.settle(id, status) ? status : settledAs(id);
    } catch {
      unrecorded.add(id);
      return status;
    }
  }

  function settledAs(id: string): Settled {
    const status = store.find(id)?.status;
    return status && status !== 'PENDING' ? status : 'CANCELLED';
  }

  return {
    /**
     * Requests an approval and waits for the decision. Returns ALLOWED once per approval, after its use is stored, and
     * undefined when the bridge closes and the approval stays pending.
     */
    async ask(options: AskOptions): Promise<Settled | undefined> {
      const { report, signal, expiresInMs: _, taskId, warning, ...request } = options;
      const digest = createHash('sha256').update(approvalSubject(request)).digest('hex');
      const approval = open(options, digest);
      const leftMs = Math.max(0, Math.min(options.expiresInMs, approval.expiresAt - Date.now()));
      const reportStatus = (status: ApprovalStatus) =>
        report({
          type: 'approval',
          ...request,
          callId: head(request.callId, limits.name),
          approvalId: approval.id,
          digest,
          warning: warning && head(warning, limits.detail),
          allowedDecisions: ['allow-once', 'deny'],
          expiresInMs: Math.round(leftMs),
          status,
        });
      reportStatus('PENDING');
      const status = approval.status === 'PENDING' ? await wait(approval.id, leftMs, signal) : settledAs(approval.id);
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
      waiting.get(id)?.(status);
      return 'decided';
    },
    /** Deletes the approvals of a task that has ended. */
    forget: store.forget,
    /** Deletes the approvals of all other tasks. */
    keepOnly(taskIds: string[]) {
      for (const taskId of store.tasks()) if (!taskIds.includes(taskId)) store.forget(taskId);
    },
    close: store.end,
  };
}
